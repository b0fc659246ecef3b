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
    mapped: dict[str, Any] | None = None

    def record(self, key: str | None, number: str = "1", **values: Any) -> dict[str, Any]:
        """A source record; the id of an account is its key."""
        own = {self.id: number} if self.id != self.key else {}
        return {**own, self.key: key, **self.named, **values}

    def valued(self, key: str, value: Any) -> dict[str, Any]:
        """A source record with a value for the mapped field."""
        return self.record(key, **{self.field[0]: value})

    def settings(self, **more: Any) -> dict[str, Any]:
        about = {"create": True, **more}
        if self.mapped is None:
            return {self.stream: about}
        lines = [*self.mapped["fields"], *about.get("fields", ())]
        return {"streams": {self.stream: {**self.mapped, **about, "fields": lines}}}

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
#: Accounts are keyed by their id; a warehouse's rows have an id, and a key that may change.
FIRM = Kind(
    "firms",
    "organization",
    "id",
    "number",
    {"name": "Acme"},
    ("phase", "Customer health"),
    ("Good", "Bad"),
    {
        "entity": "organization",
        "match": {"from": "number", "to": "Account ID"},
        "id": "id",
        "fields": [{"from": "name", "to": "Name"}],
    },
)
both = pytest.mark.parametrize("kind", [PERSON, ORGANIZATION], ids=["person", "organization"])
rekeyed = pytest.mark.parametrize("kind", [PERSON, FIRM], ids=["person", "organization"])


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


#: Type of field, the source's first value and how it reads back, and another one.
KINDS: list[tuple[str, Any, Any, Any, Any]] = [
    ("varchar", "Lead", "Lead", "Won", "Won"),
    ("text", "One", "One", "Line one\nline two", "Line one\nline two"),
    ("varchar_auto", "Brussels", "Brussels", "Ghent", "Ghent"),
    ("phone", "+32 2 555 01", "+32 2 555 01", "+32 2 555 02", "+32 2 555 02"),
    ("double", 12.75, 12.75, 0.125, 0.125),
    ("monetary", {"value": 5.5, "currency": "EUR"}, {"value": 5.5, "currency": "EUR"},
     "6.25 USD", {"value": 6.25, "currency": "USD"}),
    ("date", "2026-01-31", "2026-01-31", "2026-02-28", "2026-02-28"),
    ("date", "2026-01-31T20:15:00Z", "2026-01-31", "2026-02-28T07:00:00Z", "2026-02-28"),
    ("daterange", "2026-01-01/2026-02-01", {"value": "2026-01-01", "until": "2026-02-01"},
     "2026-03-01/2026-04-01", {"value": "2026-03-01", "until": "2026-04-01"}),
    ("address", "1 Main St, Ghent", "1 Main St, Ghent", "2 High St, Bruges", "2 High St, Bruges"),
]  # fmt: skip
ANY = {"type": ["string", "number", "object", "null"]}


@pytest.mark.usual("pipedrive.patch_custom_fields")
@both
def test_one_run_can_change_values_and_fill_new_ones_of_every_type_each_read_back_as_sent(
    kind, target, crm, known, sandbox
):
    record_id = known(kind, KEYS[kind.entity])
    labels = [f"{at} {case[0]}" for at, case in enumerate(KINDS)]
    for label, (sort, *_) in zip(labels, KINDS, strict=True):
        new = {"entity": kind.entity, "name": label, "type": sort}
        sandbox.apply(pipedrive={"add_field": new})
    fields = [{"from": f"c{at}", "to": label} for at, label in enumerate(labels)]

    def sent(place: int, *columns: int) -> Any:
        values = {f"c{at}": KINDS[at][place] for at in columns}
        (schema, *rest) = target.stream(kind.stream, kind.record(KEYS[kind.entity], **values))
        known = {**schema["schema"]["properties"], **{f"c{at}": ANY for at in range(len(KINDS))}}
        schema["schema"] = {**schema["schema"], "properties": known}
        return target.run([schema, *rest], **kind.settings(fields=fields))

    def shown() -> list[Any]:
        row = crm.stored(record_id, kind.entity)
        kinds = [(row.get(label), case[0]) for label, case in zip(labels, KINDS, strict=True)]
        return [value["value"] if value and sort == "address" else value for value, sort in kinds]

    half = range(0, len(KINDS), 2)
    sent(1, *half)
    assert shown() == [case[2] if at in half else None for at, case in enumerate(KINDS)]
    crm.writes()
    run = sent(3, *range(len(KINDS)))  # every second is changed, and the others are new
    assert run.counts[kind.stream] == {"updated": 1}, run.log
    assert shown() == [case[4] for case in KINDS]
    assert len(crm.writes()) == 1
    assert sent(3, *range(len(KINDS))).counts[kind.stream] == {"unchanged": 1}
    assert sorted(keys(crm, kind, record_id)) == [KEYS[kind.entity]]


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


