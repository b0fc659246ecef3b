"""Values on their way out: what each field type takes, and what it refuses without repeating it."""

from __future__ import annotations

from datetime import date, datetime, time, timezone
from decimal import Decimal

import pytest
from sync_core.errors import ConfigurationError, TransientError
from sync_core.journy.values import domain_field, property_field, to_property
from sync_core.mapping import ValueMisfitError
from sync_core.pipedrive.endpoints import PERSON
from sync_core.pipedrive.fields import Field, FieldCatalogue, Option, parse
from sync_core.pipedrive.values import (
    FIELD_TYPES,
    How,
    contact_field,
    custom_field,
    same_phone,
    website_field,
)
from sync_core.pipedrive.values.activities import people
from sync_core.pipedrive.values.flags import flag
from sync_core.text import same_email

OPTIONS = tuple(
    Option(number, label)
    for number, label in enumerate(["Gold", "Größe", "5", "Yes", "No", "Twin", "twin "], start=1)
)


def written(kind, value):
    field = Field("k", "Label", kind, custom=True, options=OPTIONS)
    return custom_field(field, "here").convert(value)


GOOD = [
    ("varchar", " a ", "a"),
    ("varchar", 5, "5"),
    ("varchar", 5.0, "5"),
    ("varchar", 0.25, "0.25"),
    ("varchar", True, "true"),
    ("varchar", ["a", "b"], "a, b"),
    ("varchar", "ö" * 255, "ö" * 255),
    ("varchar", "👍" * 127 + "x", "👍" * 127 + "x"),
    ("varchar", "two\nlines\tand a tab", "two\nlines\tand a tab"),
    ("varchar_auto", "a", "a"),
    ("text", "x" * 65_000, "x" * 65_000),
    ("phone", "+1 (555) 1", "+1 (555) 1"),
    ("double", "12.5", 12.5),
    ("double", " -3 ", -3),
    ("double", "1e3", 1000),
    ("double", 5.0, 5),
    ("double", Decimal("0.1"), 0.1),
    ("double", Decimal("7.00"), 7),
    ("double", 10**16 - 1, 10**16 - 1),
    ("double", "-9007199254740993", -(2**53) - 1),
    ("double", 1e23, 10**23),
    ("double", "9e299", 9 * 10**299),
    ("double", 0.1 + 0.2, 0.1 + 0.2),
    ("double", -0.0, 0),
    ("enum", " gold ", 1),
    ("enum", "GRÖSSE", 2),
    ("enum", 5, 3),
    ("enum", 5.0, 3),
    ("enum", Decimal("5.0"), 3),
    ("org", Decimal("7.0"), 7),
    ("enum", True, 4),
    ("enum", False, 5),
    ("set", ["Gold", "GOLD", "No"], [1, 5]),
    ("set", "Gold", [1]),
    ("date", "2024-02-29", "2024-02-29"),
    ("date", "2024-01-31T23:30:00-08:00", "2024-01-31"),
    ("date", "2024-01-31 23:30:00.123Z", "2024-01-31"),
    ("date", " 2024-01-31 ", "2024-01-31"),
    ("date", date(2024, 1, 31), "2024-01-31"),
    ("date", datetime(2024, 1, 31, 23, tzinfo=timezone.utc), "2024-01-31"),
    ("enum", "7", 7),
    ("enum", 7.0, 7),
    ("set", ["Gold", None, 2], [1, 2]),
    ("monetary", 5.0, {"value": 5, "currency": ""}),
    ("monetary", " -12.50 ", {"value": -12.5, "currency": ""}),
    ("monetary", "12.50 eur", {"value": 12.5, "currency": "EUR"}),
    ("monetary", "EUR12", {"value": 12, "currency": "EUR"}),
    ("monetary", {"value": "3", "currency": " usd "}, {"value": 3, "currency": "USD"}),
    ("monetary", {"value": 3, "currency": None}, {"value": 3, "currency": ""}),
    ("daterange", "2024-01-31/2024-02-29", {"value": "2024-01-31", "until": "2024-02-29"}),
    ("daterange", {"value": "2024-01-31", "until": "2024-01-31T09:00:00Z"},
     {"value": "2024-01-31", "until": "2024-01-31"}),
    ("time", "9:05", {"value": "09:05:00"}),
    ("time", "23:59:59.000", {"value": "23:59:59"}),
    ("time", time(9, 5), {"value": "09:05:00"}),
    ("time", {"value": "09:05:00", "timezone_id": 7, "timezone_name": "Asia/Tokyo"},
     {"value": "09:05:00", "timezone_name": "Asia/Tokyo"}),
    ("time", {"value": "09:05", "timezone_name": None}, {"value": "09:05:00"}),
    ("timerange", "22:00/06:00", {"value": "22:00:00", "until": "06:00:00"}),
    ("timerange", {"value": "09:00", "until": "17:00", "timezone_name": "Asia/Tokyo"},
     {"value": "09:00:00", "until": "17:00:00", "timezone_name": "Asia/Tokyo"}),
    ("address", " 1 Main St ", {"value": "1 Main St"}),
    ("address", {"value": "1 Main St", "postal_code": 1000, "locality": None, "route": "",
                 "formatted_address": "x"}, {"value": "1 Main St", "postal_code": "1000"}),
    ("user", 7, 7),
    ("org", 7.0, 7),
    ("people", 7, 7),
]  # fmt: skip
BAD = [
    ("varchar", "x" * 256, "at most 255 characters fit, got 256"),
    ("text", "x" * 65_001, "at most 65000"),
    ("varchar", "👍" * 128, "at most 255 characters fit, got 256, an emoji counted as two"),
    ("varchar", "a\0b", "without control characters"),
    ("varchar", ["a", "\x07"], "without control characters"),
    ("text", "a\x9bb", "without control characters"),
    ("phone", "+1\ud800", "without control characters"),
    ("address", {"value": "Main St", "route": "a\0"}, "without control characters"),
    ("varchar", {"a": 1}, "expected text, got an object"),
    ("varchar", [1, "a"], "expected text, got a list"),
    ("varchar", None, "expected text, got something else"),
    ("varchar", float("nan"), "without end"),
    ("double", "1,5", "decimal point, got other text"),
    ("double", "1.000,50", "decimal point"),
    ("double", "1 000", "decimal point"),
    ("double", "٣", "decimal point"),
    ("double", "", "decimal point"),
    ("double", "NaN", "decimal point"),
    ("double", "1e400", "finite"),
    ("double", "1e9999", "finite"),
    ("double", float("inf"), "finite"),
    ("double", float("nan"), "finite"),
    ("double", 10**400, "finite"),
    ("double", "1e300", "finite"),
    ("double", 10**300, "finite"),
    ("double", 10**16 + 1, "at most 16 digits"),
    ("double", "12345678901234567", "at most 16 digits"),
    ("double", "12345678901234567.5", "at most 16 digits"),
    ("monetary", 2**63 + 1, "at most 16 digits"),
    ("double", True, "got true or false"),
    ("double", [1], "got a list"),
    ("enum", "Golden", "did you mean 'Gold'"),
    ("enum", "TWIN", "several options"),
    ("enum", ["Gold"], "one option, got a list"),
    ("enum", {"a": 1}, "one option, got an object"),
    ("set", ["Gold", "Silver"], "no option of the field fits"),
    ("date", "2024-02-30", "YYYY-MM-DD"),
    ("date", "2023-02-29", "YYYY-MM-DD"),
    ("date", "31.01.2024", "YYYY-MM-DD"),
    ("date", "2024-01-31 or so", "YYYY-MM-DD"),
    ("date", "२०२४-०१-३१", "YYYY-MM-DD"),
    ("date", 20240131, "got a number"),
    ("date", None, "YYYY-MM-DD"),
    ("enum", "99", "no option of the field fits"),
    ("monetary", "$5", "such as 12.50 or 12.50 EUR, got other text"),
    ("monetary", "5,00 EUR", "decimal point"),
    ("monetary", "EUR 5 USD", "got two"),
    ("monetary", True, "got true or false"),
    ("monetary", {"amount": 5, "currency": "EUR"}, "value and currency"),
    ("monetary", {"value": 5, "currency": "EUR", "unit": "k"}, "value and currency"),
    ("monetary", {"value": 5, "currency": "euros"}, "three letters"),
    ("monetary", {"value": 5, "currency": 978}, "three letters"),
    ("monetary", {"value": None, "currency": "EUR"}, "decimal point"),
    ("daterange", "2024-02-29/2024-01-31", "isn't before"),
    ("daterange", "2024-01-31", "text such as 2026-01-31/2026-02-28"),
    ("daterange", "1/31/2024", "text such as"),
    ("daterange", "1/31", "YYYY-MM-DD"),
    ("daterange", {"value": "2024-01-31"}, "value and until"),
    ("daterange", ["2024-01-31", "2024-02-29"], "got a list"),
    ("time", "9 am", "HH:MM"),
    ("time", "24:00", "HH:MM"),
    ("time", "23:60", "HH:MM"),
    ("time", "23:59:60", "HH:MM"),
    ("time", "2024-01-31T09:00:00Z", "name the zone in the line"),
    ("time", 9, "got a number"),
    ("time", time(9, tzinfo=timezone.utc), "HH:MM"),
    ("time", {"value": "09:00", "timezone_name": 5}, "name of a time zone, got a number"),
    ("timerange", "09:00-17:00", "text such as 09:00/17:00"),
    ("address", 5, "got a number"),
    ("address", {"value": "", "country": "BE"}, "an object with value"),
    ("address", {"value": "a", "zip": "1"}, "of its parts country, .*postal_code"),
    ("user", "jane", "e-mail address or id, got other text"),
    ("user", 0, "got a number"),
    ("org", 1.5, "got a number"),
    ("people", True, "got true or false"),
]


