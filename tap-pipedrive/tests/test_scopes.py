"""OAuth apps: a stream whose scope is missing is left out, with the scope's name, and no call."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sync_core.pipedrive import scopes
from sync_core.pipedrive.scopes import OPENED_BY
from sync_sandbox.pipedrive.routes import ENDPOINTS
from tap_pipedrive.table import STREAMS

APP = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
LEFT_OUT = 3


@pytest.fixture
def app(sandbox, tmp_path, monkeypatch):
    """Install an app that has some scopes; gives the settings that let it in."""
    monkeypatch.setenv("MELTANO_SYS_DIR_ROOT", str(tmp_path))

    def install(scopes: str) -> dict[str, object]:
        sandbox.switches.update({"pipedrive.oauth_scopes": scopes})
        back = "http://127.0.0.1:1/callback"
        url = f"{sandbox.pipedrive_url}/oauth"
        form = {"client_id": APP["client_id"], "redirect_uri": back, "user": "1"}
        asked = {**form, "decision": "allow"}
        sent = requests.post(f"{url}/authorize", asked, timeout=10, allow_redirects=False)
        (code,) = parse_qs(urlsplit(sent.headers["Location"]).query)["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        answer = requests.post(f"{url}/token", form, auth=tuple(APP.values()), timeout=10).json()
        sandbox.clear_journal()
        return {
            "api_token": None,
            "oauth_url": url,
            "refresh_token": answer["refresh_token"],
            **APP,
        }

    return install


def asked(sandbox) -> list[str]:
    paths = [entry["path"].partition("?")[0] for entry in sandbox.journal()]
    return [path.removeprefix("/pipedrive") for path in paths if "/oauth/" not in path]


def test_a_stream_whose_scope_is_missing_is_left_out_by_name_without_a_call(tap, sandbox, app):
    run = tap(streams=["deals", "persons", "stages"], **app("base contacts:read"))
    assert run.exit_code == LEFT_OUT
    assert len(run.records("persons")) == 60
    assert "deals needs the scope deals:read (or deals:full)" in run.log
    assert "stages needs the scope deals:read (or deals:full, admin)" in run.log
    assert "it has base, contacts:read" in run.log
    assert set(asked(sandbox)) == {"/api/v2/persons", "/api/v2/personFields"}


def test_a_stream_is_left_out_where_only_its_catalogue_needs_more(tap, sandbox, app):
    run = tap(streams=["leads"], **app("base leads:read"))
    assert run.exit_code == LEFT_OUT
    assert "leads needs the scope deals:read" in run.log
    assert "for /api/v2/dealFields" in run.log
    assert asked(sandbox) == []


def test_a_catalogue_that_nobody_wants_needs_no_scope(tap, sandbox, app):
    catalog = json.loads(tap("--discover", streams=["leads"]).out)
    (stream,) = catalog["streams"]
    for each in stream["metadata"]:
        if each["breadcrumb"]:
            about = stream["schema"]["properties"][each["breadcrumb"][1]]["x-pipedrive"]
            each["metadata"]["selected"] = about["key"] == each["breadcrumb"][1]
    run = tap(streams=["leads"], catalog=catalog, **app("base leads:read"))
    assert run.exit_code == 0, run.log
    assert run.records("leads")
    assert asked(sandbox) == ["/v1/leads"]


@pytest.mark.parametrize("stream", sorted(STREAMS))
def test_each_stream_reads_with_the_first_scopes_that_are_named_for_it(tap, app, stream):
    spec = STREAMS[stream]
    parent = STREAMS[spec.parent].path if spec.parent else ""
    paths = (spec.path, spec.fields_path, parent)
    wanted = {OPENED_BY[path][0] for path in paths if path in OPENED_BY}
    run = tap(streams=[stream], **app(" ".join(["base", *sorted(wanted)])))
    assert run.exit_code == 0, run.log


@pytest.mark.parametrize("stream", sorted(n for n, s in STREAMS.items() if s.path in OPENED_BY))
def test_each_stream_that_needs_a_scope_says_so(tap, sandbox, app, stream):
    run = tap(streams=[stream], **app("base"))
    assert run.exit_code == LEFT_OUT
    assert f"{stream} needs the scope {OPENED_BY[STREAMS[stream].path][0]}" in run.log
    assert asked(sandbox) == []


def test_a_refusal_for_want_of_a_scope_names_it_even_where_nothing_was_known_before(tap, sandbox):
    body = {"success": False, "error": "Scope and URL mismatch"}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", action={"status": 403, "body": body})
    run = tap(streams=["persons"])
    assert run.exit_code == LEFT_OUT
    assert "persons needs the scope contacts:read" in run.log


def test_a_first_run_goes_on_over_a_token_that_ends_in_the_middle(tap, sandbox, app):
    sandbox.reset(persons=1600, organizations=1)
    settings = app("base contacts:read")
    ends = {"apply": {"pipedrive": {"expire_access_tokens": True}}}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", after=1, action=ends)
    run = tap(streams=["persons"], **settings)
    assert run.exit_code == 0, run.log
    assert len(run.records("persons")) == 1600
    assert settings["refresh_token"] not in run.log


def test_the_table_of_scopes_knows_what_each_stream_reads():
    def paths(spec):
        parent = STREAMS[spec.parent].path if spec.parent else ""
        return tuple(path for path in (spec.path, spec.fields_path, parent) if path)

    assert {name: paths(spec) for name, spec in STREAMS.items()} == dict(scopes.STREAMS)


@pytest.mark.parametrize("row", scopes.TABLE, ids=lambda row: row.path)
def test_the_table_of_scopes_names_those_that_the_sandbox_asks_for(row):
    served = {(one.method, one.path.removeprefix("/api/v1")): one.scopes for one in ENDPOINTS}
    assert set(row.reading) == set(served["GET", row.path])
    if row.writing:
        assert set(row.writing) == set(served["POST", row.path])


def test_an_oauth_address_that_gives_no_tokens_ends_the_run_rather_than_leave_each_stream_out(
    tap, sandbox, app
):
    settings = {**app("base"), "oauth_url": f"{sandbox.url}/nothing"}
    run = tap(streams=["persons", "stages"], **settings)
    assert run.exit_code == 1
    assert "oauth_url" in run.log
    assert "left out" not in run.log
