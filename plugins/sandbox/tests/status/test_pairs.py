"""The table of records, over HTTP. Blind spot: how a browser draws it (test_browser)."""

from __future__ import annotations

import pytest

PERSONS = "/api/v2/persons"
ORGANIZATIONS = "/api/v2/organizations"
EMAIL = {"emails": [{"value": "Ann@Example.com", "primary": True, "label": "work"}]}


def walked(ask, **params):
    """All pages, one after the other."""
    pages = [ask("pairs", **params).json()]
    while pages[-1]["next"] is not None:
        pages.append(ask("pairs", **params, after=pages[-1]["next"]).json())
    return pages


@pytest.mark.parametrize("kind", ["people", "companies"])
def test_every_record_of_both_sides_is_on_exactly_one_page(ask, sandbox, kind):
    pages = walked(ask, kind=kind, limit=7)
    rows = [row for page in pages for row in page["rows"]]
    keys = [row["key"] for row in rows]
    assert len(keys) == len(set(keys))
    assert keys == [
        row["key"] for page in walked(ask, kind=kind, limit=100) for row in page["rows"]
    ]
    counts = sandbox.world.counts()
    ours = {row["pipedrive"]["id"] for row in rows if row["pipedrive"]}
    theirs = {row["key"].split("|")[1] for row in rows if row["journy"]}
    assert len(ours) == counts["pipedrive"]["persons" if kind == "people" else "organizations"]
    assert len(theirs) == counts["journy"]["users" if kind == "people" else "accounts"]


def test_people_are_paired_by_email_whatever_its_case(pipedrive, pairs, upsert, cell):
    person = pipedrive.person(name="Ann Lee", **EMAIL)
    upsert(
        "users", {"first_name": "Ann", "last_name": "Lee"}, userId="u-1", email="ann@example.com"
    )
    (row,) = pairs(q="ann@example.com")
    assert (row["pipedrive"]["id"], row["journy"]["id"]) == (person["id"], "u-1")
    assert cell("E-mail", q="ann@example.com") == ("Ann@Example.com", "ann@example.com", True)
    assert cell("Name", q="ann@example.com") == ("Ann Lee", "Ann Lee", True)


def test_companies_are_paired_by_their_account_id(pipedrive, pairs, upsert, code, cell):
    custom = {code("Account ID", "organization"): "a-1"}
    organization = pipedrive.make(
        ORGANIZATIONS, name="Acme", website="https://www.acme.example/", custom_fields=custom
    )
    upsert("accounts", {"name": "Acme"}, accountId="a-1", domain="www.acme.example")
    (row,) = pairs(kind="companies", q="acme.example")
    assert (row["pipedrive"]["id"], row["journy"]["id"]) == (organization["id"], "a-1")
    assert cell("Domain", kind="companies", q="acme.example")[2] is True


def test_companies_stand_alone_once_nothing_holds_the_account_id(sandbox, ask):
    assert any(page["rows"] for page in walked(ask, kind="companies", only="both"))
    change = {"remove_field": {"entity": "organization", "name": "Account ID"}}
    sandbox.apply(pipedrive=change)
    assert not any(page["rows"] for page in walked(ask, kind="companies", only="both"))


def test_a_field_differs_until_both_sides_hold_the_same(pipedrive, upsert, code, option, cell):
    person = pipedrive.person(**EMAIL)
    upsert("users", email="ann@example.com")
    health = cell("Health", q="ann@example.com")[1]
    assert cell("Health", q="ann@example.com") == ("", health, False)
    values = {code("Customer health"): option("Customer health", health)}
    pipedrive.patch(f"{PERSONS}/{person['id']}", {"custom_fields": values})
    assert cell("Health", q="ann@example.com") == (health, health, True)


def test_a_number_with_and_without_a_fraction_is_the_same(pipedrive, upsert, code, cell):
    person = pipedrive.person(**EMAIL)
    upsert("users", email="ann@example.com")
    score = float(cell("Churn", q="ann@example.com")[1])
    values = {code("Churn score"): score}
    pipedrive.patch(f"{PERSONS}/{person['id']}", {"custom_fields": values})
    assert cell("Churn", q="ann@example.com")[2] is True


