"""The small pure rooms: canonical values, times, names, mappings, settings."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sync_core import times
from sync_core.canonical import EMPTY, canon, digest, is_empty
from sync_core.errors import ConfigurationError
from sync_core.mapping import SourceSchema, parse, simple
from sync_core.segments import known_segments
from sync_core.settings import collected, section
from sync_core.text import near, one, snake_case

SAME = [
    (5, 5.0, Decimal("5.00"), "5", " 5 ", Decimal("5E+0")),
    (0, -0.0, Decimal("-0.0"), "0"),
    (1e22, 10**22, "10000000000000000000000"),
    (" a ", "a"),
    ("é", "e\u0301"),
    (["b", "a"], ["a", "b "], ["a", None, "b", ""]),
    ({"a": 1, "b": None}, {"a": 1.0}),
    (None, "", "  ", [], {}, [None], [""], {"a": None}, [{"value": ""}]),
]
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("spellings", SAME, ids=str)
def test_spellings_of_one_value_have_one_digest(spellings):
    assert len({digest(each) for each in spellings}) == 1


def test_different_values_have_different_digests():
    values = [
        None,
        True,
        False,
        1,
        0,
        "a",
        "A",
        "a b",
        ["a"],
        {"a": 1},
        [["a"]],
        10**40,
        10**40 + 1,
    ]
    assert len({digest(each) for each in values}) == len(values)


@given(NUMBERS, NUMBERS)
def test_numbers_are_the_same_where_they_are_equal(one, other):
    written = [
        Decimal(repr(each)) if isinstance(each, float) else Decimal(each) for each in (one, other)
    ]
    assert (digest(one) == digest(other)) == (written[0] == written[1])


@given(st.text(), st.text())
def test_texts_without_outer_blanks_differ_as_written(one, other):
    assert (canon(one) == canon(other)) or digest(one) != digest(other)


@given(st.lists(st.text() | NUMBERS | st.booleans()))
def test_the_order_of_a_list_does_not_count(values):
    assert digest(values) == digest(values[::-1])
    assert is_empty(values) == (digest(values) == EMPTY)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), Decimal("1E+999999"), 10**5000],
    ids=["nan", "inf", "decimal", "int"],
)
def test_odd_numbers_have_a_digest_of_usual_length(value):
    assert len(digest(value)) == 32


MOMENTS = [
    ("2026-01-31T09:00:00Z", "2026-01-31T09:00:00.000000Z"),
    ("2026-01-31 09:00:00", "2026-01-31T09:00:00.000000Z"),
    ("2026-01-31T09:00", "2026-01-31T09:00:00.000000Z"),
    ("2026-01-31", "2026-01-31T00:00:00.000000Z"),
    ("2026-01-31T09:00:00+02:00", "2026-01-31T07:00:00.000000Z"),
    ("2026-01-31T09:00:00-0230", "2026-01-31T11:30:00.000000Z"),
    ("2026-01-31T09:00:00+02", "2026-01-31T07:00:00.000000Z"),
    ("2026-01-31T09:00:00 +02:00", "2026-01-31T07:00:00.000000Z"),
    ("2026-01-31t09:00:00,5z", "2026-01-31T09:00:00.500000Z"),
    *((f"2026-01-31T09:00:00.{'123456789'[:n]}Z", f"2026-01-31T09:00:00.{'123456789'[:n][:6]:0<6}Z")
      for n in range(1, 10)),
    ("0999-01-01T00:00:00Z", "0999-01-01T00:00:00.000000Z"),
]  # fmt: skip
NO_MOMENTS = [
    "", " ", "soon", "2026-02-30", "2026-02-30T00:00:00Z",
    "2026-01-31T25:00:00Z", "2026-01-31T09:00:00+99:00",
    "0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00", "२०२६-०१-३१", "2026-01-31T09:00.5",
    "2026-W05-6", None, 5, True, [],
]  # fmt: skip


@pytest.mark.parametrize(("written", "plain"), MOMENTS, ids=lambda value: value)
def test_a_time_is_read_however_services_write_it(written, plain):
    assert [times.comparable(text) for text in (written, f" {written} ")] == [plain, plain]


@pytest.mark.parametrize("written", NO_MOMENTS, ids=str)
def test_what_is_no_time_sorts_before_all_times(written):
    assert times.comparable(written) == ""


@given(*(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)),) * 2, st.integers(-14, 14))  # noqa: DTZ001
def test_times_sort_as_texts_whatever_their_zones(one, other, hours):
    one = one.replace(tzinfo=timezone.utc)
    other = other.replace(tzinfo=timezone(timedelta(hours=hours)))
    texts = [times.comparable(each.isoformat()) for each in (one, other)]
    assert texts == [times.comparable(one), times.comparable(other)]
    assert (one < other) == (texts[0] < texts[1])


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Größe (cm)", "grosse_cm"),
        ("  Plan -- Name ", "plan_name"),
        ("Straße", "strasse"),
        ("日本", "日本"),
        ("__x__", "x"),
        ("%!", ""),
    ],
)
def test_a_label_becomes_a_name(label, name):
    assert snake_case(label) == name


def test_near_names_are_suggested():
    assert near("emial", ["email", "phone"]) == "did you mean 'email'?"
    assert near("zzz", ["email", "phone"]) == "known are 'email', 'phone'"
    assert near("zzz", []) == "there are none"
    assert near("zzz", [], "it has none") == "it has none"
    many = [f"field {n:02}" for n in range(12)]
    assert near("zzz", many[:10]).endswith("'field 09'")
    assert near("zzz", many).endswith("'field 09' and 2 more")


@pytest.mark.parametrize("noun", ["a user", "an account", "an organization", "a person", "a deal"])
def test_a_noun_has_its_article(noun):
    assert one(noun.split()[1]) == noun


# Mappings


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"value": "a"}, {"value": "b", "primary": True}], "b"),
        ([{"value": "a"}, {"value": "", "primary": True}], "a"),
        ([{"value": ""}], None),
        ([{"value": "a"}, "odd", None], "a"),
        ({"value": 5, "currency": "EUR"}, 5),
        ({"value": "09:00", "until": "17:00", "timezone_id": 1}, "09:00/17:00"),
        ({"value": "09:00", "until": None}, "09:00"),
        (["a"], ["a"]),
        ([], []),
        ("a", "a"),
    ],
    ids=str,
)
def test_a_value_is_simplified_to_what_one_field_holds(value, expected):
    assert simple(value) == expected


@pytest.mark.parametrize(
    ("lines", "problems"),
    [
        ("a", ["fields: expected a list"]),
        ([1], [r"fields\[0\]: expected \{from"]),
        ([{"from": "a"}], [r"fields\[0\]: 'to' must name a field"]),
        ([{"from": " ", "to": 5}], ["'from' must name", "'to' must name"]),
        ([{"from": "a", "to": "b", "wirte": 1}], ["unknown key 'wirte'; did you mean 'write'"]),
        ([{"from": "a", "to": "b", True: 1}], ["unknown key True"]),
        ([{"from": "a", "to": "b", "write": "never"}], ["write must be one of always, if_empty"]),
        ([{"from": "a", "to": "b", "conflict": ["x"]}], ["conflict must be one of pipedrive"]),
        ([{}, {"from": "a", "to": "b"}, 1], [r"\[0\]: 'from'", r"\[2\]: expected"]),
    ],
    ids=str,
)
def test_every_line_that_can_not_be_read_is_named_at_once(lines, problems):
    with pytest.raises(ConfigurationError) as caught:
        parse(lines, "fields")
    for words in problems:
        assert caught.match(words)


def schema(*names, **about):
    properties = {name: {} for name in names}
    return SourceSchema("s", {"properties": {**properties, **about}})


@pytest.mark.parametrize(
    ("name", "column", "part"),
    [
        ("email", "email", None),
        (" EMAIL ", "email", None),
        ("abc123", "plan", None),
        ("Mein Plan", "plan", None),
        ("owner.id", "owner", "id"),
        ("owner.id.x", "owner", "id.x"),
        ("a.b", "a.b", None),
        ("a.b.c", "a.b", "c"),
    ],
)
def test_a_column_is_found_by_name_key_label_and_part(name, column, part):
    about = {"x-pipedrive": {"key": "abc123", "label": "Mein Plan"}}
    found, found_part = schema("email", "owner", "a.b", plan=about).find(name, "here")
    assert (found.name, found_part) == (column, part)


def test_a_column_that_is_none_or_several_is_refused():
    twins = {name: {"x-pipedrive": {"label": "Twin"}} for name in ("one", "two")}
    with pytest.raises(ConfigurationError, match=r"here: 'twin' names several .*: one, two"):
        schema(**twins).find("twin", "here")
    with pytest.raises(ConfigurationError, match=r"here: stream s has no field 'emial'; .*'email'"):
        schema("email").find("emial", "here")


# Settings


def test_a_section_is_complete_or_refused_in_one_go():
    kinds = {"create": bool, "match": str}
    assert section({}, "users", kinds) == {"create": None, "match": None}
    assert section({"users": {"create": True}}, "users", kinds)["create"] is True
    with pytest.raises(ConfigurationError, match="users: expected an object with create, match"):
        section({"users": 5}, "users", kinds)
    with pytest.raises(ConfigurationError) as caught:
        section({"users": {"craete": 1, True: 1, "match": 5}}, "users", kinds)
    assert caught.value.problems == [
        "users: unknown key 'craete'; did you mean 'create'?",
        "users: unknown key True; known are 'create', 'match'",
        "users.match: expected a text",
    ]


SEGMENTS = {"segments": {"x-journy": {"segments": ["Trial", "VIP", "vip", "Größe"]}}}


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (None, set()),
        ([" trial "], {"Trial"}),
        (["VIP"], {"VIP"}),
        (["GRÖSSE", "Trial"], {"Größe", "Trial"}),
    ],
)
def test_segments_are_chosen_by_name(chosen, found):
    assert known_segments(chosen, SEGMENTS, "segments").names == found


def test_a_segment_that_several_may_be_is_refused_with_all_of_them():
    with pytest.raises(ConfigurationError, match=r"2 segments that 'Vip' may mean, 'VIP', 'vip'"):
        known_segments(["Vip"], SEGMENTS, "segments")


@pytest.mark.parametrize(
    ("chosen", "named", "meant"),
    [
        ("Trial", " TRIAL ", True),
        ("VIP", "VIP", True),
        ("VIP", "vip", False),
        ("Trial", "Trail", False),
        ("Trial", None, False),
    ],
)
def test_a_record_may_write_a_name_otherwise_unless_that_is_another_segment(chosen, named, meant):
    assert known_segments([chosen], SEGMENTS, "segments").have(named) is meant


def test_segments_of_a_source_that_lists_none_are_told_by_the_same_rule():
    segments = known_segments([" vip", "5"], {"segments": {}}, "segments")
    assert [segments.have(each) for each in ("VIP", "vip ", 5, "VI P")] == [True, True, True, False]


def test_segments_of_a_stream_without_any_are_refused():
    with pytest.raises(ConfigurationError, match=r"no field 'segments'.*select it in the tap"):
        known_segments(["VIP"], {"email": {}}, "segments")
    assert not known_segments([], {"email": {}}, "segments")


def test_every_unknown_segment_is_named():
    with pytest.raises(ConfigurationError) as caught:
        known_segments(["Trail", 5], SEGMENTS, "segments")
    assert len(caught.value.problems) == 2
    assert caught.match("no segment 'Trail'; did you mean 'Trial'")


def test_the_problems_of_several_checks_are_told_together():
    def wrong(text):
        raise ConfigurationError(text)

    assert collected(lambda: 1, lambda: 2) == [1, 2]
    with pytest.raises(ConfigurationError) as caught:
        collected(lambda: wrong("a"), lambda: 1, lambda: wrong("b"))
    assert caught.value.problems == ["a", "b"]
