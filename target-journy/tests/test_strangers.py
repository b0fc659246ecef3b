"""A person who had an address before the user who has it came."""

from __future__ import annotations

import pytest
import requests
from sync_tests.two_way import Sync

ANN, BOB = "ann@acme.example", "bob@acme.example"
ON, OFF = {"create": True}, {}


@pytest.fixture
def sync(plugins, sandbox, journy):
    """A person whom the ledger knows by an address that is another one by now."""
    url, body = f"{sandbox.pipedrive_url}/api/v2/persons", {"name": "Bob", **emails(ANN)}
    assert requests.post(url, json=body, headers={"x-api-token": "sandbox-token"}, timeout=10).ok
    job = Sync(plugins, sandbox, journy)
    job.create = OFF
    job.to_journy()
    sandbox.clock.advance(60)
    job.edit_person(**emails(BOB))
    return job


def emails(address):
    return {"emails": [{"value": address, "primary": True}]}


@pytest.mark.parametrize("create", [OFF, ON], ids=["creating is off", "creating is on"])
def test_the_person_is_not_taken_for_the_user_in_either_direction(sync, journy, sandbox, create):
    journy.put("users", {"userId": "u1", "email": ANN}, first_name="Ann")
    sync.create = create
    sync.to_pipedrive()
    sync.create = ON
    sync.to_journy()
    assert journy.user("u1")["email"] == ANN
    assert journy.user(BOB)["first_name"] == "Bob"
    names = {row["name"] for row in sandbox.pipedrive.rows("person").values()}
    assert names == ({"Ann", "Bob"} if create else {"Bob"})


def test_a_person_who_may_not_be_read_is_never_made_again(sync, journy, sandbox, plugins):
    sync.edit_person(**emails(ANN), visible_to=1)
    refusal = {"status": 403, "body": {"success": False, "error": "No access to this item"}}
    sandbox.fault("/pipedrive/api/v2/persons/*", "GET", times=None, action=refusal)
    journy.put("users", {"userId": "u1", "email": ANN}, first_name="Ann")
    _, text, _ = plugins.call("tap-journy")
    for _ in range(2):
        bob = {"api_token": "sandbox-token-bob", "users": ON, "accounts": OFF}
        assert plugins.write(text, "target-pipedrive", **bob).reasons == {"forbidden": 1}
    assert len(sandbox.pipedrive.rows("person")) == 1