def shown(case):
    return f"{case[0]}+{str(case[1])[:20]!r}={str(case[2])[:20]}"


@pytest.mark.parametrize("case", GOOD, ids=shown)
def test_a_value_that_fits_is_written_as_the_service_wants_it(case):
    kind, value, expected = case
    found = written(kind, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("case", BAD, ids=shown)
def test_a_value_that_does_not_fit_is_refused_by_what_was_expected(case):
    kind, value, words = case
    with pytest.raises(ValueMisfitError, match=words):
        written(kind, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (1, True), ("1", True), ("Yes", True), ("TRUE", True), (1.0, True),
     (False, False), (0, False), ("0", False), ("no", False), (" False ", False)],
)  # fmt: skip
def test_what_is_true_or_false_is_read_as_a_flag_a_number_or_a_word(value, expected):
    assert flag(value) is expected


@pytest.mark.parametrize("value", [2, "", "maybe", None, [True], {"value": True}])
def test_what_is_neither_true_nor_false_is_refused(value):
    with pytest.raises(ValueMisfitError, match="expected true or false"):
        flag(value)


@pytest.mark.parametrize("kind", sorted(FIELD_TYPES))
@pytest.mark.parametrize("wrap", [str, lambda text: [text], lambda text: {"a": text}])
def test_a_refusal_never_repeats_the_value(kind, wrap):
    secret = "jane@acme.example " * 5000
    with pytest.raises(ValueMisfitError) as caught:
        written(kind, wrap(secret))
    assert "jane" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_every_field_type_is_proved_both_ways():
    assert {case[0] for case in GOOD} == set(FIELD_TYPES)
    assert {case[0] for case in BAD} >= set(FIELD_TYPES) - {"varchar_auto", "phone"}


