"""The table of field types, cell by cell: each kind of value has a rule, or is refused."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_core.canonical import is_empty
from sync_core.errors import ConfigurationError
from sync_core.mapping import UNKNOWN, ValueMisfitError
from sync_core.mapping.reading import column
from sync_core.pipedrive.fields import Field, Option
from sync_core.pipedrive.fitting import CREATABLE, fitting
from sync_core.pipedrive.values import FIELD_TYPES, How, custom_field
from sync_core.pipedrive.values.kinds import FLAG, LIST, NUMBER, OBJECT, TEXT
from sync_core.pipedrive.values.table import KINDS, table

OPTIONS = tuple(Option(at, label) for at, label in enumerate(["Gold", "5", "Yes", "No"], start=1))
HOW = How(resolve=dict.fromkeys(("user", "org", "people"), lambda value: 7))
MONEY = {"value": 5, "currency": "EUR"}
DAYS = {"value": "2026-01-31", "until": "2026-02-28"}
HOURS = {"value": "09:00:00", "until": "17:00:00", "timezone_name": "Asia/Tokyo"}
PLACE = {"value": "1 Main St", "country": "BE"}

#: Values of each kind that some type takes; every other type refuses all of that kind.
SAMPLES = {
    TEXT: ["a", "5", "gold", "2026-01-31", "2026-01-31/2026-02-28", "09:00", "09:00/17:00"],
    NUMBER: [5, 2.5],
    FLAG: [True, False],
    LIST: [["Gold"], ["a", "b"]],
    OBJECT: [MONEY, DAYS, HOURS, PLACE, {"value": "a"}, {"value": "2026-01-31"}, {"value": 5},
             {"value": "Gold"}, {"a": 1}],
}  # fmt: skip
#: (field type, kind) -> a value of the kind, and what is written.
CELLS = {
    **{
        (kind, of): case
        for kind in ("varchar", "varchar_auto", "text", "phone")
        for of, case in {
            TEXT: (" a ", "a"), NUMBER: (2.50, "2.5"), FLAG: (True, "true"),
            LIST: (["a", "b"], "a, b"), OBJECT: ({"value": "a", "x": 1}, "a"),
        }.items()
    },
    ("double", TEXT): ("2.5", 2.5),
    ("double", NUMBER): (2.5, 2.5),
    ("double", OBJECT): (MONEY, 5),
    ("monetary", TEXT): ("5 USD", {"value": 5, "currency": "USD"}),
    ("monetary", NUMBER): (5, MONEY),
    ("monetary", OBJECT): (MONEY, MONEY),
    ("enum", TEXT): ("gold", 1),
    ("enum", NUMBER): (5, 2),
    ("enum", FLAG): (True, 3),
    ("enum", OBJECT): ({"value": "Gold"}, 1),
    ("set", TEXT): ("gold", [1]),
    ("set", NUMBER): (5, [2]),
    ("set", FLAG): (False, [4]),
    ("set", LIST): (["gold", 5], [1, 2]),
    ("set", OBJECT): ({"value": "Gold"}, [1]),
    ("date", TEXT): ("2026-01-31", "2026-01-31"),
    ("date", OBJECT): ({"value": "2026-01-31"}, "2026-01-31"),
    ("daterange", TEXT): ("2026-01-31/2026-02-28", DAYS),
    ("daterange", OBJECT): (DAYS, DAYS),
    ("time", TEXT): ("9:00", {"value": "09:00:00"}),
    ("time", OBJECT): (HOURS, {"value": "09:00:00", "timezone_name": "Asia/Tokyo"}),
    ("timerange", TEXT): ("9:00/17:00", {"value": "09:00:00", "until": "17:00:00"}),
    ("timerange", OBJECT): (HOURS, HOURS),
    ("address", TEXT): ("1 Main St", {"value": "1 Main St"}),
    ("address", OBJECT): (PLACE, PLACE),
    **{
        (kind, of): case
        for kind in ("user", "org", "people")
        for of, case in {TEXT: ("a", 7), NUMBER: (5, 7), OBJECT: ({"value": "a"}, 7)}.items()
    },
}  # fmt: skip


def field(kind, how=HOW, **details):
    return custom_field(Field("k", "Label", kind, True, OPTIONS), "here", how, details)


def sent(target, value):
    """What a record with this value makes the target send to an empty field."""
    read = column("c", None, whole=target.whole)({"c": value})
    wanted = target.convert(read)
    return target.combine(None, wanted)


EVERY = [(kind, of) for kind in FIELD_TYPES for of in KINDS]


@pytest.mark.parametrize("cell", EVERY, ids=lambda cell: f"{cell[1]} into {cell[0]}")
def test_each_cell_of_the_table_is_a_rule_that_holds_or_a_refusal(cell):
    kind, of = cell
    if of not in FIELD_TYPES[kind].rules:
        assert cell not in CELLS
        for value in SAMPLES[of]:
            with pytest.raises(ValueMisfitError):
                sent(field(kind), value)
        return
    value, expected = CELLS[cell]
    found = field(kind, HOW, **({"currency": "EUR"} if kind == "monetary" else {}))
    written = sent(found, value)
    assert written == expected
    wanted = found.convert(column("c", None, whole=found.whole)({"c": value}))
    assert found.holds(written, wanted), "a second run has nothing to write"
    assert not found.holds(None, wanted)
    assert found.plain(None) is None


@pytest.mark.parametrize("cell", sorted(CELLS), ids=lambda cell: f"{cell[1]} into {cell[0]}")
def test_what_a_type_stores_comes_back_as_what_it_holds_already(cell):
    value, expected = CELLS[cell]
    details = {"currency": expected["currency"]} if cell[0] == "monetary" else {}
    target = field(cell[0], HOW, **details)
    stored = sent(target, value)
    assert target.holds(stored, target.convert(target.plain(stored)))


def test_the_table_has_a_row_for_each_type_and_a_cell_for_each_kind():
    lines = table().splitlines()
    assert len(lines) == len(FIELD_TYPES) + 2
    assert {line.count("|") for line in lines} == {len(KINDS) + 2}
    assert sum(line.count("| refused") for line in lines) == len(EVERY) - len(CELLS)


# What a line says besides


@pytest.mark.parametrize(
    ("kind", "value", "zone", "stored"),
    [
        ("date", "2026-01-31T23:30:00Z", "Europe/Brussels", "2026-02-01"),
        ("date", "2026-01-31T23:30:00-08:00", "UTC", "2026-02-01"),
        ("date", "2026-01-31T23:30:00", "Europe/Brussels", "2026-01-31"),
        ("date", "2026-01-31", "Europe/Brussels", "2026-01-31"),
        ("daterange", "2026-01-31T23:30:00Z/2026-02-01", "Europe/Brussels",
         {"value": "2026-02-01", "until": "2026-02-01"}),
        ("time", "2026-07-31T09:00:00Z", "Europe/Brussels",
         {"value": "11:00:00", "timezone_name": "Europe/Brussels"}),
        ("time", "2026-07-31T09:00:00.123+02:00", "Asia/Tokyo",
         {"value": "16:00:00", "timezone_name": "Asia/Tokyo"}),
        ("time", "09:00", "Asia/Tokyo", {"value": "09:00:00", "timezone_name": "Asia/Tokyo"}),
        ("time", HOURS, "Europe/Brussels",
         {"value": "09:00:00", "timezone_name": "Asia/Tokyo"}),
        ("timerange", "09:00/17:00", "UTC",
         {"value": "09:00:00", "until": "17:00:00", "timezone_name": "UTC"}),
    ],
    ids=str,
)  # fmt: skip
def test_a_point_in_time_is_read_in_the_zone_of_the_line(kind, value, zone, stored):
    assert sent(field(kind, zone=zone), value) == stored


def test_a_day_or_time_that_does_not_exist_is_refused_in_a_zone_as_well():
    with pytest.raises(ValueMisfitError, match="YYYY-MM-DD"):
        field("date", zone="UTC").convert("2026-02-30T09:00:00Z")
    with pytest.raises(ValueMisfitError, match="HH:MM"):
        field("time", zone="UTC").convert("2026-02-30T09:00:00Z")
    for value in ("2026-01-01T24:00:00Z", "2026-01-01T23:00:00+25:00", "2026-01-01T23:60:00Z"):
        with pytest.raises(ValueMisfitError, match="that exist"):
            field("date", zone="America/New_York").convert(value)


@pytest.mark.parametrize("kind", ["date", "daterange", "time", "timerange"])
@pytest.mark.parametrize(
    ("value", "zone"),
    [("9999-12-31T23:59:59Z", "Europe/Brussels"), ("0001-01-01T00:00:00Z", "America/New_York")],
)
def test_a_point_in_time_that_is_in_no_year_of_the_zone_is_refused(kind, value, zone):
    given = f"{value}/{value}" if kind.endswith("range") else value
    with pytest.raises(ValueMisfitError, match="of the years 1 to 9999"):
        field(kind, zone=zone).convert(given)


@pytest.mark.parametrize(
    ("kind", "details", "words"),
    [
        ("varchar", {"currency": "EUR"}, "'Label' is of type varchar, .* currency; leave it out"),
        ("monetary", {"zone": "UTC"}, "no use for zone; of such keys it knows currency"),
        ("enum", {"merge": "add"}, "no use for merge"),
        ("date", {"zone": "Mars"}, "there is no time zone 'Mars'"),
    ],
)
def test_what_a_field_has_no_use_for_is_refused_by_name(kind, details, words):
    with pytest.raises(ConfigurationError, match=f"^here.*{words}"):
        field(kind, **details)


def test_a_zone_or_a_currency_that_the_source_does_not_tell_stays_as_it_is():
    time = field("time")
    stored = {"value": "08:00:00", "timezone_id": 5, "timezone_name": "Asia/Tokyo"}
    assert time.combine(stored, time.convert("09:00")) == {
        "value": "09:00:00", "timezone_name": "Asia/Tokyo",
    }  # fmt: skip
    there = time.convert({"value": "09:00", "timezone_name": "Europe/Paris"})
    assert time.combine(stored, there)["timezone_name"] == "Europe/Paris"
    assert time.holds(stored, time.convert("8:00"))
    money = field("monetary", How())
    assert money.combine({"value": 1, "currency": "SEK"}, money.convert(5)) == {
        "value": 5, "currency": "SEK",
    }  # fmt: skip
    assert money.holds({"value": 5.0, "currency": "SEK"}, money.convert("5"))
    assert not money.holds({"value": 5, "currency": "SEK"}, money.convert("5 EUR"))
    with pytest.raises(ValueMisfitError, match="currency beside the amount"):
        money.combine(None, money.convert(5))


@pytest.mark.parametrize("kind", sorted(FIELD_TYPES))
def test_no_type_of_field_repeats_a_value_that_it_refuses(kind):
    secret = "jane@acme.example"
    for value in ({"a": secret}, {"value": {"b": secret}}, [[secret]], [{"a": secret}], UNKNOWN):
        with pytest.raises(ValueMisfitError) as caught:
            field(kind).convert(value)
        assert "jane" not in str(caught.value)


# The type that fits a source


@pytest.mark.parametrize(
    ("about", "fit"),
    [
        ({}, None),
        ({"type": ["string", "number", "boolean", "array", "null"]}, None),
        ({"type": ["null"]}, None),
        ({"type": "string"}, ("varchar", ())),
        ({"type": ["string", "null"], "maxLength": 256}, ("text", ())),
        ({"type": "string", "format": "date"}, ("date", ())),
        ({"type": "string", "format": "date-time"}, ("date", ())),
        ({"type": "string", "format": "time"}, ("time", ())),
        ({"type": "string", "format": "uri"}, ("varchar", ())),
        ({"type": "string", "enum": ["a", "b", None]}, ("enum", ("a", "b"))),
        ({"type": "integer"}, ("double", ())),
        ({"type": ["null", "number", "integer"]}, ("double", ())),
        ({"type": ["boolean", "null"]}, ("enum", ("Yes", "No"))),
        ({"type": ["string", "number"]}, ("varchar", ())),
        ({"type": "array", "items": {"type": "string"}}, ("text", ())),
        ({"type": "array", "items": {"enum": ["a"]}}, ("set", ("a",))),
        ({"type": "array", "x-journy": {"segments": ["VIP"]}}, ("set", ("VIP",))),
        ({"type": "object", "properties": {"value": {}, "currency": {}}}, ("monetary", ())),
        ({"type": "object", "properties": {"value": {}, "until": {}}}, ("daterange", ())),
        ({"type": "object", "properties": {"a": {}}}, None),
        ({"type": "object"}, None),
        ({"type": "integer", "x-pipedrive": {"type": "user"}}, ("user", ())),
        ({"type": "string", "x-pipedrive": {"type": "enum"}}, ("varchar", ())),
        ({"type": None}, None),
    ],
    ids=str,
)
def test_a_type_of_field_is_found_for_what_a_source_says_of_its_values(about, fit):
    assert fitting(about) == fit


def test_every_type_that_can_be_made_can_be_written():
    assert CREATABLE | {"enum", "set"} == set(FIELD_TYPES)


WORDS = st.sampled_from(
    ["Gold", "5", "12.50 EUR", "eur 3", "2026-01-31", "2026-01-31T23:30:00Z", "9:00", "09:00/17:00",
     "2026-01-31/2026-02-28", "a/b", "", " ", "7"]
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "until", "currency", "timezone_name", "x"]), inner
        )
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("kind", sorted(FIELD_TYPES))
@settings(max_examples=60, deadline=None)
@given(value=ANYTHING)
def test_whatever_comes_is_refused_or_written_once(kind, value):
    target = field(kind, HOW, **({"currency": "EUR"} if kind == "monetary" else {}))
    read = column("c", None, whole=target.whole)({"c": value})
    if is_empty(read):
        return  # clears the field
    try:
        wanted = target.convert(read)
        stored = target.combine(None, wanted)
    except ValueMisfitError:
        return
    assert target.holds(stored, wanted), "a second run has nothing to write"
    assert target.combine(stored, target.convert(read)) == stored
    msgspec.json.encode(stored)
