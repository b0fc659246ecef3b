"""An account id that changes in Pipedrive, seen by both directions with one ledger."""

from __future__ import annotations

import pytest
import requests

ON, OFF = {"create": True}, {"create": False}


class Crm:
    """One organization in Pipedrive, and the account that was made of it."""

    def __init__(self, plugins, sandbox, journy):
        self.plugins, self.sandbox, self.journy = plugins, sandbox, journy
        journy.put("accounts", {"accountId": "a1", "domain": "acme.example"}, name="Acme")
        self.to_pipedrive(ON)
        self.to_journy()
        (self.id,) = sandbox.pipedrive.rows("organization")

    def to_pipedrive(self, accounts=OFF):
        code, text, log = self.plugins.call("tap-journy")
        assert code == 0, log
        return self.plugins.write(text, "target-pipedrive", accounts=accounts)

    def to_journy(self, organizations=OFF):
        code, text, log = self.plugins.call("tap-pipedrive")
        assert code == 0, log
        return self.plugins.write(text, organizations=organizations)

    def edit(self, account_id, **values):
        self.sandbox.clock.advance(2)
        key = self.sandbox.pipedrive.field("organization", "Account ID")["field_code"]
        url = f"{self.sandbox.pipedrive_url}/api/v2/organizations/{self.id}"
        body = {**values, "custom_fields": {key: account_id}}
        headers = {"x-api-token": "sandbox-token"}
        assert requests.patch(url, json=body, headers=headers, timeout=10).ok
        self.sandbox.clear_journal()

    @property
    def website(self):
        return self.sandbox.pipedrive.rows("organization")[self.id]["website"]


@pytest.fixture
def crm(plugins, sandbox, journy):
    return Crm(plugins, sandbox, journy)


def test_what_was_agreed_on_with_the_former_account_is_no_conflict_with_the_new_one(crm, journy):
    crm.edit("a2")
    crm.to_journy()
    crm.edit("a2", website="birch.example")
    journy.put("accounts", {"accountId": "a2"}, name="Acme")
    run = crm.to_pipedrive()
    assert run.reasons == {"no_match": 1, "no_difference": 1}
    assert crm.website == "birch.example"
    assert journy.writes() == []
    crm.to_journy()
    assert journy.account("a2")["domain"] == "birch.example"


def test_it_comes_to_rest_after_the_id_has_changed_and_changed_back(crm, journy):
    for account_id in ("a2", "a1"):
        crm.edit(account_id)
        crm.to_journy(ON)
        crm.to_pipedrive()
        journy.writes()
        assert "conflict" not in {**crm.to_journy(ON).reasons, **crm.to_pipedrive().reasons}
        assert journy.writes() == []
    assert crm.website == "acme.example"
    assert journy.account("a1")["domain"] == "acme.example"
