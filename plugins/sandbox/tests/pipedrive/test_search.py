from __future__ import annotations

import pytest

SEARCH = "/api/v2/persons/search"
FIELD = "/api/v2/itemSearch/field"


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [hit["item"]["id"] for hit in answer.json()["data"]["items"]]


def test_an_exact_search_by_email_ignores_case_and_takes_whole_values(pipedrive):
    person = pipedrive.person(emails=[{"value": "Ann.Lee@Example.com"}])
    query = {"fields": "email", "exact_match": "true"}
    assert ids(pipedrive.get(SEARCH, term="ann.lee@example.com", **query)) == [person["id"]]
    assert ids(pipedrive.get(SEARCH, term="ann.lee@example", **query)) == []
    assert ids(pipedrive.get(SEARCH, term="lee@example", fields="email")) == [person["id"]]


def test_two_persons_with_one_email_are_two_hits(pipedrive):
    made = [pipedrive.person(emails=[{"value": "two@example.com"}])["id"] for _ in range(2)]
    query = {"term": "two@example.com", "fields": "email", "exact_match": "true"}
    assert ids(pipedrive.get(SEARCH, **query)) == made


def test_a_hit_is_a_projection(pipedrive):
    organization = pipedrive.make("/api/v2/organizations", name="Zed Works")
    person = pipedrive.person(
        name="Zoe Quill", org_id=organization["id"], emails=[{"value": "z@example.com"}]
    )
    item = pipedrive.get(SEARCH, term="zoe quill").json()["data"]["items"][0]["item"]
    assert item["emails"] == ["z@example.com"]
    assert item["organization"]["name"] == "Zed Works"
    assert item["id"] == person["id"]
    query = {"term": "zoe quill", "organization_id": organization["id"] - 1}
    assert ids(pipedrive.get(SEARCH, **query)) == []


def test_deleted_records_are_not_found(pipedrive):
    person = pipedrive.person(name="Zoe Quill")
    pipedrive.delete(f"/api/v2/persons/{person['id']}")
    assert ids(pipedrive.get(SEARCH, term="zoe quill")) == []


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"term": "a"},
        {"term": ""},
        {"term": "ab", "fields": "address"},
        {"term": "ab", "x": "1"},
    ],
    ids=str,
)
def test_a_wrong_search_is_refused(pipedrive, query):
    assert pipedrive.get(SEARCH, **query).status_code == 400


def test_one_character_is_enough_when_exact(pipedrive):
    assert pipedrive.get(SEARCH, term="a", exact_match="true").status_code == 200


def test_a_field_search_is_case_sensitive_and_looks_at_one_field(pipedrive, code):
    key = code("Account ID", "organization")
    made = pipedrive.make("/api/v2/organizations", name="Acme", custom_fields={key: "Acc-77"})
    query = {"entity_type": "organization", "field": key}
    found = pipedrive.data(FIELD, term="Acc-77", **query)
    assert found == [{"id": made["id"], key: "Acc-77"}]
    assert pipedrive.data(FIELD, term="acc-77", **query) == []
    assert pipedrive.data(FIELD, term="Acc-7", **query) == []
    assert [
        hit["id"] for hit in pipedrive.data(FIELD, term="Acc-7", match="beginning", **query)
    ] == [made["id"]]
    assert [hit["id"] for hit in pipedrive.data(FIELD, term="cc-77", match="middle", **query)] == [
        made["id"]
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"term": "x"},
        {"term": "x", "entity_type": "person", "field": "nope"},
        {"term": "x", "entity_type": "company", "field": "name"},
        {"term": "x", "entity_type": "person", "field": "name", "match": "fuzzy"},
        {"term": "x", "entity_type": "person", "field": "name", "match": "middle"},
    ],
    ids=str,
)
def test_a_wrong_field_search_is_refused(pipedrive, query):
    assert pipedrive.get(FIELD, **query).status_code == 400


def test_fields_of_other_types_can_not_be_searched(pipedrive, code):
    query = {"term": "1", "entity_type": "person", "field": code("Customer health")}
    assert pipedrive.get(FIELD, **query).status_code == 400


@pytest.mark.parametrize(("position", "hits"), [("empty", 0), ("find", 1)])
def test_a_switch_says_whether_a_field_search_finds_emails(sandbox, pipedrive, position, hits):
    sandbox.switches.set("pipedrive.item_search_field_emails", position)
    pipedrive.person(emails=[{"value": "a1@example.com"}])
    query = {"term": "a1@example.com", "entity_type": "person", "field": "email"}
    assert len(pipedrive.data(FIELD, **query)) == hits


def test_a_new_record_is_found_when_the_search_has_caught_up(sandbox, pipedrive):
    sandbox.switches.set("pipedrive.search_lag_seconds", 3)
    sandbox.clock.freeze(True)
    person = pipedrive.person(name="Zoe Quill")
    assert ids(pipedrive.get(SEARCH, term="zoe quill")) == []
    sandbox.clock.advance(4)
    assert ids(pipedrive.get(SEARCH, term="zoe quill")) == [person["id"]]


def test_hits_come_in_pages(pipedrive):
    made = [pipedrive.person(name=f"Page Turner {n}")["id"] for n in range(5)]
    first = pipedrive.get(SEARCH, term="page turner", limit=3)
    marker = first.json()["additional_data"]["next_cursor"]
    second = pipedrive.get(SEARCH, term="page turner", limit=3, cursor=marker)
    assert ids(first) + ids(second) == made
    assert second.json()["additional_data"]["next_cursor"] is None


def test_an_exact_search_follows_every_change_of_a_record(pipedrive):
    def found(term):
        return ids(pipedrive.get(SEARCH, term=term, fields="email", exact_match="true"))

    assert found("first@example.com") == []
    person = pipedrive.person(emails=[{"value": "first@example.com"}])
    assert found("first@example.com") == [person["id"]]
    path = f"/api/v2/persons/{person['id']}"
    pipedrive.patch(path, {"emails": [{"value": "second@example.com"}]})
    assert found("first@example.com") == []
    assert found("second@example.com") == [person["id"]]
    pipedrive.delete(path)
    assert found("second@example.com") == []


def test_a_note_is_found_exactly_once_it_is_written(pipedrive):
    person = pipedrive.person()
    query = {"term": "zither", "fields": "notes", "exact_match": "true"}
    assert ids(pipedrive.get(SEARCH, **query)) == []
    pipedrive.make("/v1/notes", content="Zither", person_id=person["id"])
    assert ids(pipedrive.get(SEARCH, **query)) == [person["id"]]
