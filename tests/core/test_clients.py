"""Both clients against the sandbox, and against envelopes that no service should send."""

from __future__ import annotations

import pytest
from requests_mock import ANY, Mocker
from sync_core import errors
from sync_core.journy import JournyClient
from sync_core.pipedrive import FieldCatalogue, PipedriveClient
from sync_core.pipedrive.client import rows
from sync_core.pipedrive.endpoints import PERSON
from sync_core.pipedrive.service import service_url

PERSONS = "/pipedrive/api/v2/persons"


def page(rows, cursor=None):
    return {"json": {"success": True, "data": rows, "additional_data": {"next_cursor": cursor}}}


@pytest.fixture
def wire():
    with Mocker() as mocker:
        yield mocker


@pytest.fixture
def mocked(clock):
    client = PipedriveClient(api_token="token", user_agent="test/1", api_url="http://service.test")
    client.http._sleep = client.http._pacer._sleep = clock.sleep
    return client


@pytest.mark.parametrize(("count", "calls"), [(499, 1), (500, 1), (501, 2)])
def test_every_row_of_a_list_is_read(sandbox, pipedrive, count, calls):
    sandbox.reset(persons=count, organizations=1, users=1, accounts=1)
    found = list(rows(pipedrive.pages(PERSON.path)))
    total = len({row["id"] for row in found})
    assert total == len(found) == count
    assert len(sandbox.journal()) == calls
    assert pipedrive.http.usage.tokens == 10 * calls


def test_an_empty_page_in_the_middle_is_no_end(wire, mocked):
    wire.get(ANY, [page([{"id": 1}], "a"), page([], "b"), page([{"id": 2}])])
    assert [row["id"] for row in rows(mocked.pages(PERSON.path, {"x": 1}))] == [1, 2]
    assert [each.qs.get("cursor") for each in wire.request_history] == [None, ["a"], ["b"]]
    assert all(each.qs["x"] == ["1"] for each in wire.request_history)


@pytest.mark.parametrize(
    "body",
    [
        {"success": True, "data": []},
        {"success": True, "data": [], "additional_data": None},
        {"success": True, "data": [], "additional_data": {}},
        {"success": True, "data": [], "additional_data": {"next_cursor": None}},
    ],
    ids=str,
)
def test_the_end_of_a_list(wire, mocked, body):
    wire.get(ANY, json=body)
    assert list(rows(mocked.pages(PERSON.path))) == []


def test_null_is_an_empty_list_of_v1_alone(wire, mocked):
    wire.get(ANY, json={"success": True, "data": None})
    assert mocked.users() == []
    with pytest.raises(errors.TransientError, match="without the usual list"):
        list(mocked.pages(PERSON.path))


@pytest.mark.parametrize("cursors", ["aa", "aba", "abca"])
def test_a_cursor_that_comes_back_is_an_error(wire, mocked, cursors):
    wire.get(ANY, [page([], cursor) for cursor in cursors])
    with pytest.raises(errors.TransientError, match="repeats the cursor"):
        list(mocked.pages(PERSON.path))
    assert wire.call_count == len(cursors)
    with pytest.raises(errors.TransientError, match=r"without the usual list|repeats the cursor"):
        mocked.search(PERSON, "a@x.example", "email")


UNUSABLE = [
    None,
    [],
    {},
    {"success": True},
    {"success": False, "data": None},
    {"success": False, "data": []},
    {"data": None},
    {"success": True, "data": {"a": 1}},
    {"success": True, "data": [1]},
    {"success": True, "data": "text"},
]


@pytest.mark.parametrize("body", UNUSABLE, ids=str)
def test_an_answer_that_can_not_be_read_is_never_taken_for_nothing_found(wire, mocked, body):
    wire.get(ANY, json=body)
    for ask in (
        lambda: list(mocked.pages(PERSON.path)),
        lambda: mocked.search(PERSON, "a@x.example", "email"),
        lambda: mocked.search_field(PERSON, "k", "a"),
        lambda: FieldCatalogue.load(mocked, PERSON),
        mocked.users,
        mocked.me,
    ):
        with pytest.raises(errors.TransientError, match="Pipedrive answered"):
            ask()


@pytest.mark.parametrize("body", [*UNUSABLE, {"success": True, "data": None}], ids=str)
def test_a_create_whose_answer_names_no_record_may_have_made_one(wire, mocked, body):
    wire.post(ANY, json=body)
    with pytest.raises(errors.AmbiguousWriteError, match="looked up before it is sent again"):
        mocked.create(PERSON, {"name": "A"})
    assert wire.call_count == 1


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_records_are_fetched_a_hundred_a_call(sandbox, pipedrive, count, calls):
    sandbox.reset(persons=300, organizations=1, users=1, accounts=1)
    every = [row["id"] for row in rows(pipedrive.pages(PERSON.path))]
    sandbox.clear_journal()
    wanted = every[:count]
    found = [row["id"] for row in pipedrive.by_ids(PERSON, [*wanted, *wanted])]
    assert sorted(found) == sorted(wanted)
    assert len(sandbox.journal()) == calls


def test_records_that_are_gone_are_absent(pipedrive):
    known = next(pipedrive.pages(PERSON.path))[0]["id"]
    assert [row["id"] for row in pipedrive.by_ids(PERSON, [known, 10**9])] == [known]


def test_a_search_finds_the_whole_address_only(pipedrive):
    made = pipedrive.create(PERSON, {"name": "A", "emails": [{"value": "Find.Me@acme.example"}]})
    pipedrive.create(PERSON, {"name": "B", "emails": [{"value": "find.me@acme.example.org"}]})
    assert pipedrive.search(PERSON, "find.me@ACME.example", "email") == [made["id"]]
    assert pipedrive.search(PERSON, "nobody@acme.example", "email") == []


