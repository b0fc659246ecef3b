from __future__ import annotations

import pytest

DEALS = "/api/v2/deals"


def deal(pipedrive, **body):
    return pipedrive.make(DEALS, **{"title": "Big deal", **body})


def ids(rows):
    return {row["id"] for row in rows}


def test_a_new_deal_begins_in_the_first_stage_of_the_first_pipeline(pipedrive):
    made = deal(pipedrive, value=100, currency="EUR")
    assert (made["pipeline_id"], made["stage_id"], made["status"]) == (1, 1, "open")
    assert made["stage_change_time"] == made["add_time"]


def test_a_stage_decides_the_pipeline_and_must_belong_to_it(pipedrive):
    pipeline = pipedrive.make("/api/v2/pipelines", name="Renewals")
    stage = pipedrive.make("/api/v2/stages", name="Asked", pipeline_id=pipeline["id"])
    assert deal(pipedrive, stage_id=stage["id"])["pipeline_id"] == pipeline["id"]
    body = {"title": "Deal", "stage_id": stage["id"], "pipeline_id": 1}
    assert pipedrive.post(DEALS, body).status_code == 400


def test_winning_a_deal_sets_its_times_and_reopening_clears_them(pipedrive):
    path = f"{DEALS}/{deal(pipedrive)['id']}"
    won = pipedrive.patch(path, {"status": "won"}).json()["data"]
    assert won["won_time"] == won["close_time"]
    assert won["local_won_date"] == won["won_time"][:10]
    assert won["lost_time"] is None
    assert pipedrive.patch(path, {"lost_reason": "price"}).status_code == 400
    opened = pipedrive.patch(path, {"status": "open"}).json()["data"]
    assert (opened["won_time"], opened["close_time"]) == (None, None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": ""},
        {"title": "Deal", "value": "100"},
        {"title": "Deal", "currency": "XXX"},
        {"title": "Deal", "status": "deleted"},
        {"title": "Deal", "lost_reason": "price"},
        {"title": "Deal", "won_time": "2025-01-01T00:00:00Z"},
        {"title": "Deal", "is_deleted": True},
        {"title": "Deal", "add_time": "2025-01-01T00:00:00Z"},
        {"title": "Deal", "person_id": 999_999},
        {"title": "Deal", "archive_time": "2025-01-01T00:00:00Z0"},
    ],
    ids=str,
)
def test_a_wrong_deal_is_refused(pipedrive, body):
    assert pipedrive.post(DEALS, body).status_code == 400


def test_archived_deals_are_in_their_own_list_and_stand_still(pipedrive):
    made = deal(pipedrive)
    path = f"{DEALS}/{made['id']}"
    assert pipedrive.patch(path, {"is_archived": True}).json()["data"]["archive_time"]
    assert made["id"] not in ids(pipedrive.data(DEALS, limit=500))
    assert ids(pipedrive.data(f"{DEALS}/archived")) == {made["id"]}
    assert pipedrive.patch(path, {"title": "New"}).status_code == 400
    assert pipedrive.patch(path, {"is_archived": False}).status_code == 200


def test_deleted_deals_are_listed_for_30_days_on_request_only(sandbox, pipedrive):
    made = deal(pipedrive)
    pipedrive.delete(f"{DEALS}/{made['id']}")
    assert made["id"] not in ids(pipedrive.data(DEALS, limit=500))
    assert ids(pipedrive.data(DEALS, status="deleted")) == {made["id"]}
    assert made["id"] in ids(pipedrive.data(DEALS, status="open,won,lost,deleted", limit=500))
    sandbox.clock.advance(31 * 86_400)
    assert pipedrive.data(DEALS, status="deleted") == []


def test_deals_filter_by_status_and_links(pipedrive):
    person = pipedrive.person()
    mine = deal(pipedrive, person_id=person["id"], status="won")
    assert ids(pipedrive.data(DEALS, person_id=person["id"])) == {mine["id"]}
    assert pipedrive.data(DEALS, person_id=person["id"], status="lost") == []
    assert ids(pipedrive.data("/api/v2/persons", deal_id=mine["id"])) == {person["id"]}


