"""What hangs on deals: products, and the log of what changed."""

from __future__ import annotations

import pytest

SEAT = {"product_id": 1, "item_price": 10, "quantity": 3}


@pytest.fixture
def deal(pipedrive):
    return pipedrive.make("/api/v2/deals", title="Ten seats", currency="EUR")


@pytest.fixture
def products(deal):
    return f"/api/v2/deals/{deal['id']}/products"


@pytest.mark.parametrize(
    ("discount", "total"),
    [
        ({}, 30),
        ({"discount": 10}, 27),
        ({"discount": 10, "discount_type": "amount"}, 20),
    ],
)
def test_an_attached_product_sums_up_less_its_discount(pipedrive, products, discount, total):
    made = pipedrive.make(products, **SEAT, **discount)
    assert (made["sum"], made["currency"]) == (total, "EUR")
    assert pipedrive.data(products) == [made]


def test_a_product_is_changed_and_detached(pipedrive, products, deal):
    made = pipedrive.make(products, **SEAT)
    one = f"{products}/{made['id']}"
    assert pipedrive.patch(one, {"quantity": 4}).json()["data"]["sum"] == 40
    shown = pipedrive.data(f"/api/v2/deals/{deal['id']}", include_fields="products_count")
    assert shown["products_count"] == 1
    assert pipedrive.delete(one).json()["data"] == {"id": made["id"]}
    assert pipedrive.data(products) == []
    assert pipedrive.delete(one).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"product_id": 1, "quantity": 1}, "item_price"),
        ({**SEAT, "product_id": 999_999}, "product_id"),
        ({**SEAT, "quantity": "3"}, "quantity"),
        ({**SEAT, "billing_frequency": "weekly"}, "billing_frequency_cycles"),
        ({**SEAT, "sum": 5}, "sum"),
    ],
)
def test_a_product_that_can_not_be_is_refused(pipedrive, products, body, field):
    answer = pipedrive.post(products, body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"Validation failed: {field}: ")


def test_the_flow_tells_what_changed_newest_first(sandbox, pipedrive, deal):
    sandbox.clock.advance(5)
    pipedrive.patch(f"/api/v2/deals/{deal['id']}", {"stage_id": 2})
    sandbox.clock.advance(5)
    pipedrive.make("/v1/notes", content="Wants twelve", deal_id=deal["id"])
    flow = pipedrive.data(f"/v1/deals/{deal['id']}/flow")
    assert (flow[0]["object"], flow[0]["data"]["content"]) == ("note", "Wants twelve")
    changes = {one["data"]["field_key"]: one["data"] for one in flow[1:]}
    assert flow[-1]["data"]["field_key"] == "add_time"
    assert (changes["stage_id"]["old_value"], changes["stage_id"]["new_value"]) == (1, 2)
    only = pipedrive.data(f"/v1/deals/{deal['id']}/flow", items="note")
    assert [one["object"] for one in only] == ["note"]


def test_the_flow_holds_custom_fields_on_request(pipedrive, deal):
    field = pipedrive.make("/api/v2/dealFields", field_name="Region", field_type="varchar")
    key = field["field_code"]
    pipedrive.patch(f"/api/v2/deals/{deal['id']}", {"custom_fields": {key: "North"}})
    path = f"/v1/deals/{deal['id']}/flow"
    assert key not in [one["data"]["field_key"] for one in pipedrive.data(path)]
    assert key in [one["data"]["field_key"] for one in pipedrive.data(path, all_changes="1")]


@pytest.mark.parametrize(("position", "status"), [("gone", 404), ("serve", 200)])
def test_a_switch_says_whether_the_old_list_answers(sandbox, pipedrive, products, position, status):
    sandbox.switches.set("pipedrive.out_of_support_v1", position)
    made = pipedrive.make(products, **SEAT)
    answer = pipedrive.get(products.replace("/api/v2", "/v1"))
    assert answer.status_code == status
    rows = answer.json()["data"] or []
    assert [row["id"] for row in rows] == ([made["id"]] if position == "serve" else [])