def test_a_renamed_custom_field_shows_as_empty(sandbox, pipedrive, upsert, code, cell):
    person = pipedrive.person(**EMAIL, custom_fields={code("Lifecycle stage"): "Lead"})
    upsert("users", email="ann@example.com")
    assert cell("Stage", q=person["name"])[0] == "Lead"
    rename = {"entity": "person", "name": "Lifecycle stage", "to": "Phase"}
    sandbox.apply(pipedrive={"rename_field": rename})
    assert cell("Stage", q=person["name"])[0] == ""


def test_the_latest_change_comes_first_on_whichever_side_it_was(sandbox, pipedrive, pairs, upsert):
    sandbox.clock.advance(10)
    person = pipedrive.person(**EMAIL)
    sandbox.clock.advance(10)
    upsert("users", {"title": "CEO"}, email="other@example.com")
    first, second = pairs(limit=2)
    assert (first["journy"]["id"], second["key"]) == ("other@example.com", f"{person['id']}|")
    sandbox.clock.advance(10)
    upsert("users", email="ann@example.com")
    assert pairs(limit=1)[0]["pipedrive"]["id"] == person["id"]


def test_persons_who_share_an_email_each_stand_beside_its_user_and_say_so(pipedrive, pairs, upsert):
    ids = {pipedrive.person(**EMAIL)["id"] for _ in range(2)}
    upsert("users", email="ann@example.com")
    rows = pairs(q="ann@example.com")
    assert {row["pipedrive"]["id"] for row in rows} == ids
    assert {(row["journy"]["id"], row["sharing"]) for row in rows} == {("ann@example.com", 2)}


def test_a_deleted_person_is_gone_and_its_user_stands_alone(pipedrive, pairs, upsert):
    person = pipedrive.person(**EMAIL)
    upsert("users", email="ann@example.com")
    pipedrive.delete(f"{PERSONS}/{person['id']}")
    (row,) = pairs(q="ann@example.com")
    assert row["pipedrive"] is None


@pytest.mark.parametrize(
    ("only", "sides"),
    [
        ("both", {(True, True)}),
        ("pipedrive", {(True, False)}),
        ("journy", {(False, True)}),
        ("different", {(True, True)}),
    ],
)
def test_pairs_can_be_chosen_by_where_they_are(pairs, only, sides):
    rows = pairs(only=only, limit=100)
    assert {(row["pipedrive"] is not None, row["journy"] is not None) for row in rows} == sides
    if only == "different":
        assert all(any(not cell["same"] for cell in row["cells"]) for row in rows)


def test_a_search_wants_every_word_and_finds_ids_and_addresses(pipedrive, pairs):
    person = pipedrive.person(name="Zoë Quist-Müller", **EMAIL)
    for words in ("zoë quist", "QUIST", f"{person['id']} zoë", "ann@EXAMPLE quist"):
        assert person["id"] in {row["pipedrive"]["id"] for row in pairs(q=words)}, words
    assert pairs(q="quist nobody") == []


def test_a_write_that_journy_has_only_accepted_shows_when_its_time_has_come(sandbox, pairs, upsert):
    sandbox.switches.set("journy.accept_delay_seconds", 60)
    upsert("users", email="late@example.com")
    assert pairs(q="late@example.com") == []
    sandbox.clock.advance(61)
    assert len(pairs(q="late@example.com")) == 1


def test_an_awkward_name_is_given_as_it_is_and_a_very_long_one_is_cut(pipedrive, cell):
    name = '"<script>alert(1)</script>" O\'Brien & Søn'
    pipedrive.person(name=name, **EMAIL)
    assert cell("Name", q="ann@example.com")[0] == name
    pipedrive.person(name="Z" * 600, emails=[])
    assert cell("Name", q="z" * 500)[0] == "Z" * 400 + "…"


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"kind": "deals"}, "kind must be one of people, companies, not 'deals'"),
        ({"only": "some"}, "only must be one of both, different, pipedrive, journy, not 'some'"),
        ({"limit": "1000"}, "limit must be a whole number from 1 to 100, not '1000'"),
        ({"after": "here"}, "after must be a place that an earlier page gave, not 'here'"),
        ({"page": "2"}, "there is no parameter 'page'"),
    ],
    ids=str,
)
def test_a_question_that_can_not_be_gets_a_sentence(ask, params, sentence):
    answer = ask("pairs", **params)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]


@pytest.mark.parametrize("after", ["0-0-0", f"{'9' * 19}-1-{'9' * 19}", "9-9-9"])
def test_any_place_is_answered_with_what_comes_behind_it(ask, after):
    assert ask("pairs", after=after).status_code == 200
