from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

UNAUTHORIZED = {
    "success": False,
    "error": "unauthorized access",
    "errorCode": 401,
    "error_info": "Please check developers.pipedrive.com",
}
CALLBACK = "http://127.0.0.1:9/callback"
APP = ("sandbox-client", "sandbox-secret")


@pytest.mark.parametrize(
    "headers",
    [{"x-api-token": "wrong"}, {"x-other": "1"}, {"authorization": "Bearer sandbox-token"}],
    ids=str,
)
def test_without_a_valid_credential_the_gateway_refuses(client_of, headers):
    answer = client_of(headers=headers).get("/api/v2/persons")
    assert answer.status_code == 401
    assert answer.json() == UNAUTHORIZED
    assert answer.headers["x-401-by-gw"] == "true"


def test_a_token_in_the_query_is_a_credential_only_if_the_switch_says_so(sandbox, client_of):
    nobody = client_of(headers={"x-other": "1"})
    assert nobody.get("/v1/users/me", api_token="sandbox-token").status_code == 401
    sandbox.switches.set("pipedrive.query_api_token", "accept")
    assert nobody.get("/v1/users/me", api_token="sandbox-token").status_code == 200
    assert "sandbox-token" not in str(sandbox.journal())


def test_a_regular_user_sees_fewer_rows_and_may_not_change_the_setup(pipedrive, client_of):
    bob = client_of(token="sandbox-token-bob")
    secret = pipedrive.person(name="Zoe Quill", visible_to=1)
    assert bob.get(f"/api/v2/persons/{secret['id']}").status_code == 404
    seen = {row["id"] for row in bob.data("/api/v2/persons", limit=500)}
    assert secret["id"] not in seen
    assert secret["id"] in {row["id"] for row in pipedrive.data("/api/v2/persons", limit=500)}
    assert bob.data("/api/v2/persons/search", term="zoe quill")["items"] == []
    body = {"field_name": "X", "field_type": "varchar"}
    assert bob.post("/api/v2/personFields", body).status_code == 403
    assert bob.post("/api/v2/persons", {"name": "By Bob"}).json()["data"]["owner_id"] == 2


def test_a_wrong_method_or_path_is_told_apart(pipedrive):
    assert pipedrive.put("/api/v2/persons/1", {"name": "X"}).status_code == 405
    assert pipedrive.get("/api/v2/people").status_code == 404
    assert pipedrive.get("/api/v2/persons/").status_code == 404


def consent(pipedrive, decision="allow", **more):
    form = {"client_id": APP[0], "redirect_uri": CALLBACK, "state": "s-1", **more}
    answer = pipedrive.call(
        "POST",
        "/oauth/authorize",
        data={**form, "user": "1", "decision": decision},
        allow_redirects=False,
    )
    assert answer.status_code == 302, answer.text
    return {
        name: values[0]
        for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()
    }


def token(pipedrive, auth=APP, **form):
    return pipedrive.call("POST", "/oauth/token", data=form, auth=auth)


def install(pipedrive):
    code = consent(pipedrive)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = token(pipedrive, **form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def bearer(client_of, tokens):
    return client_of(headers={"authorization": f"Bearer {tokens['access_token']}"})


def test_the_consent_page_names_the_scopes_and_brings_the_state_back(pipedrive):
    query = {"client_id": APP[0], "redirect_uri": CALLBACK, "state": "s-1"}
    page = pipedrive.get("/oauth/authorize", **query)
    assert page.status_code == 200
    assert "contacts:full" in page.text
    assert consent(pipedrive)["state"] == "s-1"
    assert consent(pipedrive, "deny") == {"error": "user_denied", "state": "s-1"}


@pytest.mark.parametrize(
    "query",
    [
        {"client_id": "other", "redirect_uri": CALLBACK},
        {"client_id": APP[0], "redirect_uri": "https://elsewhere.example/"},
        {"client_id": APP[0], "redirect_uri": CALLBACK, "scope": "base"},
    ],
    ids=str,
)
def test_a_wrong_authorize_request_is_refused_without_a_redirect(pipedrive, query):
    answer = pipedrive.call("GET", "/oauth/authorize", params=query, allow_redirects=False)
    assert answer.status_code == 400


def test_a_code_becomes_a_token_that_works_and_is_long(pipedrive, client_of):
    tokens = install(pipedrive)
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3599)
    assert len(tokens["access_token"]) >= 768
    assert tokens["api_domain"] == pipedrive.sandbox.pipedrive_url
    assert bearer(client_of, tokens).data("/v1/users/me")["email"] == "jane@acme.com"


def test_a_code_works_once_and_for_five_minutes(sandbox, pipedrive):
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    code = consent(pipedrive)["code"]
    assert token(pipedrive, code=code, **form).status_code == 200
    assert token(pipedrive, code=code, **form).status_code == 400
    code = consent(pipedrive)["code"]
    sandbox.clock.advance(301)
    assert token(pipedrive, code=code, **form).json()["error"] == "invalid_grant"


def test_the_app_must_prove_who_it_is(pipedrive):
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    assert token(pipedrive, auth=(APP[0], "wrong"), **form).status_code == 401
    assert token(pipedrive, auth=None, **form).status_code == 401
    inside = {"client_id": APP[0], "client_secret": APP[1]}
    assert token(pipedrive, auth=None, **form, **inside).status_code == 400


def test_an_access_token_lives_an_hour_and_refreshing_keeps_the_refresh_token(
    sandbox, pipedrive, client_of
):
    tokens = install(pipedrive)
    sandbox.clock.advance(3601)
    assert bearer(client_of, tokens).get("/v1/users/me").status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    fresh = token(pipedrive, **form).json()
    assert fresh["refresh_token"] == tokens["refresh_token"]
    assert bearer(client_of, fresh).get("/v1/users/me").status_code == 200


def test_a_refresh_token_dies_after_60_days_without_use(sandbox, pipedrive):
    tokens = install(pipedrive)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    for _ in range(2):
        sandbox.clock.advance(59 * 86_400)
        assert token(pipedrive, **form).status_code == 200
    sandbox.clock.advance(61 * 86_400)
    assert token(pipedrive, **form).status_code == 400


def test_revoking_the_refresh_token_uninstalls_the_app(pipedrive, client_of):
    tokens = install(pipedrive)
    form = {"token": tokens["refresh_token"], "token_type_hint": "refresh_token"}
    assert pipedrive.call("POST", "/oauth/revoke", data=form, auth=APP).status_code == 200
    assert bearer(client_of, tokens).get("/v1/users/me").status_code == 401


def test_scopes_open_endpoints(sandbox, pipedrive, client_of):
    sandbox.switches.set("pipedrive.oauth_scopes", "base contacts:read")
    app = bearer(client_of, install(pipedrive))
    assert app.get("/api/v2/persons").status_code == 200
    refused = app.post("/api/v2/persons", {"name": "Ann"})
    assert (refused.status_code, refused.json()["error"]) == (403, "Scope and URL mismatch")
    assert app.get("/api/v2/activityFields").status_code == 403
    assert app.get("/v1/users").status_code == 403