@pytest.mark.parametrize("kind", ["int", "deal", "boolean", "picture", "brand new", ""])
def test_a_type_that_can_not_be_written_is_refused_by_name(kind):
    with pytest.raises(ConfigurationError, match=r"^here: .*'Label' is of type .*can't be written"):
        custom_field(Field("k", "Label", kind), "here")


def test_a_stored_option_reads_as_its_label():
    field = custom_field(Field("k", "Label", "set", options=OPTIONS), "here")
    assert field.plain([1, 5, 99]) == ["Gold", "No", 99]
    assert field.plain(None) is None
    assert field.holds([5, 1], [1, 5])


def test_a_person_who_takes_part_in_an_activity_becomes_the_primary_one_and_is_named_once():
    field = people(Field("person_id", "Person", "people"), How())
    stored = [{"person_id": 2, "primary": False}, {"person_id": 1, "primary": True}]
    assert field.combine(stored, 2) == [
        {"person_id": 2, "primary": True},
        {"person_id": 1, "primary": False},
    ]
    assert field.holds(stored, 1)
    assert not field.holds(stored, 2)


# Contacts and addresses


EMAILS = contact_field("emails", "E-mail", same_email)
PHONES = contact_field("phones", "Phone", same_phone)
HOME = {"value": "Jane@Home.example", "primary": True, "label": "home"}
WORK = {"value": "jane@work.example", "primary": False, "label": "work"}


