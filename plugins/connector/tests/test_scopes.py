"""The table of scopes, held against the tap's streams and against the sandbox's own refusals."""

from __future__ import annotations

import pytest
import requests
from sync_connector.connecting.scopes import Need, least, missing, needs
from sync_core.pipedrive.endpoints import ENTITIES
from sync_core.pipedrive.scopes import STREAMS, WRITTEN_BY, opening
from tap_pipedrive.table import STREAMS as TAP


@pytest.fixture
def answers(sandbox):
    """The status that a path gives to an app with these scopes."""
    server, back = f"{sandbox.pipedrive_url}/oauth", "http://127.0.0.1/back"

    def ask(path, scopes):
        sandbox.switches.set("pipedrive.oauth_scopes", " ".join(scopes))
        form = {"client_id": "sandbox-client", "redirect_uri": back, "decision": "allow"}
        sent = requests.post(
            f"{server}/authorize", data=form, allow_redirects=False, timeout=10
        ).headers["Location"]
        given = requests.post(
            f"{server}/token",
            data={
                "grant_type": "authorization_code",
                "code": sent.partition("code=")[2].partition("&")[0],
                "redirect_uri": back,
            },
            auth=("sandbox-client", "sandbox-secret"),
            timeout=10,
        ).json()
        header = {"Authorization": f"Bearer {given['access_token']}"}
        return requests.get(sandbox.pipedrive_url + path, headers=header, timeout=10).status_code

    return ask


def test_every_stream_of_the_tap_has_its_scopes():
    assert STREAMS.keys() == TAP.keys()


#: A stream that is asked for by the ids of another has that one's scope.
ALONE = sorted(name for name, spec in TAP.items() if not spec.parent)


@pytest.mark.parametrize("stream", ALONE)
def test_the_least_scopes_of_a_stream_open_it_and_nothing_less_does(answers, stream):
    spec = TAP[stream]
    wanted = needs({"tap-pipedrive": {"streams": [stream]}})
    assert answers(spec.path, least(wanted)) == 200
    enough_without = 200 if not opening(stream) else 403
    assert answers(spec.path, ["base"]) == enough_without


@pytest.mark.parametrize(
    ("target", "scopes"),
    [
        ({}, ["base", "contacts:full", "search:read"]),
        ({"owner": "jane@acme.com"}, ["base", "contacts:full", "search:read", "users:read"]),
        (
            {"create_missing_fields": True},
            ["base", "contacts:full", "search:read", "contact-fields:full"],
        ),
        (
            {"streams": {"wins": {"entity": "deal"}}},
            ["base", "contacts:full", "search:read", "deals:full"],
        ),
        (
            {"streams": {"demos": {"entity": "lead"}}, "create_missing_fields": True},
            [
                "base",
                "contacts:full",
                "search:read",
                "leads:full",
                "contact-fields:full",
                "deal-fields:full",
            ],
        ),
        (
            {"streams": {"tickets": {"entity": "note"}}},
            ["base", "contacts:full", "search:read"],
        ),
        (
            {"actions": [{"name": "call", "activity": {"assignee": 7, "open_deal": True}}]},
            ["base", "contacts:full", "search:read", "activities:full", "users:read", "deals:read"],
        ),
        (
            {"actions": [{"name": "call", "activity": {"priority": "High"}}]},
            ["base", "contacts:full", "search:read", "activities:full", "admin"],
        ),
    ],
    ids=[
        "mappings",
        "owner",
        "missing fields",
        "deals",
        "leads",
        "notes",
        "an action",
        "a priority",
    ],
)
def test_what_is_configured_for_writing_takes_no_more_than_it_needs(target, scopes):
    assert sorted(least(needs({"target-pipedrive": target}))) == sorted(scopes)


def test_reading_is_served_by_writing_and_a_choice_by_what_is_there():
    both = {"tap-pipedrive": {"streams": ["persons", "notes", "files"]}, "target-pipedrive": {}}
    assert sorted(least(needs(both))) == ["base", "contacts:full", "search:read"]


def test_every_entity_that_can_be_written_has_a_scope():
    assert set(ENTITIES) <= set(WRITTEN_BY)


def test_a_need_is_missing_where_none_of_its_scopes_was_granted():
    need = Need(("contacts:read", "contacts:full"), "reading persons")
    assert missing([need], ["contacts:full"]) == []
    assert missing([need], ["base"]) == [need]
