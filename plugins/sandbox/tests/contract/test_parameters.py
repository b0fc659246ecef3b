"""No query parameter is passed over: each changes the answer or is refused."""

from __future__ import annotations

import pytest
from sync_sandbox.pipedrive.routes import ENDPOINTS

TAKING = [(one.method, one.path, name) for one in ENDPOINTS for name in one.params]
FAR, LONG_AGO = "2099-01-01T00:00:00Z", "2001-01-01T00:00:00Z"
NOBODY = "999999"
# Values of which at least one must change the answer, or be refused for what it says.
VALUES = {
    "limit": ["1"],
    "start": ["1"],
    "sort_by": ["update_time", "add_time", "name", "due_date", "order_nr"],
    "sort_direction": ["desc"],
    "sort": ["id DESC", "title DESC"],
    "updated_since": [FAR],
    "updated_until": [LONG_AGO],
    "start_date": ["2099-01-01"],
    "end_date": ["2001-01-01"],
    "ids": ["2"],
    "owner_id": [NOBODY],
    "user_id": [NOBODY],
    "org_id": [NOBODY],
    "organization_id": [NOBODY],
    "deal_ids": [NOBODY],
    "items": ["note"],
    "since_timestamp": ["2099-01-01 00:00:00"],
    "all_changes": ["1"],
    "person_id": [NOBODY],
    "deal_id": [NOBODY],
    "lead_id": ["00000000-0000-4000-8000-00000000ffff"],
    "project_id": [NOBODY],
    "task_id": [NOBODY],
    "pipeline_id": [NOBODY],
    "stage_id": [NOBODY],
    "filter_id": [NOBODY],
    "status": ["won"],
    "done": ["true"],
    "include_option_labels": ["true"],
    "include_labels": ["true"],
    "include_field_code": ["true"],
    "exact_match": ["true"],
    "match": ["beginning", "middle"],
    "search_for_related_items": ["false"],
    "search_by_email": ["1"],
    "item_types": ["deal"],
    "entity_type": ["deal", "lead"],
    "field": ["owner_id"],
    "term": ["zz"],
    "app": ["projects"],
    "type": ["deals"],
    **{
        f"pinned_to_{pin}_flag": ["1"]
        for pin in ("lead", "deal", "organization", "person", "project", "task")
    },
}
FIELDS = {
    "persons": ["phone"],
    "organizations": ["address"],
    "deals": ["notes"],
    "products": ["code"],
    "itemSearch": ["phone"],
}
INCLUDED = {
    "persons": ["marketing_status"],
    "organizations": ["people_count"],
    "activities": ["attendees"],
    "deals": ["products_count"],
    "personFields": ["ui_visibility"],
    "organizationFields": ["ui_visibility"],
    "dealFields": ["ui_visibility"],
    "productFields": ["ui_visibility"],
    "activityFields": ["ui_visibility"],
}
KEYS = {
    "persons": "$person_field",
    "organizations": "$organization_field",
    "deals": "$deal_field",
    "products": "$product_field",
}
# A search shows these on request only where the record has one, and the sandbox's have none.
NEVER_THERE = {
    ("/api/v2/persons/search", "include_fields"),
    ("/api/v2/deals/search", "include_fields"),
    ("/api/v2/products/search", "include_fields"),
    ("/api/v2/itemSearch", "include_fields"),
}
# Any text but an empty one will do for these.
FREE = ("term", "lead_id")


def kind_of(path):
    return path.split("/")[3] if path.startswith("/api/v2") else path.split("/")[2]


def values_of(path, name):
    kind = kind_of(path)
    if name == "custom_fields":
        return [KEYS[kind]]
    if name == "fields":
        return FIELDS[kind]
    if name == "include_fields":
        return INCLUDED[kind]
    return VALUES[name]


SHAPED = [row for row in TAKING if row[2] != "cursor" and (row[1], row[2]) not in NEVER_THERE]
PAGED = [(method, path) for method, path, name in TAKING if name == "cursor"]


@pytest.mark.parametrize("taking", SHAPED, ids=" ".join)
def test_it_changes_the_answer_or_is_refused(ask, taking):
    method, path, name = taking
    plain = ask(method, path)
    answers = [ask(method, path, **{name: value}) for value in values_of(path, name)]
    assert any(one.status_code == 400 or one.json() != plain.json() for one in answers)


@pytest.mark.parametrize("paged", PAGED, ids=" ".join)
def test_a_cursor_leads_to_other_rows(ask, paged):
    first = ask(*paged, limit=1).json()
    second = ask(*paged, limit=1, cursor=first["additional_data"]["next_cursor"]).json()
    assert second["data"] != first["data"]


@pytest.mark.parametrize("taking", TAKING, ids=" ".join)
def test_a_value_that_can_not_be_is_refused_by_name(ask, taking):
    method, path, name = taking
    for value in ("",) if name in FREE else ("", "%%"):
        answer = ask(method, path, **{name: value})
        assert answer.status_code == 400
        assert answer.json()["error"].startswith(f"Validation failed: {name}: ")


@pytest.mark.parametrize("one", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_a_parameter_that_no_file_lists_is_refused(ask, one):
    answer = ask(one.method, one.path, made_up="1")
    assert answer.status_code == 400
    assert "made_up" in answer.json()["error"]
