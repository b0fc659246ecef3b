"""What becomes of a property whose value vanishes in Pipedrive, and of one that journy hasn't."""

from __future__ import annotations

import pytest

ANN = {
    "id": 1,
    "first_name": "Ann",
    "emails": [{"value": "ann@acme.example", "primary": True}],
    "lifecycle_stage": "Trial",
}
LINE = {"from": "Lifecycle stage", "to": "lifecycle"}
EMPTY = {**ANN, "lifecycle_stage": None}


def test_a_value_that_vanishes_stays_in_journy_by_default(plugins, journy):
    plugins.persons(ANN, create=True, fields=[LINE])
    journy.writes()
    plugins.persons(EMPTY, create=True, fields=[LINE])
    assert journy.user("ann@acme.example")["lifecycle"] == "Trial"
    assert journy.writes() == []


def test_a_value_that_vanishes_deletes_the_property_where_the_line_says_so(plugins, journy, bodies):
    fields = [{**LINE, "clear": True}]
    plugins.persons(ANN, create=True, fields=fields)
    bodies.clear()
    run = plugins.persons(EMPTY, create=True, fields=fields)
    assert run.counts["persons"] == {"updated": 1}
    assert [body["properties"] for _, body in bodies] == [{"lifecycle": None}]
    assert "lifecycle" not in journy.user("ann@acme.example")
    journy.writes()
    plugins.persons(EMPTY, create=True, fields=fields)
    assert journy.writes() == []


def test_what_was_never_there_is_not_deleted(plugins, journy):
    journy.put("users", {"userId": "ann@acme.example"}, lifecycle="Lead")
    plugins.persons(EMPTY, create=True, fields=[{**LINE, "clear": True}])
    assert journy.user("ann@acme.example")["lifecycle"] == "Lead"


def test_what_journy_cleared_in_pipedrive_is_deleted_from_where_else_it_had_come_to(sync, journy):
    further = {"from": "Lifecycle stage", "to": "title", "clear": True}

    def to_journy():
        code, text, log = sync.plugins.call("tap-pipedrive")
        assert code == 0, log
        sync.plugins.write(text, persons={"fields": [LINE, further]}, organizations={})

    to_journy()
    assert journy.user("u1")["title"] == "Lead"
    sync.edit_user(lifecycle=None)
    sync.to_pipedrive()
    assert sync.stages() == (None, None)
    to_journy()
    assert "title" not in journy.user("u1")


@pytest.mark.parametrize("clear", ["yes", 1, []])
def test_clear_is_true_or_false(plugins, clear):
    assert plugins.persons(ANN, fields=[{**LINE, "clear": clear}]).exit_code == 1


def test_a_property_that_journy_does_not_have_is_named_before_the_first_record(plugins, journy):
    journy.put("users", {"userId": "x"}, lifecycle="Lead")
    run = plugins.persons(ANN, create=True, fields=[LINE, {"from": "Churn score", "to": "risk"}])
    assert run.exit_code == 0
    warnings = [line for line in run.log.splitlines() if "doesn't have the user property" in line]
    assert len(warnings) == 1
    assert "persons.fields[1]" in warnings[0]


@pytest.mark.parametrize("together", [True, False], ids=["in one run", "later"])
def test_a_person_in_the_place_of_a_deleted_one_clears_nothing_that_they_never_had(
    plugins, journy, together
):
    settings = {"create": True, "fields": [{**LINE, "clear": True}]}
    plugins.persons(ANN, **settings)
    gone, other = {"id": 1, "is_deleted": True}, {**EMPTY, "id": 2}
    for batch in [[gone, other]] if together else [[gone], [other]]:
        plugins.persons(*batch, **settings)
    assert journy.user("ann@acme.example")["lifecycle"] == "Trial"
    plugins.persons({**other, "lifecycle_stage": "Lead"}, **settings)
    assert journy.user("ann@acme.example")["lifecycle"] == "Lead"
    plugins.persons(other, **settings)
    assert "lifecycle" not in journy.user("ann@acme.example")


LEAVES = {
    "deleted": {"id": 1, "is_deleted": True},
    "with another address": {**ANN, "emails": [{"value": "lee@acme.example", "primary": True}]},
}


@pytest.mark.parametrize("left", LEAVES.values(), ids=LEAVES)
@pytest.mark.parametrize("together", [True, False], ids=["in one run", "later"])
def test_nor_does_the_one_of_two_with_one_address_who_stays(plugins, journy, left, together):
    settings = {"create": True, "fields": [{**LINE, "clear": True}]}
    plugins.persons(ANN, **settings)
    other = {**EMPTY, "id": 2}
    assert plugins.persons(other, **settings).reasons == {"duplicate_key": 1}
    for batch in [[left, other]] if together else [[left], [other]]:
        plugins.persons(*batch, **settings)
    assert journy.user("ann@acme.example")["lifecycle"] == "Trial"


def test_one_who_was_there_before_another_with_the_address_still_clears_what_they_had(
    plugins, journy
):
    settings = {"create": True, "fields": [{**LINE, "clear": True}]}
    plugins.persons(ANN, **settings)
    plugins.persons({**EMPTY, "id": 2}, **settings)
    plugins.persons({"id": 2, "is_deleted": True}, EMPTY, **settings)
    assert "lifecycle" not in journy.user("ann@acme.example")
