"""Where a value comes from: a field, several, a constant, a template, a map, the account."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sync_core.errors import ConfigurationError
from sync_core.mapping import (
    DETAILS,
    UNKNOWN,
    Related,
    SourceSchema,
    TargetField,
    ValueMisfitError,
    compile_source,
    names,
    parse,
    rule,
    simple,
)

TEXT = {"type": ["string", "null"]}
PLAN = {**TEXT, "x-pipedrive": {"key": "k" * 40, "label": "Mein Plan"}}
MONEY = {"type": ["object", "null"], "properties": {"value": {"type": "number"}, "currency": TEXT}}
USERS = SourceSchema(
    "users",
    {
        "properties": {
            **dict.fromkeys(("first", "last", "mail", "plan.name"), TEXT),
            "plan": PLAN,
            "mrr": {"type": ["number", "null"]},
            "vip": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "worth": MONEY,
            "phones": {"type": "array"},
            "accounts": {"type": "array"},
        }
    },
)
ACCOUNTS = SourceSchema("accounts", {"properties": {"name": TEXT, "worth": MONEY}})


def line(**given):
    (found,) = parse([{"to": "x", **given}], "fields", DETAILS)
    return found


def source(**given):
    return compile_source(line(**given), USERS)


def read(record, **given):
    return source(**given).reader(False)(record)


# Reading the setting


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"from": "a", "value": 1}, "from and value exclude each other"),
        ({"value": 1, "template": "{a}"}, "value and template exclude each other"),
        ({}, "'from' must name a field; or give a value, or a template"),
        ({"from": None, "value": None}, "'from' must name a field; or give"),
        ({"from": []}, "'from' must name a field, or be a list"),
        ({"from": ["a", " "]}, "'from' must name a field, or be a list"),
        ({"from": ["a", "a"]}, "'from' names a field twice"),
        ({"from": {"a": 1}}, "'from' must name a field, or be a list"),
        ({"value": " "}, "value must be a text, a number, .* not be empty"),
        ({"value": {"a": 1}}, "value must be"),
        ({"value": [1]}, "value must be"),
        ({"template": 5}, "template must be a text"),
        ({"template": "{a"}, "template: a brace is missing its other half"),
        ({"template": "{a!r}"}, "template: expected the name of a field between braces"),
        ({"template": "hello"}, r"template names no field; .* as fields\[0\].value"),
        ({"from": "a", "map": {}}, "map must be an object, such as {gold: Gold}"),
        ({"from": "a", "map": ["b"]}, "map must be an object"),
        ({"from": "a", "map": {"b": ["c"]}}, "map must lead from single values"),
        ({"from": "a", "map": {"b": 1, " B ": 2}}, "map has ' B ' twice"),
        ({"from": "a", "map": {None: 1}}, "map has an entry for an empty value"),
        ({"from": "a", "map": {"b": 1, " ": 2}}, "map has an entry for an empty value"),
        ({"value": 1, "map": {"b": 1}}, "map goes with from"),
        ({"from": "a", "otherwise": 1}, "otherwise goes with map"),
        ({"from": "a", "map": {"b": 1}, "otherwise": ["c"]}, "otherwise must be a single value"),
        ({"from": "a", "currency": "Euro"}, "currency must be a code such as EUR, got 'Euro'"),
        ({"from": "a", "zone": "Europe/Brusels"}, "no time zone .*did you mean 'Europe/Brussels'"),
        ({"from": "a", "merge": "both"}, "merge must be one of replace, add"),
        ({"from": "a", "tempalte": "b"}, "unknown key 'tempalte'; did you mean 'template'"),
    ],
    ids=str,
)
def test_a_line_that_can_not_be_read_is_named_with_what_was_expected(given, problem):
    with pytest.raises(ConfigurationError, match=r"^fields\[0\]: .*" + problem):
        line(**given)


def test_every_problem_of_every_line_is_told_at_once():
    lines = [{"from": "a", "value": 1, "merge": "x"}, {"to": "b"}, {"template": "{", "to": ""}]
    with pytest.raises(ConfigurationError) as caught:
        parse(lines, "fields", DETAILS)
    assert [problem[:9] for problem in caught.value.problems] == [
        "fields[0]", "fields[0]", "fields[0]", "fields[1]", "fields[2]", "fields[2]",
    ]  # fmt: skip


def test_what_only_some_destinations_understand_is_an_unknown_key_elsewhere():
    with pytest.raises(ConfigurationError, match=r"unknown key 'currency'"):
        parse([{"from": "a", "to": "b", "currency": "EUR"}], "fields")


# Compiling


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"from": ["first", "lst"]}, [r"^fields\[0\]: stream users has no field 'lst'.*'last'"]),
        ({"from": ["frst", "lst"]}, ["'frst'", "'lst'"]),
        ({"template": "{first} {lst}"}, [r"^fields\[0\]\.template: .*'lst'; did you mean 'last'"]),
        ({"from": "account.name"}, ["stream users has no field 'account.name'"]),
    ],
    ids=str,
)
def test_every_field_that_the_stream_does_not_have_is_named_with_near_names(given, problems):
    with pytest.raises(ConfigurationError) as caught:
        source(**given)
    assert len(caught.value.problems) == len(problems)
    for problem in problems:
        assert caught.match(problem)


RECORD = {"first": "Ann", "last": "Lee", "mail": None, "plan": "gold", "mrr": 5, "vip": True,
          "tags": ["a", "b"], "worth": {"value": 5, "currency": "EUR"},
          "plan.name": "x"}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"from": "first"}, "Ann"),
        ({"from": "MEIN plan "}, "gold"),
        ({"from": "k" * 40}, "gold"),
        ({"from": "plan.name"}, "x"),
        ({"from": "worth"}, 5),
        ({"from": "worth.currency"}, "EUR"),
        ({"from": ["mail", "first", "last"]}, "Ann"),
        ({"from": ["mail", "worth"]}, 5),
        ({"from": ["mail"]}, None),
        ({"value": "x"}, "x"),
        ({"value": 0}, 0),
        ({"value": False}, False),
        ({"value": ["a"]}, ["a"]),
        ({"template": "{first} {last}"}, "Ann Lee"),
        ({"template": "{{{Mein Plan}}} {mail} {mrr} {vip} {tags}"}, "{gold} 5 yes a, b"),
        ({"template": "Dear {mail}"}, None),
        ({"from": "plan", "map": {"silver": None}, "otherwise": None}, None),
    ],
    ids=str,
)
def test_a_line_reads_its_source(given, value):
    assert read(RECORD, **given) == value


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"from": "first"}, "first"),
        ({"from": "Mein Plan"}, "k" * 40),
        ({"from": "Mein Plan", "map": {"a": "b"}}, "k" * 40),
        ({"from": "worth.currency"}, "worth.currency"),
        ({"from": ["first", "Mein Plan"]}, "first|" + "k" * 40),
        ({"value": "x"}, "="),
        ({"value": "y"}, "="),
        ({"template": "{first}"}, "{}"),
    ],
    ids=str,
)
def test_the_ledger_s_name_of_a_source_outlives_a_change_of_its_words(given, name):
    assert source(**given).name == name


def test_an_object_is_read_whole_only_for_fields_that_take_objects():
    found = source(**{"from": ["mail", "worth"]})
    assert found.reader(True)(RECORD) == {"value": 5, "currency": "EUR"}
    assert found.reader(False)(RECORD) == 5
    assert source(**{"from": "phones"}).reader(True)({"phones": [{"value": "1"}]}) == "1"


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        ({"from": "mrr"}, ["number", "null"]),
        ({"from": "worth.value"}, "number"),
        ({"from": ["first", "last"]}, ["string", "null"]),
        ({"from": ["mrr", "last"]}, ["string", "null"]),
        ({"value": True}, "boolean"),
        ({"template": "{mrr}"}, ["string", "null"]),
        ({"from": "vip", "map": {"true": 1, "false": None}}, "integer"),
        ({"from": "vip", "map": {"true": 1, "false": "none"}}, "string"),
        ({"from": "tags", "map": {"a": "A"}}, "array"),
    ],
    ids=str,
)
def test_a_source_tells_the_type_of_its_values(given, kinds):
    assert source(**given).about["type"] == kinds


def test_the_fields_that_a_line_reads_are_known_by_their_names():
    assert names(line(template="{a} {b} {a}")) == ["a", "b"]
    assert [names(line(**{"from": given})) for given in ("a", ["a", "b"])] == [["a"], ["a", "b"]]
    assert names(line(value=1)) == []


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_a_plain_line_reads_what_it_always_has(value):
    assert repr(read({"first": value}, **{"from": "first"})) == repr(simple(value))


# Maps


FIELD = TargetField("x", "X", lambda value: value)
TIERS = {"gold": "VIP", "true": "Yes", "5": "five", "none": None}


def translated(value, **more):
    given = line(**{"from": "plan", "map": TIERS, **more})
    compiled = rule(given, compile_source(given, USERS), FIELD, ("x", "plan"))
    found = compiled.read({"plan": value})
    return None if found is None else compiled.field.convert(found)


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ("gold", "VIP"),
        (" GOLD ", "VIP"),
        (True, "Yes"),
        (5.0, "five"),
        ("none", None),
        (["gold", "none", "5"], ["VIP", "five"]),
        (["none"], None),
    ],
    ids=str,
)
def test_a_map_leads_from_the_source_s_word_to_the_destination_s(value, becomes):
    assert translated(value) == becomes


@pytest.mark.parametrize("value", ["silver secret", ["gold", "silver secret"]], ids=str)
def test_a_value_without_an_entry_is_refused_or_becomes_the_otherwise(value):
    with pytest.raises(ValueMisfitError, match="`map` has no entry") as caught:
        translated(value)
    assert "secret" not in str(caught.value)
    kept = translated(value, otherwise="Basic")
    assert kept == (["VIP", "Basic"] if isinstance(value, list) else "Basic")
    assert translated(value, otherwise=None) == (["VIP"] if isinstance(value, list) else None)


def test_the_ledger_remembers_a_mapped_value_in_the_source_s_own_words():
    given = line(**{"from": "plan", "map": TIERS})
    compiled = rule(given, compile_source(given, USERS), FIELD, ("x", "plan"))
    assert compiled.read({"plan": "gold"}) == "gold"


# The account of a user


def related(*lines, announced=True, seen=()):
    found = Related("account", "accounts", "accounts", [n for each in lines for n in names(each)])
    if announced:
        found.announce(ACCOUNTS)
    items = [SimpleNamespace(source_id=key, record=record) for key, record in seen]
    found.learn(items)
    return found


def of_account(record, seen, *, whole=False, **given):
    asked = line(**given)
    return compile_source(asked, USERS, related(asked, seen=seen)).reader(whole)(record)


ACME = ("a1", {"name": "Acme", "worth": {"value": 7, "currency": "EUR"}})
BETA = ("b1", {"name": None})


@pytest.mark.parametrize(
    ("record", "value"),
    [
        ({"accounts": ["a1"]}, "Acme"),
        ({"accounts": "a1"}, "Acme"),
        ({"accounts": ["b1"]}, None),
        ({"accounts": []}, None),
        ({}, None),
        ({"accounts": ["a1", "b1"], "__account": "a1"}, "Acme"),
        ({"accounts": ["a1", "b1"]}, UNKNOWN),
        ({"accounts": ["elsewhere"]}, UNKNOWN),
    ],
    ids=str,
)
def test_a_user_s_line_reads_the_linked_account_or_the_only_one(record, value):
    assert of_account(record, [ACME, BETA], **{"from": "account.name"}) is value


@pytest.mark.parametrize(
    "given",
    [
        {"from": ["mail", "account.name"]},
        {"template": "{first} of {account.name}"},
        {"from": "account.name", "map": {"a": None}, "otherwise": None},
    ],
    ids=str,
)
def test_what_rests_on_an_account_that_did_not_come_by_is_unknown_rather_than_empty(given):
    assert of_account({"first": "Ann", "accounts": ["elsewhere"]}, [ACME], **given) is UNKNOWN


def test_an_account_s_object_keeps_its_parts_for_a_field_that_takes_them():
    record, given = {"accounts": ["a1"]}, {"from": "account.worth"}
    assert of_account(record, [ACME], **given) == 7
    assert of_account(record, [ACME], whole=True, **given) == {"value": 7, "currency": "EUR"}


def test_an_own_column_goes_before_the_account_s():
    users = SourceSchema("users", {"properties": {"account.name": TEXT, "accounts": {}}})
    asked = line(**{"from": "account.name"})
    found = compile_source(asked, users, related(asked, seen=[ACME]))
    assert found.reader(False)({"account.name": "own", "accounts": ["a1"]}) == "own"


def test_a_field_that_accounts_do_not_have_and_accounts_that_do_not_come_are_named():
    asked = line(**{"from": "account.nmae"})
    with pytest.raises(
        ConfigurationError, match=r"fields\[0\]: stream accounts .*'nmae'; .*'name'"
    ):
        compile_source(asked, USERS, related(asked))
    with pytest.raises(ConfigurationError, match="stream accounts, which has to come before"):
        compile_source(asked, USERS, related(asked, announced=False))