def test_products_take_no_updated_until_and_pipelines_no_updated_since(pipedrive):
    moment = "2025-01-01T00:00:00Z"
    assert pipedrive.get("/api/v2/products", updated_since=moment).status_code == 200
    assert pipedrive.get("/api/v2/products", updated_until=moment).status_code == 400
    assert pipedrive.get("/api/v2/pipelines", updated_since=moment).status_code == 400
    assert pipedrive.get("/api/v2/stages", updated_since=moment).status_code == 400


def test_a_product_is_created_with_201_and_its_prices_name_it(pipedrive):
    prices = [{"price": 10, "currency": "EUR"}]
    answer = pipedrive.post("/api/v2/products", {"name": "Plan", "prices": prices})
    assert answer.status_code == 201
    made = answer.json()["data"]
    assert made["prices"][0]["product_id"] == made["id"]
    names = [row["name"] for row in pipedrive.data("/api/v2/products", sort_by="name")]
    assert names == sorted(names)


def test_stages_come_in_their_order(pipedrive):
    stages = pipedrive.data("/api/v2/stages", pipeline_id=1, sort_by="order_nr")
    assert [stage["order_nr"] for stage in stages] == [1, 2, 3, 4, 5]


def test_a_merged_person_goes_and_the_other_keeps_its_values_and_gains_the_rest(pipedrive, code):
    key = code("Product ID")
    loser = pipedrive.person(
        name="Ann Li", emails=[{"value": "b@example.com"}], custom_fields={key: "p"}
    )
    winner = pipedrive.person(emails=[{"value": "a@example.com"}])
    linked = deal(pipedrive, person_id=loser["id"])
    answer = pipedrive.put(f"/v1/persons/{loser['id']}/merge", {"merge_with_id": winner["id"]})
    assert answer.json()["data"]["merge_what_id"] == loser["id"]
    merged = pipedrive.data(f"/api/v2/persons/{winner['id']}")
    assert merged["name"] == "Ann Lee"
    assert [one["value"] for one in merged["emails"]] == ["a@example.com", "b@example.com"]
    assert merged["custom_fields"][key] == "p"
    assert pipedrive.data(f"/api/v2/persons/{loser['id']}")["is_deleted"] is True
    assert pipedrive.data(f"{DEALS}/{linked['id']}")["person_id"] == winner["id"]
    assert (
        pipedrive.put(
            f"/v1/persons/{winner['id']}/merge", {"merge_with_id": winner["id"]}
        ).status_code
        == 400
    )


def test_merged_organizations_take_their_persons_along(pipedrive):
    old, new = (pipedrive.make("/api/v2/organizations", name=name) for name in ("Acm", "Acme"))
    person = pipedrive.person(org_id=old["id"])
    answer = pipedrive.put(f"/v1/organizations/{old['id']}/merge", {"merge_with_id": new["id"]})
    assert answer.json()["data"] == {"id": new["id"]}
    assert pipedrive.data(f"/api/v2/persons/{person['id']}")["org_id"] == new["id"]


def test_item_search_finds_several_kinds_best_first(pipedrive):
    person = pipedrive.person(name="Quorra Zed")
    made = deal(pipedrive, title="Quorra Zed deal", person_id=person["id"])
    query = {"term": "quorra zed", "search_for_related_items": "true"}
    found = pipedrive.data("/api/v2/itemSearch", **query)
    assert [(hit["item"]["type"], hit["item"]["id"]) for hit in found["items"]] == [
        ("person", person["id"]),
        ("deal", made["id"]),
    ]
    assert found["related_items"][0]["item"]["id"] == made["id"]
    only = pipedrive.data("/api/v2/itemSearch", term="quorra zed", item_types="deal,lead")
    assert [hit["item"]["type"] for hit in only["items"]] == ["deal"]
    assert pipedrive.get("/api/v2/itemSearch", term="quorra", limit=101).status_code == 400


def test_deal_search_looks_at_titles_and_notes(pipedrive):
    made = deal(pipedrive, title="Quorra renewal")
    pipedrive.make("/v1/notes", content="likes the zither", deal_id=made["id"])
    for term in ("quorra", "zither"):
        found = pipedrive.data("/api/v2/deals/search", term=term)["items"]
        assert [hit["item"]["id"] for hit in found] == [made["id"]]
    assert pipedrive.data("/api/v2/deals/search", term="quorra", status="won")["items"] == []