@pytest.mark.usual("pipedrive.patch_lists")
@rekeyed
def test_the_key_changes_and_only_the_old_one_is_known_so_that_record_carries_only_the_new_one(
    kind, send, crm, known
):
    old, new = KEYS[kind.entity], NEW[kind.entity]
    record_id = known(kind, old)
    send(kind, kind.record(old))
    run = send(kind, kind.record(new))
    assert run.counts[kind.stream] == {"updated": 1}
    assert ids(crm, kind) == [record_id]
    assert keys(crm, kind, record_id) == [new]
    assert send(kind, kind.record(new)).counts[kind.stream] == {"unchanged": 1}


@rekeyed
def test_the_remembered_old_key_is_unknown_to_the_crm_so_the_record_is_created_under_the_new_one(
    kind, send, crm, known
):
    old, new = KEYS[kind.entity], NEW[kind.entity]
    gone = known(kind, old)
    send(kind, kind.record(old))
    crm.delete(gone, f"{kind.entity}s")
    run = send(kind, kind.record(new))
    assert run.counts[kind.stream] == {"created": 1}
    (made,) = set(ids(crm, kind)) - {gone}
    assert keys(crm, kind, made) == [new]


@rekeyed
def test_both_keys_exist_as_different_records_so_the_old_one_stays_and_the_duplicate_is_reported(
    kind, send, crm, known
):
    old, new = known(kind, KEYS[kind.entity]), known(kind, NEW[kind.entity])
    send(kind, kind.record(KEYS[kind.entity]))
    before = crm.stored(old, kind.entity)
    record = kind.record(NEW[kind.entity], **{kind.field[0]: kind.values[0]})
    run = send(kind, record, fields=[kind.line()])
    assert crm.stored(old, kind.entity) == before
    (line,) = run.lines
    assert str(old) in line.text
    assert str(new) in line.text
    assert keys(crm, kind, new) == [NEW[kind.entity]]
    assert run.counts[kind.stream] == {"updated": 1}


# Segment membership, where a line writes it: one field with several options, of which each stands
# for a segment. Pipedrive's saved filters are never made or changed: people filter by the field.

SEGMENTS = {"from": "segments", "to": "Segments"}
MADE = {"create_missing_fields": True, "create_missing_options": True}


@pytest.fixture
def join(target):
    """Send a record with the segments that it is in."""

    def run(kind: Kind, *segments: str, **more: Any) -> Any:
        record = kind.record(KEYS[kind.entity], segments=[*segments])
        settings = {**MADE, **kind.settings(fields=[SEGMENTS]), **more}
        return target.run(target.stream(kind.stream, record), **settings)

    return run


def options(crm, kind: Kind) -> dict[int, str]:
    field = crm.sandbox.pipedrive.field(kind.entity, "Segments")
    return {each["id"]: each["label"] for each in field["options"]}


def shown(crm, kind: Kind) -> set[str]:
    """The segments that the one record is shown to be in."""
    (record_id,) = ids(crm, kind)
    chosen = crm.stored(record_id, kind.entity).get("Segments") or []
    return {label for option, label in options(crm, kind).items() if option in chosen}


@both
def test_joining_segments_makes_the_missing_field_and_options_and_sets_the_membership(
    kind, join, crm, known
):
    known(kind, KEYS[kind.entity])
    join(kind, "Power users", "Trial")
    assert shown(crm, kind) == {"Power users", "Trial"}
    assert not [call for call in crm.writes() if "filters" in call]


@both
def test_leaving_one_segment_clears_that_membership_only(kind, join, crm):
    join(kind, "Power users", "Trial")
    join(kind, "Trial")
    assert shown(crm, kind) == {"Trial"}