def test_a_new_address_joins_the_list_and_leaves_the_others_as_they_are():
    assert EMAILS.combine([HOME, WORK], ["new@x.example"]) == [
        HOME,
        WORK,
        {"value": "new@x.example", "primary": False},
    ]


def test_the_entry_that_the_source_said_before_gives_way_where_it_stands():
    said = "jane@home.example".casefold().__eq__
    home, new = {**HOME, "value": "jane@home.example"}, "new@x.example"
    assert EMAILS.renew([WORK, home], [new], said) == [WORK, {**home, "value": new}]
    assert EMAILS.renew([home, home], [new], said) == [{**home, "value": new}, home]
    assert EMAILS.renew([WORK, home], ["JANE@home.example"], said) == [WORK, home]
    assert EMAILS.renew([WORK, home], [WORK["value"]], said) == [WORK, home]
    assert EMAILS.renew([WORK], [new], said) == [WORK]
    assert EMAILS.renew([home, WORK], [new, home["value"]], said) == [home, WORK]
    assert EMAILS.renew(None, [new], said) == []


@pytest.mark.parametrize("stored", [None, [], [{"value": "", "primary": True}], ["odd"], "odd"])
def test_the_first_address_of_a_person_is_the_primary_one(stored):
    assert EMAILS.combine(stored, ["a@x.example"]) == [{"value": "a@x.example", "primary": True}]
    assert not EMAILS.holds(stored, ["a@x.example"])


def test_several_addresses_join_the_list_each_once():
    wanted = EMAILS.convert(["new@x.example ", None, "JANE@home.example", "NEW@x.example", ""])
    assert not EMAILS.holds([HOME], wanted)
    joined = EMAILS.combine([HOME], wanted)
    assert [entry["value"] for entry in joined] == [HOME["value"], "NEW@x.example"]
    assert [entry["primary"] for entry in joined] == [True, False]
    assert EMAILS.holds(joined, wanted)
    assert EMAILS.combine(None, ["a@x.example", "b@x.example"]) == [
        {"value": "a@x.example", "primary": True},
        {"value": "b@x.example", "primary": False},
    ]


def test_an_address_is_known_whatever_its_case_and_place():
    assert EMAILS.holds([WORK, HOME], EMAILS.convert(" jane@HOME.example"))
    assert EMAILS.plain([WORK, HOME]) == "Jane@Home.example"


@pytest.mark.parametrize(
    ("stored", "wanted", "same"),
    [
        ("+1 (555) 010-2", "+1 555 0102", True),
        ("0102", "+0102", False),
        ("ask Jane", "ask jane", True),
        ("ask Jane", "no phone", False),
    ],
)
def test_a_phone_is_the_same_however_it_is_grouped(stored, wanted, same):
    assert PHONES.holds([{"value": stored}], [wanted]) is same


