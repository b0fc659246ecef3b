"""Behaviours that the testers of other writers asked for, each under its own name.

The list was gathered from the tests of published connectors and the issues of their users. Where it
says person and organization, both are tried.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest


class Kind(NamedTuple):
    """A person or an organization, as the journy side names it."""

    stream: str
    entity: str
    id: str
    key: str
    named: dict[str, Any]
    field: tuple[str, str]
    values: tuple[Any, Any]

    def record(self, key: str | None, number: str = "1", **values: Any) -> dict[str, Any]:
        """A source record; the id of an account is its key."""
        own = {self.id: number} if self.id != self.key else {}
        return {**own, self.key: key, **self.named, **values}

    def valued(self, key: str, value: Any) -> dict[str, Any]:
        """A source record with a value for the mapped field."""
        return self.record(key, **{self.field[0]: value})

    def settings(self, **more: Any) -> dict[str, Any]:
        return {self.stream: {"create": True, **more}}

    def line(self, **more: Any) -> dict[str, Any]:
        return {"from": self.field[0], "to": self.field[1], **more}


PERSON = Kind(
    "users",
    "person",
    "user_id",
    "email",
    {"first_name": "Ann", "last_name": "Lee"},
    ("lifecycle", "Lifecycle stage"),
    ("Trial", "Customer"),
)
ORGANIZATION = Kind(
    "accounts",
    "organization",
    "account_id",
    "account_id",
    {"name": "Acme"},
    ("mrr", "MRR"),
    (10, 20.5),
)
both = pytest.mark.parametrize("kind", [PERSON, ORGANIZATION], ids=["person", "organization"])


@pytest.fixture
def known(crm):
    """Make a record that has the key, and a text that nobody maps."""

    def make(kind: Kind, key: str, **values: Any) -> int:
        if kind is PERSON:
            return crm.person(key, **values)
        return crm.organization("Acme", custom={"Account ID": key}, **values)

    return make


@pytest.fixture
def send(target):
    """Send records of a kind through the command line."""

    def run(kind: Kind, *records: dict[str, Any], **settings: Any) -> Any:
        return target.run(target.stream(kind.stream, *records), **kind.settings(**settings))

    return run


def keys(crm, kind: Kind, record_id: int) -> list[str]:
    row = crm.stored(record_id, kind.entity)
    if kind is PERSON:
        return [each["value"] for each in row["emails"]]
    return [row["Account ID"]]


def ids(crm, kind: Kind) -> list[int]:
    return list(crm.sandbox.pipedrive.rows(kind.entity))


KEYS = {"person": "ann@acme.example", "organization": "a1"}
NEW = {"person": "ann@new.example", "organization": "a2"}


# Create and refuse


@both
def test_a_record_unknown_to_the_crm_is_created_once_and_is_then_found_by_its_key(
    kind, send, crm, target
):
    record = kind.record(KEYS[kind.entity])
    send(kind, record)
    (made,) = ids(crm, kind)
    assert keys(crm, kind, made) == [KEYS[kind.entity]]
    assert crm.stored(made, kind.entity)["name"] in {"Ann Lee", "Acme"}
    target.forget()
    assert send(kind, record).counts[kind.stream] == {"unchanged": 1}
    assert ids(crm, kind) == [made]


@both
def test_a_record_without_its_key_is_refused_with_the_field_s_name_and_nothing_is_sent(
    kind, send, crm
):
    run = send(kind, kind.record(None))
    assert crm.writes() == []
    (line,) = run.lines
    assert line.outcome in {"skipped", "rejected"}
    assert {"person": "e-mail address", "organization": "account"}[kind.entity] in line.text


def test_a_person_without_a_name_is_refused_in_the_same_way(send, crm):
    run = send(PERSON, {"user_id": "u1", "email": "ann@acme.example"})
    assert crm.writes() == []
    assert "name" in run.text("incomplete")


@both
def test_when_creating_is_not_permitted_an_unknown_record_is_refused_with_that_reason(
    kind, send, crm
):
    run = send(kind, kind.record(KEYS[kind.entity]), create=False)
    assert crm.writes() == []
    assert "creating is off" in run.text("no_match")


# Update


@both
def test_adding_fields_to_a_known_record_sets_them_and_touches_nothing_else(
    kind, send, crm, known, bodies
):
    record_id = known(kind, KEYS[kind.entity])
    before = crm.stored(record_id, kind.entity)
    bodies.clear()
    run = send(kind, kind.valued(KEYS[kind.entity], kind.values[0]), fields=[kind.line()])
    after = crm.stored(record_id, kind.entity)
    assert run.counts[kind.stream] == {"updated": 1}
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed - {"update_time", "custom_fields"} == {kind.field[1]}
    assert keys(crm, kind, record_id) == [KEYS[kind.entity]]


@both
def test_when_updating_is_not_permitted_the_stored_value_stays(kind, send, crm, known):
    record_id = known(kind, KEYS[kind.entity])
    line = kind.line(write="on_create")
    run = send(kind, kind.valued(KEYS[kind.entity], kind.values[0]), fields=[line])
    assert crm.writes() == []
    assert run.counts[kind.stream] == {"unchanged": 1}
    assert crm.stored(record_id, kind.entity).get(kind.field[1]) is None


@both
def test_a_value_that_disappears_from_the_source_is_cleared_while_key_and_name_stay(
    kind, send, crm, known
):
    record_id = known(kind, KEYS[kind.entity])
    send(kind, kind.valued(KEYS[kind.entity], kind.values[0]), fields=[kind.line()])
    assert crm.stored(record_id, kind.entity)[kind.field[1]] == kind.values[0]
    send(kind, kind.valued(KEYS[kind.entity], None), fields=[kind.line()])
    row = crm.stored(record_id, kind.entity)
    assert not row.get(kind.field[1])
    assert keys(crm, kind, record_id) == [KEYS[kind.entity]]
    assert row["name"] in {"Ann Lee", "Acme"}


# Key changes


def test_the_address_changes_and_only_the_old_one_is_known_so_the_same_person_is_updated(
    send, crm, known
):
    record_id = known(PERSON, "ann@acme.example")
    send(PERSON, PERSON.record("ann@acme.example"))
    run = send(PERSON, PERSON.record("ann@new.example"))
    assert run.counts["users"] == {"updated": 1}
    assert ids(crm, PERSON) == [record_id]
    # The new one is there. The old one stays as well: a colleague may have typed it.
    assert set(keys(crm, PERSON, record_id)) == {"ann@acme.example", "ann@new.example"}


def test_the_remembered_old_key_is_unknown_to_the_crm_so_the_record_is_created_under_the_new_one(
    send, crm, known
):
    gone = known(PERSON, "ann@acme.example")
    send(PERSON, PERSON.record("ann@acme.example"))
    crm.delete(gone)
    run = send(PERSON, PERSON.record("ann@new.example"))
    assert run.counts["users"] == {"created": 1}
    (made,) = set(ids(crm, PERSON)) - {gone}
    assert keys(crm, PERSON, made) == ["ann@new.example"]


def test_both_keys_exist_as_different_records_so_the_old_one_stays_and_the_duplicate_is_reported(
    send, crm, known
):
    old, new = known(PERSON, "ann@acme.example"), known(PERSON, "ann@new.example")
    send(PERSON, PERSON.record("ann@acme.example"))
    before = crm.stored(old)
    run = send(PERSON, PERSON.record("ann@new.example", lifecycle="Trial"), fields=[PERSON.line()])
    assert crm.stored(old) == before
    (line,) = run.lines
    assert str(old) in line.text
    assert str(new) in line.text
    assert crm.stored(new)["emails"][0]["value"] == "ann@new.example"


# Segment membership, where a line writes it

SEGMENTS = {"from": "segments", "to": "Segments"}


@pytest.fixture
def join(target, crm):
    """Send a user with the segments that they are in."""

    def run(*segments: str, **more: Any) -> Any:
        messages = target.stream("users", PERSON.record("ann@acme.example", segments=[*segments]))
        made = {"create_missing_fields": True, "create_missing_options": True, **more}
        return target.run(messages, users={"create": True, "fields": [SEGMENTS]}, **made)

    return run


def shown(crm) -> set[str]:
    """The segments that the one person is shown to be in."""
    (person,) = ids(crm, PERSON)
    chosen = crm.stored(person).get("Segments") or []
    options = crm.sandbox.pipedrive.field("person", "Segments")["options"]
    return {each["label"] for each in options if each["id"] in chosen}


def test_joining_segments_makes_the_missing_field_and_options_and_sets_the_membership(
    join, crm, known
):
    known(PERSON, "ann@acme.example")
    join("Power users", "Trial")
    assert shown(crm) == {"Power users", "Trial"}


def test_leaving_one_segment_clears_that_membership_only(join, crm):
    join("Power users", "Trial")
    join("Trial")
    assert shown(crm) == {"Trial"}


def test_leaving_a_segment_that_has_no_field_in_the_crm_makes_none(join, crm, known):
    known(PERSON, "ann@acme.example")
    join("Trial")
    before = crm.sandbox.pipedrive.field("person", "Segments")["options"]
    crm.writes()
    join()
    assert not [call for call in crm.writes() if "Fields" in call]
    assert crm.sandbox.pipedrive.field("person", "Segments")["options"] == before


def test_a_new_record_with_a_new_segment_arrives_complete_in_one_run(join, crm):
    run = join("Power users")
    assert run.counts["users"] == {"created": 1}
    assert shown(crm) == {"Power users"}


# Delete

GONE = {"_sdc_deleted_at": "2026-11-23T10:00:00Z"}


@both
def test_when_deleting_is_not_permitted_the_row_says_so_and_the_record_stays(
    kind, send, crm, known
):
    record_id = known(kind, KEYS[kind.entity])
    run = send(kind, kind.record(KEYS[kind.entity], **GONE))
    assert crm.writes() == []
    assert run.reasons == {"deleted": 1}
    assert not crm.stored(record_id, kind.entity)["is_deleted"]


@both
@pytest.mark.parametrize("seen", [True, False], ids=["known", "at first sight"])
def test_a_permitted_delete_marks_the_record_as_deleted(kind, send, crm, known, seen):
    record_id = known(kind, KEYS[kind.entity])
    if seen:
        send(kind, kind.record(KEYS[kind.entity]))
    send(kind, kind.record(KEYS[kind.entity], **GONE), on_delete="delete")
    assert crm.stored(record_id, kind.entity)["is_deleted"]


def test_a_delete_with_a_changed_key_of_which_only_the_old_one_is_known_takes_that_record(
    send, crm, known
):
    record_id = known(PERSON, "ann@acme.example")
    send(PERSON, PERSON.record("ann@acme.example"))
    crm.writes()
    send(PERSON, PERSON.record("ann@new.example", **GONE), on_delete="delete")
    assert crm.writes() == [f"DELETE /api/v2/persons/{record_id}"]


@both
def test_deleting_what_does_not_exist_succeeds_writes_nothing_and_makes_nothing(kind, send, crm):
    run = send(kind, kind.record(KEYS[kind.entity], **GONE), on_delete="delete")
    assert run.exit_code == 0
    assert crm.writes() == []
    assert ids(crm, kind) == []


# Fields


def test_single_options_take_labels_and_never_numbers(send, crm, known):
    record_id = known(PERSON, "ann@acme.example")
    line = {"from": "health", "to": "Customer health"}
    send(PERSON, PERSON.record("ann@acme.example", health="Good"), fields=[line])
    assert crm.stored(record_id)["Customer health"] == crm.option("Customer health", "Good")


@both
@pytest.mark.parametrize("name", ["id", "ID"])
def test_mapping_the_id_field_is_refused_at_configuration_time_with_a_sentence_that_names_it(
    kind, send, crm, name
):
    run = send(kind, kind.record(KEYS[kind.entity]), fields=[kind.line(to=name)])
    assert run.exit_code == 1
    assert "can't be written" in run.log
    assert f"{kind.stream}.fields[0]" in run.log
    assert crm.writes() == []


@both
def test_computed_fields_are_not_offered(kind, send, crm):
    run = send(kind, kind.record(KEYS[kind.entity]), fields=[kind.line(to="update_time")])
    assert run.exit_code == 1
    assert crm.writes() == []


# Bursts


@both
def test_create_and_update_of_one_record_that_arrive_together_make_one_record(kind, send, crm):
    first, later = (kind.valued(KEYS[kind.entity], value) for value in kind.values)
    send(kind, first, later, fields=[kind.line()])
    (made,) = ids(crm, kind)
    assert crm.stored(made, kind.entity)[kind.field[1]] == kind.values[1]


def test_two_users_with_one_address_that_arrive_together_make_one_person(send, crm):
    one = PERSON.record("ann@acme.example", "u1")
    other = PERSON.record("ANN@acme.example", "u2")
    run = send(PERSON, one, other)
    assert len(ids(crm, PERSON)) == 1
    assert run.reasons == {"created": 1, "duplicate_key": 1}


def test_a_changed_address_updates_the_same_person_and_makes_no_second_one(send, crm):
    send(PERSON, PERSON.record("ann@acme.example"))
    send(PERSON, PERSON.record("ann@new.example"))
    assert len(ids(crm, PERSON)) == 1


def test_a_burst_of_edits_to_one_record_ends_with_the_latest_values(send, crm, known):
    record_id = known(PERSON, "ann@acme.example")
    edits = [PERSON.record("ann@acme.example", lifecycle=str(n)) for n in range(1200)]
    run = send(PERSON, *edits, fields=[PERSON.line()])
    assert crm.stored(record_id)["Lifecycle stage"] == "1199"
    assert len([call for call in crm.writes() if call.startswith("PATCH")]) <= 3
    assert run.counts["users"]["updated"] <= 3
