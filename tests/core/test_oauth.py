"""OAuth: tokens that end, are refused in mid-run or are replaced, and what is never told."""

from __future__ import annotations

import json
import logging
import stat
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest
import requests
from requests_mock import ANY, Mocker
from sync_core import errors
from sync_core.pipedrive import PipedriveClient
from sync_core.pipedrive.auth import OAuth, grant
from sync_core.pipedrive.endpoints import PERSON
from sync_core.pipedrive.kept_token import KeptToken, folder
from sync_tests.oauth import APP, installed

URL = "https://oauth.pipedrive.test/oauth"
TOKEN = f"{URL}/token"
HOME = "http://acme.pipedrive.test"
ME = f"{HOME}/v1/users/me"
JANE = {"json": {"success": True, "data": {"id": 1}}}


@pytest.fixture(autouse=True)
def system_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MELTANO_SYS_DIR_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
def wire():
    with Mocker() as mocker:
        yield mocker


@pytest.fixture
def settings(sandbox):
    token = installed(sandbox)
    sandbox.clear_journal()
    return {**APP, "refresh_token": token, "oauth_url": f"{sandbox.pipedrive_url}/oauth"}


def client(**config) -> PipedriveClient:
    return PipedriveClient.from_settings(config, user_agent="test/1")


def mocked(clock, **config) -> PipedriveClient:
    """A client whose time passes only by the clock, at addresses that only requests_mock knows."""
    config = {**APP, "refresh_token": "r0", "oauth_url": URL, **config}
    made = client(**config)
    auth = OAuth(grant(config), KeptToken("r0", "default"), user_agent="test/1", clock=clock)
    auth._http._sleep = made.http._sleep = made.http._pacer._sleep = clock.sleep
    made.http._auth = auth
    return made


def tokens(*answers):
    return [
        {"json": {"access_token": a, "refresh_token": r, "expires_in": 3599, "api_domain": HOME}}
        for a, r in answers
    ]


def bearers(wire, path="/v1/users/me"):
    calls = [each for each in wire.request_history if each.path == path]
    return [each.headers["Authorization"].removeprefix("Bearer ") for each in calls]


def paths(sandbox):
    return [each["path"].removeprefix("/pipedrive") for each in sandbox.journal()]


def test_an_access_token_is_fetched_once_and_the_company_s_own_address_is_used(sandbox, settings):
    pipedrive = client(**settings)
    assert pipedrive.me()["id"] == 1
    assert pipedrive.users()
    assert paths(sandbox) == ["/oauth/token", "/v1/users/me", "/v1/users"]
    assert pipedrive.http.base_url == sandbox.pipedrive_url


def test_a_configured_address_wins_over_the_company_s_own(wire, clock):
    wire.post(TOKEN, tokens(("a1", "r0")))
    wire.get("http://proxy.test/v1/users/me", **JANE)
    assert mocked(clock, api_url="http://proxy.test").me()["id"] == 1


def test_a_token_that_is_refused_in_mid_run_is_renewed_once(sandbox, settings):
    pipedrive = client(**settings)
    pipedrive.me()
    sandbox.pipedrive.oauth.expire_access()
    sandbox.clear_journal()
    created = pipedrive.create(PERSON, {"name": "Ann Lee"})
    assert created["name"] == "Ann Lee"
    assert paths(sandbox) == ["/api/v2/persons", "/oauth/token", "/api/v2/persons"]


def test_a_fresh_token_that_is_refused_as_well_ends_it(wire, clock):
    wire.post(TOKEN, tokens(("a1", "r0"), ("a2", "r0")))
    wire.get(ME, status_code=401, json={})
    with pytest.raises(errors.AuthenticationError):
        mocked(clock).me()
    assert bearers(wire) == ["a1", "a2"]


def test_a_token_is_renewed_before_it_ends(wire, clock):
    wire.post(TOKEN, tokens(("a1", "r0"), ("a2", "r0")))
    wire.get(ME, **JANE)
    pipedrive = mocked(clock)
    for seconds in (0, 3500, 60):
        clock.now += seconds
        pipedrive.me()
    assert bearers(wire) == ["a1", "a1", "a2"]


def test_threads_that_are_refused_together_renew_once(wire, clock):
    wire.post(TOKEN, tokens(("a1", "r0"), ("a2", "r0"), ("a3", "r0")))
    auth = mocked(clock).http._auth
    auth.ready()
    refused = [auth(requests.Request("GET", ME).prepare()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(auth.renew, refused))
    assert wire.call_count == 2


def test_a_replaced_refresh_token_is_kept_for_its_owner_alone(wire, clock, system_folder):
    wire.post(TOKEN, tokens(("a1", "r1"), ("a2", "r1")))
    wire.get(ME, **JANE)
    mocked(clock).me()
    (path,) = system_folder.iterdir()
    assert path.name == "oauth-default.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    mocked(clock).me()
    sent = [parse_qs(each.text) for each in wire.request_history if each.url == TOKEN]
    assert [each["refresh_token"] for each in sent] == [["r0"], ["r1"]]


def test_a_refresh_token_that_is_configured_later_wins_over_the_kept_one(tmp_path):
    KeptToken("r0", "default", place=tmp_path).keep("r1")
    assert KeptToken("r0", "default", place=tmp_path).newest() == "r1"
    assert KeptToken("new", "default", place=tmp_path).newest() == "new"
    KeptToken("new", "default", place=tmp_path).keep("newer")
    assert KeptToken("r0", "default", place=tmp_path).newest() == "r1"
    assert KeptToken("r0", "other", place=tmp_path).newest() == "r0"


def test_a_token_that_another_plugin_was_given_meanwhile_is_taken(wire, clock):
    def answer(request, context):
        if "r0" in request.text:
            KeptToken("r0", "default").keep("r1")
            context.status_code = 400
            return {"success": False, "error": "invalid_grant"}
        return tokens(("a1", "r1"))[0]["json"]

    wire.post(TOKEN, json=answer)
    wire.get(ME, **JANE)
    assert mocked(clock).me()["id"] == 1


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"x": 1}'])
def test_a_damaged_file_falls_back_to_the_configured_token(tmp_path, content):
    kept = KeptToken("r0", "a/b c", place=tmp_path)
    (tmp_path / "oauth-a_b_c.json").write_text(content)
    assert kept.newest() == "r0"
    kept.keep("r1")
    assert kept.newest() == "r1"


