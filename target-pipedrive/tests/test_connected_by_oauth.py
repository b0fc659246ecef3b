"""A run with the tokens of an OAuth app, which end before it does."""

from __future__ import annotations

import pytest
from sync_tests.oauth import APP, installed

USERS = [{"user_id": f"u{n}", "email": f"p{n}@acme.example", "first_name": "Ann"}
         for n in range(30)]  # fmt: skip


@pytest.fixture
def access(sandbox, tmp_path, monkeypatch):
    """Settings of an installed app, whose tokens are kept in a folder of the test's own."""
    monkeypatch.setenv("MELTANO_SYS_DIR_ROOT", str(tmp_path))
    token = installed(sandbox)
    sandbox.clear_journal()
    server = f"{sandbox.pipedrive_url}/oauth"
    return {**APP, "api_token": None, "refresh_token": token, "oauth_url": server}


def test_tokens_that_end_amid_the_creates_cost_no_record_and_make_none_twice(
    target, crm, sandbox, access
):
    end = {"apply": {"pipedrive": {"expire_access_tokens": True}}}
    sandbox.fault("/pipedrive/api/v2/persons", "POST", after=5, action=end)
    run = target.run(target.stream("users", *USERS), users={"create": True}, **access)
    assert run.exit_code == 0, run.log
    assert run.counts["users"] == {"created": len(USERS)}
    assert len(crm.persons()) == len(USERS)
    assert crm.calls().count("POST /oauth/token") == 2


def test_an_app_that_was_revoked_ends_the_run_with_what_to_do(target, crm, sandbox, access):
    revoke = {"apply": {"pipedrive": {"revoke_oauth": True}}}
    sandbox.fault("/pipedrive/api/v2/persons", "POST", after=5, action=revoke)
    run = target.run(target.stream("users", *USERS), users={"create": True}, **access)
    assert run.exit_code == 1
    assert run.states == []
    assert "connect Pipedrive again" in run.errors[0]
    again = {**access, "refresh_token": installed(sandbox)}
    done = target.run(target.stream("users", *USERS), users={"create": True}, **again)
    assert done.exit_code == 0, done.log
    assert len(crm.persons()) == len(USERS)