LOSSES = [{"drop_after": True}, {"truncate": True}, {"malformed": True}]


@pytest.mark.parametrize("action", LOSSES, ids=str)
def test_a_create_that_was_carried_out_but_not_answered_makes_one_record(
    sandbox, pipedrive, action
):
    sandbox.fault(PERSONS, "POST", action=action)
    with pytest.raises(errors.AmbiguousWriteError):
        pipedrive.create(PERSON, {"name": "Once", "emails": [{"value": "once@x.example"}]})
    assert len(pipedrive.search(PERSON, "once@x.example", "email")) == 1


@pytest.mark.parametrize("action", [*LOSSES, {"drop_before": True}, {"status": 503}], ids=str)
def test_an_update_gets_through_in_the_end(sandbox, pipedrive, action):
    made = pipedrive.create(PERSON, {"name": "Once"})
    sandbox.fault(f"{PERSONS}/*", "PATCH", action=action)
    assert pipedrive.update(PERSON, made["id"], {"name": "Twice"})["name"] == "Twice"


def test_a_spent_budget_costs_one_request(sandbox, pipedrive):
    headers = {"x-daily-ratelimit-token-remaining": "0"}
    sandbox.fault(PERSONS, times=None, action={"status": 429, "headers": headers})
    with pytest.raises(errors.BudgetSpentError):
        list(pipedrive.pages(PERSON.path))
    assert len(sandbox.journal()) == 1


def test_an_abuse_block_costs_one_request(sandbox, pipedrive):
    sandbox.fault(PERSONS, times=None, action={"html": True})
    with pytest.raises(errors.BlockedError):
        list(pipedrive.pages(PERSON.path))
    assert len(sandbox.journal()) == 1


def test_a_catalogue_of_many_pages_is_read_whole(wire, mocked):
    fields = [{"field_code": f"k{n}", "field_name": f"F {n}"} for n in range(501)]
    wire.get(ANY, [page(fields[:500], "a"), page(fields[500:])])
    assert FieldCatalogue.load(mocked, PERSON).find("F 500", "here").key == "k500"


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        (None, "https://api.pipedrive.com"),
        ("acme", "https://acme.pipedrive.com"),
        ("acme.pipedrive.com", "https://acme.pipedrive.com"),
    ],
)
def test_the_companys_own_address(domain, url):
    assert service_url(None, domain) == url
    assert service_url("http://x.test", domain) == "http://x.test"


@pytest.mark.parametrize("domain", ["https://acme", "acme.example", "a b", "acme/x"])
def test_a_company_domain_that_is_none_is_refused(domain):
    with pytest.raises(errors.ConfigurationError, match="company_domain"):
        service_url(None, domain)


@pytest.mark.parametrize("secret", ["hush hush", "hush\nhush", "hüsh", "hush\x00"])
def test_a_credential_that_is_none_is_refused_without_being_repeated(secret):
    for make in (
        lambda: PipedriveClient(api_token=secret, user_agent="t"),
        lambda: JournyClient(api_key=secret, user_agent="t"),
    ):
        with pytest.raises(errors.ConfigurationError, match=r"api_(token|key) holds") as caught:
            make()
        assert secret not in str(caught.value)


@pytest.mark.parametrize("secret", [None, ""])
def test_a_missing_credential_is_told(secret):
    with pytest.raises(errors.ConfigurationError, match="api_token is missing"):
        PipedriveClient(api_token=secret, user_agent="t")
    with pytest.raises(errors.ConfigurationError, match="api_key is missing"):
        JournyClient(api_key=secret, user_agent="t")


def test_a_credential_may_be_copied_with_its_line_end(sandbox):
    client = PipedriveClient(
        api_token=" sandbox-token\n", user_agent="t", api_url=sandbox.pipedrive_url
    )
    assert client.me()["id"]


# journy


def test_a_key_without_a_right_and_a_disabled_key(sandbox):
    def client(key):
        return JournyClient(api_key=key, user_agent="t", api_url=sandbox.journy_url)

    for key in ("sandbox-key-disabled", "sandbox-key-write"):
        with pytest.raises(errors.AuthenticationError):
            client(key).catalogue("/properties/users")


@pytest.mark.parametrize(
    "body", [None, [], {}, {"data": None}, {"data": "x"}, {"data": [1]}], ids=str
)
def test_journys_answers_that_can_not_be_read(wire, body):
    client = JournyClient(api_key="k", user_agent="t", api_url="http://service.test")
    wire.get(ANY, json=body)
    for ask in (lambda: client.catalogue("/properties/users"), client.permissions):
        with pytest.raises(errors.TransientError, match="journy answered"):
            ask()


@pytest.mark.parametrize(
    ("body", "rejected"),
    [({"rejected": {"a": "why"}}, {"a": "why"}), ({}, {}), ({"rejected": []}, {}), (None, {})],
    ids=str,
)
def test_what_journy_rejects_is_told(wire, body, rejected):
    client = JournyClient(api_key="k", user_agent="t", api_url="http://service.test")
    wire.post(ANY, json=body)
    assert client.upsert_user({"userId": "1"}, {"a": 1}) == rejected


def test_a_hundred_members_are_added_with_one_call(sandbox, journy):
    journy.add_members({"accountId": "x"}, [{"userId": str(n)} for n in range(100)])
    assert len(sandbox.journal()) == 1