def test_a_folder_that_refuses_is_a_warning_and_no_end(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    KeptToken("r0", "default", place=tmp_path / "file").keep("s3cret")
    assert "make that folder writable" in caplog.text
    assert "s3cret" not in caplog.text


def test_without_meltano_tokens_lie_in_the_user_s_state_directory(tmp_path):
    assert folder({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "pipedrive-journy"
    assert folder({}).parts[-3:] == (".local", "state", "pipedrive-journy")
    both = {"XDG_STATE_HOME": "/x", "MELTANO_SYS_DIR_ROOT": str(tmp_path)}
    assert folder(both) == tmp_path


def test_a_revoked_app_says_how_to_connect_again(sandbox, settings):
    sandbox.pipedrive.oauth.revoke_all()
    with pytest.raises(errors.AuthenticationError, match="connect Pipedrive again") as caught:
        client(**settings).me()
    assert settings["refresh_token"] not in str(caught.value)


def test_a_wrong_secret_names_both_settings(sandbox, settings):
    with pytest.raises(errors.AuthenticationError, match="client_id and client_secret"):
        client(**{**settings, "client_secret": "wrong"}).me()


def test_a_missing_scope_is_named_with_what_to_do(sandbox, settings):
    sandbox.reset(switches={"pipedrive.oauth_scopes": "base users:read"})
    pipedrive = client(**{**settings, "refresh_token": installed(sandbox)})
    with pytest.raises(errors.MissingScopeError) as caught:
        next(pipedrive.pages(PERSON.path))
    text = str(caught.value)
    assert "/api/v2/persons" in text
    assert "contacts:read" in text
    assert "Developer Hub" in text


@pytest.mark.parametrize("status", [402, 403, 404, 405, 410, 415])
def test_an_oauth_address_that_gives_no_tokens_is_no_matter_of_one_record(wire, clock, status):
    wire.post(TOKEN, status_code=status, json={"error": "nothing here"})
    with pytest.raises(errors.AuthenticationError, match="oauth_url") as caught:
        mocked(clock).me()
    assert f"answered {status}" in str(caught.value)
    assert wire.call_count == 1


@pytest.mark.parametrize("given", [["client_id"], ["client_id", "refresh_token"]])
def test_half_an_app_is_refused_by_what_is_missing(given):
    whole = {**APP, "refresh_token": "r0"}
    missing = ", ".join(name for name in whole if name not in given)
    with pytest.raises(errors.ConfigurationError, match=f"not set: {missing}"):
        client(**{name: whole[name] for name in given})


def test_an_api_token_goes_first():
    assert grant({**APP, "refresh_token": "r0", "api_token": "t"}) is None


def test_an_unusable_address_is_named_by_its_setting(clock):
    with pytest.raises(errors.ConfigurationError, match="oauth_url must begin"):
        mocked(clock, oauth_url="pipedrive.com")


@pytest.mark.parametrize("answer", [{}, [], None, {"access_token": ""}, {"access_token": 7}])
def test_an_answer_without_a_token_is_an_outage(wire, clock, answer):
    wire.post(TOKEN, json=answer)
    with pytest.raises(errors.TransientError, match="without an access token"):
        mocked(clock).me()


def test_neither_token_nor_secret_reaches_a_log_or_an_error(wire, clock, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = ("sandbox-secret", "r0-s3cret", "a1-s3cret")
    config = {**APP, "refresh_token": "r0-s3cret", "oauth_url": URL}
    wire.post(TOKEN, tokens(("a1-s3cret", "r0-s3cret")))
    wire.get(ANY, status_code=400, json={"error": " ".join(secrets)})
    with pytest.raises(errors.InvalidError) as caught:
        next(client(**config).pages(PERSON.path))
    wire.post(TOKEN, status_code=400, json={"error": " ".join(secrets[:2])})
    with pytest.raises(errors.AuthenticationError) as refused:
        client(**config).me()
    told = json.dumps([str(caught.value), str(refused.value), caplog.text])
    assert not [secret for secret in secrets if secret in told]


def test_a_kept_token_that_the_server_repeats_reaches_no_error(wire, clock):
    KeptToken("r0", "default").keep("r1-s3cret")
    wire.post(TOKEN, status_code=400, json={"error": "r1-s3cret is no refresh token"})
    with pytest.raises(errors.AuthenticationError) as refused:
        mocked(clock).me()
    assert "s3cret" not in str(refused.value) + refused.value.detail