@both
def test_leaving_a_segment_that_has_no_option_in_the_crm_makes_none(kind, join, crm, known):
    known(kind, KEYS[kind.entity])
    join(kind, "Trial")
    known_options = options(crm, kind)  # one for each segment that the stream says there is
    run = join(kind, "Trial", "Beta testers", create_missing_options=False)
    assert "no option of the field fits the value" in run.text("bad_value")
    crm.writes()
    join(kind, "Trial")
    assert not [call for call in crm.writes() if "Fields" in call]
    assert options(crm, kind) == known_options


@both
def test_a_new_record_with_a_new_segment_arrives_complete_in_one_run(kind, join, crm):
    run = join(kind, "Power users")
    assert run.counts[kind.stream] == {"created": 1}
    assert shown(crm, kind) == {"Power users"}


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


@rekeyed
def test_a_delete_with_a_changed_key_of_which_only_the_old_one_is_known_takes_that_record(
    kind, send, crm, known
):
    record_id = known(kind, KEYS[kind.entity])
    send(kind, kind.record(KEYS[kind.entity]))
    crm.writes()
    send(kind, kind.record(NEW[kind.entity], **GONE), on_delete="delete")
    assert crm.writes() == [f"DELETE /api/v2/{kind.entity}s/{record_id}"]


@rekeyed
def test_a_delete_with_a_changed_key_of_which_both_are_known_takes_the_record_with_the_current_key(
    kind, send, crm, known
):
    old, new = known(kind, KEYS[kind.entity]), known(kind, NEW[kind.entity])
    send(kind, kind.record(KEYS[kind.entity]))
    send(kind, kind.record(NEW[kind.entity]))
    crm.writes()
    send(kind, kind.record(NEW[kind.entity], **GONE), on_delete="delete")
    assert crm.writes() == [f"DELETE /api/v2/{kind.entity}s/{new}"]
    assert not crm.stored(old, kind.entity)["is_deleted"]


@both
def test_deleting_what_does_not_exist_succeeds_writes_nothing_and_makes_nothing(kind, send, crm):
    run = send(kind, kind.record(KEYS[kind.entity], **GONE), on_delete="delete")
    assert run.exit_code == 0
    assert crm.writes() == []
    assert ids(crm, kind) == []


# Fields


def test_single_options_take_labels_before_numbers(send, crm, known):
    """A number stands for an option only where none has it as its label."""
    record_id = known(PERSON, "ann@acme.example")
    line = {"from": "health", "to": "Customer health"}
    good = crm.option("Customer health", "Good")
    crm.add_options(f"personFields/{crm.key('Customer health')}/options", str(good))
    for value in ("Good", str(good)):
        send(PERSON, PERSON.record("ann@acme.example", health=value), fields=[line])
        stored = crm.stored(record_id)["Customer health"]
        assert stored == crm.option("Customer health", value)
    assert stored != good


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


def test_several_options_and_ranges_of_time_are_written_and_the_unsupported_is_refused_by_name(
    send, crm, known
):
    record_id = known(PERSON, "ann@acme.example")
    fields = [{"from": "interests", "to": "Interests"}, {"from": "health", "to": "Office hours"}]
    record = PERSON.record("ann@acme.example", interests=["Billing"], health="09:00/17:30")
    send(PERSON, record, fields=fields)
    row = crm.stored(record_id)
    assert row["Interests"] == [crm.option("Interests", "Billing")]
    assert (row["Office hours"]["value"], row["Office hours"]["until"]) == ("09:00:00", "17:30:00")
    run = send(PERSON, record, fields=[{"from": "health", "to": "Picture"}])
    assert run.exit_code == 1
    assert "the Pipedrive field 'Picture' can't be written" in run.log


def test_harmless_built_in_fields_are_offered_and_what_a_record_needs_is_asked_for_by_name(
    send, crm
):
    fields = [{"from": "phone", "to": "Phone"}, {"from": "health", "to": "Owner"}]
    record = PERSON.record("ann@acme.example", phone="+32 2 555 01", health="bob@acme.com")
    send(PERSON, record, fields=fields)
    (person,) = ids(crm, PERSON)
    row = crm.stored(person)
    assert [each["value"] for each in row["phones"]] == ["+32 2 555 01"]
    assert row["owner_id"] == 2
    bare = {**PERSON.record("cy@acme.example", "2"), "first_name": None, "last_name": None}
    crm.writes()
    run = send(PERSON, bare)
    assert crm.writes() == []
    assert "the user has no name, which Pipedrive requires" in run.text("incomplete")


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
