"""journy's own Python SDK, unmodified, against the sandbox; its base URL is set from outside."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

REASON = "the official SDK is not installed (journyio-sdk)"
pytest.importorskip("journyio", reason=REASON)

from journyio.account_identified import AccountIdentified  # noqa: E402  # after the check above
from journyio.client import Client, Config, Properties  # noqa: E402
from journyio.events import Event, Metadata  # noqa: E402
from journyio.httpclient import HttpClientRequests  # noqa: E402
from journyio.results import Failure, Success  # noqa: E402
from journyio.user_identified import UserIdentified  # noqa: E402
from journyio.utils import APIError, JournyException  # noqa: E402

USER = UserIdentified("u-1", "jo@example.com")
ACCOUNT = AccountIdentified("a-1", "acme.example")


@pytest.fixture
def client(nobody):
    def with_key(key="sandbox-key"):
        return Client(HttpClientRequests(), Config(key, nobody.url))

    return with_key


def properties(**values):
    made = Properties()
    for name, value in values.items():
        made[name] = value
    return made


def test_it_upserts_users_and_accounts(nobody, client):
    born = datetime(2026, 10, 1, 8, 30, tzinfo=timezone.utc)
    facts = properties(first_name="Jo", logins_30d=3, registered_at=born, hasDog=True)
    answer = client().upsert_user(USER, facts)
    assert isinstance(answer, Success)
    assert answer.calls_remaining == 1799
    assert isinstance(client().upsert_account(ACCOUNT, properties(plan="Growth")), Success)
    stored = nobody.user(userId="u-1", email="jo@example.com")["properties"]
    assert (stored["first_name"], stored["hasdog"]) == ("Jo", True)
    assert stored["registered_at"] == born.isoformat()
    assert nobody.account(domain="acme.example")["properties"]["plan"] == "Growth"


def test_a_second_upsert_changes_what_it_sends_and_keeps_the_rest(nobody, client):
    client().upsert_user(USER, properties(first_name="Jo", title="CEO"))
    client().upsert_user(USER, properties(title="CTO"))
    client().upsert_account(ACCOUNT, properties(plan="Free", industry="Mining"))
    client().upsert_account(ACCOUNT, properties(plan="Growth"))
    user = nobody.user(userId="u-1")["properties"]
    assert (user["first_name"], user["title"]) == ("Jo", "CTO")
    account = nobody.account(accountId="a-1")["properties"]
    assert (account["plan"], account["industry"]) == ("Growth", "Mining")
    assert nobody.service.counts()["users"] == nobody.service.counts()["accounts"] == 1


def test_it_adds_members(nobody, client):
    assert isinstance(client().add_users_to_account(ACCOUNT, [USER]), Success)
    assert nobody.account(accountId="a-1")["members"] == ["u-1"]


def test_it_removes_members_though_it_stumbles_over_the_empty_204(nobody, client):
    client().add_users_to_account(ACCOUNT, [USER])
    with pytest.raises(JournyException):
        client().remove_users_from_account(ACCOUNT, [USER])
    assert nobody.account(accountId="a-1")["members"] == []


def test_it_tracks_events_and_links_devices(nobody, client):
    metadata = Metadata()
    metadata["seats"] = 3
    event = Event.for_user_in_account("seats_bought", USER, ACCOUNT).with_metadata(metadata)
    moment = datetime(2026, 10, 1, 8, 30)  # noqa: DTZ001  # the SDK's users send naive ones too
    assert isinstance(client().add_event(event.happened_at(moment)), Success)
    assert isinstance(client().link(USER, "d-1"), Success)
    activity = nobody.user(userId="u-1")["properties"]["last_activity_at"]
    assert activity == "2026-10-01T08:30:00.000Z"


def test_it_deletes(nobody, client):
    client().upsert_user(USER, properties())
    client().upsert_account(ACCOUNT, properties())
    assert isinstance(client().delete_user(USER), Success)
    assert isinstance(client().delete_account(ACCOUNT), Success)
    assert nobody.service.counts()["users"] == nobody.service.counts()["accounts"] == 0


def test_it_reads_the_key_and_the_snippet(client):
    assert "TrackData" in client().get_api_key_details().data.permissions
    assert client().get_tracking_snippet("acme.example").data.domain == "acme.example"


def test_it_tells_failures_apart(nobody, client):
    bad_address = UserIdentified.by_email("nobody")
    cases = [
        (client("wrong").get_api_key_details(), APIError.UnauthorizedError),
        (client("sandbox-key-disabled").get_api_key_details(), APIError.ForbiddenError),
        (client().upsert_user(bad_address, properties()), APIError.BadArgumentsError),
        (client().get_tracking_snippet("other.example"), APIError.NotFoundError),
    ]
    nobody.switches.set("journy.rate_limit", 1)
    cases.append((client().get_api_key_details(), APIError.TooManyRequests))
    for answer, error in cases:
        assert isinstance(answer, Failure)
        assert answer.error == error
        assert answer.request_id
