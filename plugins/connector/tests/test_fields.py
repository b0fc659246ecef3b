"""Both catalogues side by side, suggested lines, and fields that are made."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import yaml
from sync_connector.fielding import commands

pytestmark = pytest.mark.usefixtures("swift")
HEALTH = {"from": "health", "to": "Customer health"}
TOKEN = {"x-api-token": "sandbox-token"}


@pytest.fixture(scope="module")
def asked():
    """What the taps and targets said, once: they are programs, and take their time to start."""
    return {}


@pytest.fixture(autouse=True)
def once(asked, monkeypatch, sandbox):
    def remembered(name, real):
        def ask(project, **options):
            if name not in asked:
                asked[name] = real(project, **dict.fromkeys(options, True))
                asked["methods"] = {request["method"] for request in sandbox.journal()}
            return asked[name]

        return ask

    for name in ("gather", "properties"):
        monkeypatch.setattr(commands, name, remembered(name, getattr(commands, name)))


@pytest.fixture
def fields(desk):
    """Run `fields --format json`; gives the rows of users and persons, and all that was said."""

    def run(*arguments):
        about = json.loads(desk.run("fields", "--format", "json", *arguments).stdout)
        return about["users"]["fields"], about

    return run


def named(rows, side, name):
    (row,) = [each for each in rows if each[side] and each[side]["name"] == name]
    return row


def test_each_field_says_what_becomes_of_it(desk, fields):
    desk.settings["target-pipedrive"]["users"] = {"fields": [HEALTH]}
    desk.settings["target-journy"]["persons"] = {"fields": [{"from": "Support line", "to": "team"}]}
    rows, about = fields()
    mapped = named(rows, "pipedrive", "customer_health")
    assert (mapped["journy"]["name"], mapped["way"], mapped["note"]) == (
        "health", "→", "users.fields[0]",
    )  # fmt: skip
    assert named(rows, "pipedrive", "support_line")["way"] == "←"
    assert named(rows, "journy", "email")["note"] == "matched by this"
    assert named(rows, "journy", "first_name")["way"] == "↔"
    likely = named(rows, "journy", "last_seen_at")
    assert (likely["pipedrive"]["name"], likely["state"]) == ("last_seen", "likely")
    closed = named(rows, "pipedrive", "update_time")
    assert (closed["state"], closed["note"]) == (
        "closed", "the Pipedrive field 'Updated' can't be written",
    )  # fmt: skip
    computed = named(rows, "journy", "account_count")
    assert computed["journy"]["computed"] is True
    assert "journy computes the property" in computed["note"]
    assert about["accounts"]["stream"] == "organizations"
    assert "example" not in json.dumps(rows)


def test_suggested_lines_can_be_pasted_and_fit(desk):
    """The block is put into the settings as it is printed; a dry run then takes it."""
    before = desk.run("fields", "--format=yaml").stdout
    (loader,) = yaml.safe_load(before)["plugins"]["loaders"]
    assert loader["name"] == "target-pipedrive"
    assert {"from": "churn_score", "to": "Churn score"} in loader["config"]["users"]["fields"]
    desk.settings["target-pipedrive"] |= loader["config"]
    planned = dry_run(desk)
    assert planned.returncode == 0, planned.stderr
    again = desk.run("fields", "--format=yaml")
    assert (again.stdout, again.stderr) == ("", "No pair suggests itself.\n")


def dry_run(desk) -> subprocess.CompletedProcess[str]:
    """journy -> Pipedrive, all of it, without a write."""
    files = {}
    for role, more in (("tap-journy", {}), ("target-pipedrive", {"dry_run": True})):
        files[role] = desk.folder / f"{role}.json"
        files[role].write_text(json.dumps({**desk.settings[role], **more}))
    beside = Path(sys.executable).parent
    tap = [beside / "tap-journy", "--config", files["tap-journy"]]
    target = [beside / "target-pipedrive", "--config", files["target-pipedrive"]]
    read = subprocess.run(tap, capture_output=True, text=True, check=True)
    return subprocess.run(target, input=read.stdout, capture_output=True, text=True, check=False)


def test_the_readme_shows_the_lines_that_are_suggested(desk):
    readme = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")
    assert (
        f"connector fields --format yaml\n{desk.run('fields', '--format=yaml').stdout}```" in readme
    )


def test_people_see_tables_with_examples_and_the_lines_below(desk, sandbox):
    shown = desk.run("fields", "--examples").output
    person = next(iter(sandbox.pipedrive.rows("person").values()))
    assert "users and persons" in shown
    assert "accounts and organizations" in shown
    assert person["first_name"] in shown
    assert "- {from: churn_score, to: Churn score}" in shown


def test_missing_fields_are_made_after_asking_and_not_twice(desk, sandbox):
    line = {"from": "logins_30d", "to": "Logins [30 days]"}
    desk.settings["target-pipedrive"]["users"] = {"fields": [HEALTH, line]}
    refused = desk.run("fields", "--create", typed="n\n", expect=1).output
    assert "person field 'Logins [30 days]': double (for users.fields[1])" in refused
    assert "Logins [30 days]" not in labels(sandbox)
    made = desk.run("fields", "--create", "--yes", "users.lead_status", "trial").output
    assert "Made the person field 'Logins [30 days]'; its key is " in made
    assert labels(sandbox)["Logins [30 days]"] == "double"
    assert labels(sandbox)["Lead status"] == "varchar"
    assert labels(sandbox, "organization")["Trial"] == "enum"
    assert "Nothing is missing" in desk.run("fields", "--create", "--yes").output


def labels(sandbox, entity="person") -> dict[str, str]:
    url = f"{sandbox.pipedrive_url}/api/v2/{entity}Fields?limit=500"
    rows = requests.get(url, headers=TOKEN, timeout=10).json()["data"]
    return {row["field_name"]: row["field_type"] for row in rows}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("churn_score", "say users.churn_score or accounts.churn_score"),
        ("nix", "no property 'nix'"),
    ],
)
def test_a_property_that_is_none_or_two_is_refused(desk, name, said):
    assert said in desk.run("fields", "--create", "--yes", name, expect=1).output


def test_a_user_who_may_not_make_fields_is_told_so(desk):
    desk.settings["target-pipedrive"]["api_token"] = "sandbox-token-bob"
    shown = desk.run("fields", "--create", "--yes", "trial", expect=1).output
    assert "admin" in shown


def test_a_property_without_create_is_a_mistake_of_the_command_line(desk):
    assert "goes with --create" in desk.run("fields", "trial", expect=2).output


def test_a_project_without_one_of_the_plugins_is_told_which(desk):
    del desk.settings["tap-journy"]
    assert "lacks tap-journy" in desk.run("fields", expect=1).output


def test_nothing_is_written_by_looking(desk, asked):
    desk.run("fields")
    assert asked["methods"] == {"GET"}


def test_a_tap_that_cannot_tell_its_streams_ends_with_its_own_sentence(desk, asked):
    asked.clear()
    desk.settings["tap-journy"]["record_source"] = {"type": "guessed"}
    assert "'guessed' isn't one of api, files" in desk.run("fields", expect=1).output


@pytest.mark.parametrize(
    ("journy", "pipedrive", "alike"),
    [
        ("churn_score", "Churn score", True),
        ("last_seen_at", "Last seen", True),
        ("nps", "NPS", True),
        ("health", "Customer health", True),
        ("support_phone", "Support line", True),
        ("plan", "Plane tickets", False),
        ("mrr", "ARR", False),
    ],
)
def test_names_are_alike_where_people_would_say_so(journy, pipedrive, alike):
    from sync_connector.fielding.likely import alike as score
    from sync_connector.fielding.model import Column

    found = score(Column(journy, journy, {}), Column("x1", pipedrive, {}))
    assert (found >= 0.8) is alike
