"""Users whom we put into an account, and whom somebody in journy puts into another one."""

from __future__ import annotations

import pytest
import requests
from sync_tests.two_way import Sync


@pytest.fixture
def sync(plugins, sandbox, journy):
    """A user without an account, their person, and the organizations of two accounts."""
    for each in ("a1", "a2"):
        journy.put("accounts", {"accountId": each, "domain": f"{each}.example"}, name=each)
    journy.put("users", {"userId": "u1", "email": "ann@acme.example"}, first_name="Ann")
    job = Sync(plugins, sandbox, journy)
    job.rest()
    job.create = {}
    return job


def join(sandbox, account):
    body = {"account": {"accountId": account}, "users": [{"identification": {"userId": "u1"}}]}
    url = f"{sandbox.journy_url}/accounts/users/add"
    assert requests.post(url, json=body, headers={"X-Api-Key": "sandbox-key"}, timeout=10).ok


def rename(sandbox, organization, account):
    key = sandbox.pipedrive.field("organization", "Account ID")["field_code"]
    url = f"{sandbox.pipedrive_url}/api/v2/organizations/{organization}"
    body, headers = {"custom_fields": {key: account}}, {"x-api-token": "sandbox-token"}
    assert requests.patch(url, json=body, headers=headers, timeout=10).ok


def homes(sandbox):
    """The organizations by their names."""
    return {row["name"]: row["id"] for row in sandbox.pipedrive.rows("organization").values()}


def test_who_was_moved_leaves_our_account_though_their_organization_was_written_meanwhile(
    sync, sandbox, journy, plugins
):
    known = homes(sandbox)
    for name in ("a1", "a2"):
        sync.edit_person(org_id=known[name])
        sync.to_journy()
    sync.edit_user(last_name="Lee")
    sync.to_pipedrive()  # both agree on the organization
    rename(sandbox, known["a2"], "b9")
    plugins.organizations({"id": known["a2"], "name": "a2", "account_id": "b9"})
    join(sandbox, "a1")
    sync.to_pipedrive()
    assert sync.person()["org_id"] == known["a1"]
    sync.edit_person(org_id=None)
    sync.to_journy()
    assert journy.user("u1")["accounts"] == ["a1"]
