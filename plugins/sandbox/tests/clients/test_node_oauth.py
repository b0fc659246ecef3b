"""OAuth as Pipedrive's own Node client does it: consent, code, token, refresh, revocation."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

APP = {
    "clientId": "sandbox-client",
    "clientSecret": "sandbox-secret",
    "redirectUri": "http://127.0.0.1:9/callback",
}


def consent(page, decision="allow", user="1"):
    """Press a button of the consent page; what the app is called back with."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    assert "Allow and install" in requests.get(page, timeout=30).text
    answer = requests.post(
        page.split("?")[0],
        data={**asked, "user": user, "decision": decision},
        allow_redirects=False,
        timeout=30,
    )
    location = answer.headers["location"]
    assert location.startswith(APP["redirectUri"])
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


@pytest.fixture
def installed(node):
    node.token = node.oauth("authorize", consent(node.install(**APP))["code"])
    return node


def test_a_code_becomes_a_token_that_opens_both_versions(installed, sandbox):
    assert installed.token["token_type"] == "Bearer"
    assert installed.token["expires_in"] == 3599
    assert installed.token["api_domain"] == sandbox.pipedrive_url
    person = {"name": "Ann Lee"}
    made = installed.v2("Persons", "addPerson", AddPersonRequest=person)["data"]
    assert installed.v2("Persons", "getPerson", id=made["id"])["data"]["name"] == "Ann Lee"
    assert installed.v1("Users", "getCurrentUser")["data"]["name"] == "Jane Miller"


def test_a_refresh_gives_a_new_access_token_under_the_same_refresh_token(installed, sandbox):
    sandbox.clock.advance(3601)
    installed.expire()
    assert installed.v1("Users", "getCurrentUser")["success"] is True
    paths = [row["path"] for row in sandbox.journal()][-2:]
    assert paths == ["/pipedrive/oauth/token", "/pipedrive/v1/users/me"]
    again = installed.oauth("tokenRefresh")
    assert again["refresh_token"] == installed.token["refresh_token"]
    assert again["access_token"] != installed.token["access_token"]


def test_an_access_token_ends_after_an_hour(installed, refused, sandbox):
    sandbox.clock.advance(3601)
    assert refused(lambda: installed.v1("Users", "getCurrentUser"))["errorCode"] == 401


def test_a_scope_that_was_not_granted_is_a_403(node, refused, sandbox):
    sandbox.switches.set("pipedrive.oauth_scopes", "base contacts:read")
    node.oauth("authorize", consent(node.install(**APP))["code"])
    assert node.v2("Persons", "getPersons", limit=1)["success"] is True
    error = refused(lambda: node.v2("Persons", "addPerson", AddPersonRequest={"name": "Ann"}))
    assert "contacts:full" in error["error_info"]


def test_revoking_the_refresh_token_uninstalls_the_app(installed, refused):
    installed.oauth("revokeToken", "refresh_token")
    assert refused(lambda: installed.v1("Users", "getCurrentUser"))["errorCode"] == 401
    assert refused(lambda: installed.oauth("tokenRefresh"))["error"] == "invalid_grant"


def test_a_user_may_decline(node, refused):
    back = consent(node.install(**APP), decision="deny")
    assert back == {"error": "user_denied"}
    assert refused(lambda: node.oauth("authorize", "made-up"))["error"] == "invalid_grant"


def test_a_wrong_secret_gets_no_token(node, refused):
    page = node.install(**{**APP, "clientSecret": "wrong"})
    code = consent(page)["code"]
    assert refused(lambda: node.oauth("authorize", code))["success"] is False
