"""What `check` finds, each problem with its cure, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from sync_core.ledger import Ledger

pytestmark = pytest.mark.usefixtures("swift")
HEALTH = {"from": "health", "to": "Customer health"}


@pytest.fixture
def check(desk):
    """Run `check --format json`; gives the findings as (what, state, text, cure)."""

    def run(*arguments, expect=0):
        done = desk.run("check", "--format", "json", *arguments, expect=expect)
        about = json.loads(done.stdout)
        assert (about["states"]["problem"] > 0) is (expect == 1)
        return about["findings"]

    return run


@pytest.fixture
def quick(check):
    return lambda **options: check("--quick", **options)


@pytest.fixture
def impatient(monkeypatch):
    """One try is enough to see that nothing answers."""
    monkeypatch.setattr("sync_core.http.TRIES", 1)


def only(findings, state="problem"):
    (found,) = [each for each in findings if each["state"] == state]
    return found


def test_a_project_that_can_run_has_no_problem_and_nothing_is_written(desk, check, sandbox):
    desk.settings["target-pipedrive"]["users"] = {"fields": [HEALTH]}
    desk.settings["target-journy"]["persons"] = {
        "fields": [
            {"from": "customer_health", "to": "team"},
            {"from": "Newsletter", "to": "role"},
        ]
    }  # a field that is kept in step both ways is no circle
    before = set(desk.folder.iterdir()) | {desk.folder / "settings.json"}
    findings = check()
    assert {each["state"] for each in findings} == {"ok"}
    said = {each["what"]: each["text"] for each in findings}
    assert "Jane Miller's at Acme" in said["tap-pipedrive, target-pipedrive"]
    assert said["target-pipedrive"] == "fits both sides: 1 line of users"
    assert "TrackData" in said["tap-journy, target-journy"]
    assert said["target-pipedrive: options"].startswith("1 choice field")
    assert "no value comes back" in said["mappings both ways"]
    assert {request["method"] for request in sandbox.journal()} == {"GET"}
    assert set(desk.folder.iterdir()) == before


def test_the_two_plugins_of_a_credential_are_asked_about_once(quick, sandbox):
    quick()
    paths = [request["path"].partition("?")[0] for request in sandbox.journal()]
    assert sorted(paths) == ["/journy/validate", "/pipedrive/v1/users/me"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("role", "wrong", "cure"),
    [
        ("target-pipedrive", {"api_token": "wrong"}, "check the credential"),
        ("tap-pipedrive", {"api_token": ""}, "set it to a Pipedrive API token"),
        ("tap-journy", {"api_key": "wrong"}, "check the credential"),
        ("target-journy", {"api_key": ""}, "set it to a journy.io API key"),
        ("tap-journy", {"api_url": "http://127.0.0.1:9"}, "check api_url"),
        ("tap-pipedrive", {"api_url": "ftp://x"}, "correct it in the settings"),
    ],
)
def test_a_credential_that_does_not_work_is_a_problem(desk, quick, role, wrong, cure):
    desk.settings[role] |= wrong
    found = only(quick(expect=1))
    assert found["what"].startswith(role)
    assert cure in found["cure"]


def test_two_companies_are_a_problem(desk, quick, sandbox, monkeypatch):
    other = {"status": 200, "body": {"success": True, "data": {"id": 1, "company_id": 2}}}
    desk.settings["target-pipedrive"]["api_token"] = "sandbox-token-bob"
    sandbox.fault("/pipedrive/v1/users/me", "GET", action=other, after=1)
    assert only(quick(expect=1))["text"] == "they are connected with different companies"


def test_a_user_without_all_rights_is_a_warning(desk, quick):
    for role in ("tap-pipedrive", "target-pipedrive"):
        desk.settings[role]["api_token"] = "sandbox-token-bob"
    found = only(quick(), "warning")
    assert "no administrator" in found["text"]
    assert "visibility" in found["cure"]


@pytest.mark.parametrize("token", ["sandbox-token", "sandbox-token-bob"])
def test_a_credential_that_works_is_said_to_act_for_one_user_and_to_prove_no_completeness(
    desk, quick, token
):
    for role in ("tap-pipedrive", "target-pipedrive"):
        desk.settings[role]["api_token"] = token
    (found,) = [each for each in quick() if each["what"].endswith(": permissions")]
    assert "for one user" in found["text"]
    assert "no proof of completeness" in found["text"]


@pytest.mark.usual("pipedrive.daily_headers")
def test_a_nearly_empty_budget_is_a_warning_with_the_figures(quick, sandbox):
    sandbox.reset(plan="lite", seats=1)
    requests.post(
        f"{sandbox.url}/_sandbox/apply", json={"pipedrive": {"spend_tokens": 29_000}}, timeout=10
    )
    found = only(quick(), "warning")
    assert "998 tokens are left of 30,000; one run may spend 499" in found["text"]


def test_burst_limits_are_told(quick, sandbox):
    sandbox.reset(plan="lite")
    assert any(each["text"] == "20 requests fit into 2 seconds" for each in quick())


def test_a_clock_that_is_off_is_a_warning(quick, sandbox):
    sandbox.clock.advance(3600)
    warnings = [each for each in quick() if each["state"] == "warning"]
    assert [each["what"].rpartition(": ")[2] for each in warnings] == ["clock", "clock"]
    assert "seconds behind Pipedrive" in warnings[0]["text"]
    assert "NTP" in warnings[0]["cure"]


def test_a_missing_permission_of_a_journy_key_is_a_problem(desk, quick, sandbox):
    body = {"meta": {"status": 200}, "data": {"permissions": ["ReadProperties"]}}
    sandbox.fault("/journy/validate", "GET", action={"status": 200, "body": body})
    texts = [each["text"] for each in quick(expect=1) if each["state"] == "problem"]
    assert [text.split(",")[0] for text in texts] == [
        "the key lacks ReadSegments",
        "the key lacks TrackData",
    ]


@pytest.fixture
def connected(oauth, sandbox):
    """Both plugins with a refresh token of an app with these scopes."""

    def connect(scopes):
        sandbox.switches.set("pipedrive.oauth_scopes", scopes)
        server, back = f"{sandbox.pipedrive_url}/oauth", "http://127.0.0.1/back"
        form = {"client_id": "sandbox-client", "redirect_uri": back, "state": "x", "user": "1"}
        allowed = requests.post(
            f"{server}/authorize",
            data={**form, "decision": "allow"},
            allow_redirects=False,
            timeout=10,
        )
        code = allowed.headers["Location"].partition("code=")[2].partition("&")[0]
        given = requests.post(
            f"{server}/token",
            data={"grant_type": "authorization_code", "code": code, "redirect_uri": back},
            auth=("sandbox-client", "sandbox-secret"),
            timeout=10,
        ).json()
        for role in ("tap-pipedrive", "target-pipedrive"):
            oauth.settings[role]["refresh_token"] = given["refresh_token"]

    return connect


def test_a_missing_scope_is_a_problem_that_names_what_needs_it(connected, quick):
    connected("base contacts:full")
    found = only(quick(expect=1))
    assert found["text"].startswith("the app lacks search:read, which is for finding organizations")
    assert "connector connect" in found["cure"]


def test_an_app_with_every_scope_is_fine(connected, quick):
    connected("base contacts:full search:read")
    assert any("every scope" in each["text"] for each in quick())


def test_a_revoked_app_is_a_problem(connected, quick, sandbox):
    connected("base contacts:full search:read")
    url = f"{sandbox.url}/_sandbox/apply"
    requests.post(url, json={"pipedrive": {"revoke_oauth": True}}, timeout=10)
    assert "refresh token" in only(quick(expect=1))["text"]


def test_a_ledger_tells_its_version(desk, quick):
    url = desk.settings["target-journy"]["ledger_url"]
    assert any("there is none yet" in each["text"] for each in quick())
    assert not Path(url.partition("///")[2]).exists()
    Ledger(url, "default").close()
    assert any(each["text"].startswith("version ") for each in quick())


def test_a_ledger_of_a_newer_plugin_is_a_problem(desk, quick):
    url = desk.settings["target-journy"]["ledger_url"]
    Ledger(url, "default").close()
    engine = sa.create_engine(url)
    with engine.begin() as db:
        db.execute(sa.text("UPDATE meta SET value = '99' WHERE name = 'schema_version'"))
    engine.dispose()
    assert only(quick(expect=1))["cure"] == "update the plugins"


def test_a_ledger_that_cannot_be_opened_is_a_problem(desk, quick):
    for role in ("target-pipedrive", "target-journy"):
        desk.settings[role]["ledger_url"] = "mysql://nobody:hush@127.0.0.1/x"
    found = only(quick(expect=1))
    assert "ledger_url" in found["what"]
    assert "hush" not in json.dumps(found)


def test_two_ledgers_are_a_warning(desk, quick):
    desk.settings["target-journy"]["ledger_url"] = f"sqlite:///{desk.folder / 'other.db'}"
    assert "same ledger_url" in only(quick(), "warning")["cure"]


def test_a_plugin_that_is_off_or_alone_is_a_warning(desk, quick):
    desk.settings["tap-journy"]["enabled"] = False
    del desk.settings["target-journy"]
    texts = [each["text"] for each in quick() if each["state"] == "warning"]
    assert len(texts) == 2
    assert "without its counterpart" in texts[0]
    assert texts[1] == "it is switched off"


def test_what_a_target_objects_to_is_a_problem_each(desk, check):
    del desk.settings["tap-pipedrive"], desk.settings["target-journy"]
    desk.settings["target-pipedrive"] |= {
        "owner": "nobody@acme.com",
        "users": {"fields": [{"from": "health", "to": "Custmer health"}], "segments": ["Powr"]},
        "actions": [
            {
                "name": "call",
                "when": {"entity": "user", "segment_entered": "Power users"},
                "activity": {"type": "cal", "subject": "Hi", "priority": "Hgh"},
            }
        ],
    }
    found = {each["what"]: each for each in check(expect=1) if each["state"] == "problem"}
    assert "did you mean 'Customer health'?" in found["target-pipedrive: users.fields[0]"]["cure"]
    assert {f"target-pipedrive: {name}" for name in (
        "owner", "users.fields[0]", "actions.call.activity.type", "actions.call.activity.priority",
    )} <= found.keys()  # fmt: skip


def test_an_unknown_segment_and_an_unknown_source_are_problems(desk, check):
    del desk.settings["tap-pipedrive"], desk.settings["target-journy"]
    line = {"from": "helth", "to": "Customer health"}
    desk.settings["target-pipedrive"]["users"] = {"fields": [line], "segments": ["Powr users"]}
    found = {each["what"]: each for each in check(expect=1) if each["state"] == "problem"}
    assert "'Power users'" in found["target-pipedrive: users.segments"]["cure"]
    assert "did you mean 'health'?" in found["target-pipedrive: users.fields[0]"]["cure"]


def test_a_tap_that_cannot_tell_its_streams_is_a_problem(desk, check):
    del desk.settings["tap-pipedrive"], desk.settings["target-journy"]
    desk.settings["tap-journy"]["record_source"] = {"type": "guessed"}
    found = only(check(expect=1))
    assert found["what"] == "tap-journy: record_source.type"


def test_values_that_would_travel_in_a_circle_or_come_back_otherwise_are_told(desk, check):
    desk.settings["target-pipedrive"] |= {
        "users": {
            "fields": [
                {"from": "health", "to": "Lifecycle stage"},
                {"from": "stage", "to": "Notes on fit"},
            ]
        },
        "accounts": {"fields": [{"from": "plan", "to": "City", "map": {"pro": "Professional"}}]},
    }
    desk.settings["target-journy"] |= {
        "persons": {
            "fields": [
                {"from": "lifecycle_stage", "to": "stage"},
                {"from": "Notes on fit", "to": "health"},
            ]
        },
        "organizations": {"fields": [{"from": "City", "to": "plan"}]},
    }
    findings = check(expect=1)
    circle = next(each for each in findings if "circle" in each["text"])
    assert "journy.health → Pipedrive.lifecycle_stage → journy.stage" in circle["text"]
    assert "users.fields[0]" in circle["cure"]
    assert "accounts.fields[0] changes a value" in only(findings, "warning")["text"]


def test_a_choice_field_with_two_options_that_read_alike_is_a_warning(desk, check, sandbox):
    del desk.settings["tap-journy"], desk.settings["target-journy"], desk.settings["tap-pipedrive"]
    url = f"{sandbox.pipedrive_url}/api/v2/personFields"
    options = [{"label": "Gold"}, {"label": "gold"}]
    body = {"field_name": "Tier", "field_type": "enum", "options": options}
    made = requests.post(url, json=body, headers={"x-api-token": "sandbox-token"}, timeout=10)
    assert made.status_code in (200, 201), made.text
    desk.settings["target-pipedrive"]["users"] = {"fields": [{"from": "tier", "to": "Tier"}]}
    texts = [each["text"] for each in check() if each["state"] == "warning"]
    assert "'Tier' has several options that read 'Gold'" in texts


def test_a_table_for_people_and_markdown_for_a_pull_request_say_the_same(desk, sandbox):
    desk.settings["target-journy"]["api_key"] = "wrong"
    table = desk.run("check", "--quick", expect=1).output
    markdown = desk.run("check", "--quick", "--format=markdown", expect=1).output
    for shown in (table, markdown):
        assert "check the credential in the plugin's settings" in shown
        assert "1 problem" in shown
    assert markdown.startswith("| What | State | Found | What to do |\n|---|---|---|---|\n")


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_no_secret_is_ever_shown(desk, form):
    desk.settings["tap-journy"]["api_key"] = "hush-hush"
    desk.settings["tap-pipedrive"]["api_token"] = "not-to-be-seen"
    shown = desk.run("check", "--quick", f"--format={form}", expect=1).output
    for secret in ("hush-hush", "not-to-be-seen", "sandbox-token", "sandbox-key"):
        assert secret not in shown


def test_it_runs_as_a_command_of_its_own(desk):
    desk.run("check", "--quick")
    command = [sys.executable, "-m", "sync_connector", "check", "--quick", "--settings"]
    command += [desk.folder / "settings.json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "ok, 0 warnings, 0 problems" in done.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[1]", "expected an object per plugin"),
        ("{nonsense: {}}", "unknown plugin nonsense"),
        ("{", "can't be read as JSON or YAML"),
    ],
)
def test_settings_that_cannot_be_read_are_refused(desk, content, said, tmp_path):
    file = tmp_path / "other.yml"
    file.write_text(content)
    assert said in desk.run("check", "--settings", str(file), expect=1).output