@pytest.mark.parametrize(
    ("stored", "wanted", "same"),
    [
        ("https://www.Acme.example/de?x=1", "acme.example", True),
        ("acme.example:8080", "//acme.example.", True),
        ("https://me:pw@acme.example", "acme.example", True),
        ("acme.example#top", "acme.example?x", True),
        ("acme.example", "beta.example", False),
        (None, "acme.example", False),
        (None, "https://", False),
        ("jane@acme.example", "acme.example", False),
    ],
)
def test_a_website_is_the_same_however_its_domain_is_dressed(stored, wanted, same):
    assert website_field("website", "Website").holds(stored, wanted) is same


# Catalogue


def catalogue(*fields):
    return FieldCatalogue(PERSON, [Field(key, label, "varchar") for key, label in fields])


@pytest.mark.parametrize("name", ["k1", "Größe", " GRÖSSE ", "Gro\u0308ße"])
def test_a_field_is_found_by_key_and_by_label(name):
    assert catalogue(("k1", "Größe"), ("k2", "Size")).find(name, "here").key == "k1"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Plan", r"2 person fields in Pipedrive are called 'Plan'; .*: k1, k2"),
        ("Sise", "has no person field 'Sise'; did you mean 'Size'"),
        ("zzz", "known are"),
    ],
)
def test_a_field_that_is_none_or_several_is_refused(name, words):
    fields = catalogue(("k1", "Plan"), ("k2", "plan "), ("k3", "Size"))
    with pytest.raises(ConfigurationError, match="^here: .*" + words):
        fields.find(name, "here")


def test_a_key_wins_over_another_fields_label():
    assert catalogue(("k1", "k2"), ("k2", "x")).find("k2", "here").key == "k2"


def test_an_entry_without_a_key_is_no_catalogue():
    with pytest.raises(TransientError, match="field_code"):
        parse({"field_name": "A"})


# journy


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" a ", "a"),
        (True, True),
        (5.0, 5),
        (2**63 + 1, 2**63 + 1),
        (10**308, 10**308),
        (Decimal("1E+22"), 10**22),
        ([Decimal("1.50"), Decimal("2.0")], ["1.5", "2"]),
        (Decimal("0.5"), 0.5),
        (["a ", "", None, 5.0, True], ["a", "5", "true"]),
        (date(2024, 1, 31), "2024-01-31"),
        (datetime(2024, 1, 31, tzinfo=timezone.utc), "2024-01-31T00:00:00.000000Z"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_journy_takes_plain_values(value, expected):
    found = to_property(value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "value",
    [{"a": 1}, [{"a": 1}], float("nan"), [float("inf")], None, [[]], 10**400, Decimal("1e400"),
     "a\0b", ["\x07"]],
    ids=lambda value: ascii(value)[:20],
)  # fmt: skip
def test_journy_takes_nothing_nested_and_nothing_endless(value):
    with pytest.raises(ValueMisfitError, match="expected"):
        to_property(value)


KNOWN = [
    {"name": "plan", "label": "Größe"},
    {"name": "a", "label": "Twin"},
    {"name": "b", "label": "twin"},
    {"name": "score", "label": "Score", "isComputed": True},
    {"label": "broken"},
]


@pytest.mark.parametrize("name", ["plan", " GRÖSSE "])
def test_a_property_is_found_by_name_and_by_label(name):
    assert property_field(name, "here", KNOWN).key == "plan"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Twin", "2 journy properties are called 'Twin'; .*: a, b"),
        ("score", "computes the property"),
        ("email", "identifies a record"),
        ("2 Words", "can't be a journy property"),
    ],
)
def test_a_property_that_can_not_be_written_is_refused(name, words):
    with pytest.raises(ConfigurationError, match="^here: .*" + words):
        property_field(name, "here", KNOWN)


@pytest.mark.parametrize("name", ["brand_new", "Brand New", " brand-new? ", "Bränd_New"])
def test_a_new_property_needs_no_catalogue_and_gets_a_name_in_lower_snake_case(name):
    assert property_field(name, "here", None).key == "brand_new"


@pytest.mark.parametrize("value", ["localhost", "", None, "jane@acme.example", "https://"])
def test_what_has_no_domain_identifies_no_account(value):
    with pytest.raises(ValueMisfitError, match="expected a domain"):
        domain_field().convert(value)
