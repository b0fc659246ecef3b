"""The plan: that it writes nothing, tells what the real sync then does, and what that costs."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from sync_connector.cli import main
from sync_connector.planning.halves import HALVES, Reading
from sync_sandbox import Sandbox
from sync_tests import unknowns

#: Tokens that a look at a few single records takes.
LOOKS = 4
FIELDS = [{"from": "health", "to": "Customer health"}]
ORGANIZATIONS = {"create": True, "external_id_field": "Account ID"}


class Pair:
    """Two connected accounts, with the plugins' settings in a file."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder, self.sandbox = folder, sandbox
        self.ledger = f"sqlite:///{folder / 'led ger.db'}"
        pipedrive = {"api_url": sandbox.pipedrive_url, "api_token": "sandbox-token"}
        journy = {"api_url": sandbox.journy_url, "api_key": "sandbox-key"}
        self.settings = {
            "tap-pipedrive": {**pipedrive, "streams": ["organizations", "persons"]},
            "tap-journy": journy,
            "target-pipedrive": {
                **pipedrive,
                "ledger_url": self.ledger,
                "users": {"fields": FIELDS},
                "accounts": {"external_id_field": "Account ID"},
            },
            "target-journy": {
                **journy,
                "ledger_url": self.ledger,
                "persons": {"create": True},
                "organizations": ORGANIZATIONS,
            },
        }

    def connector(self, *arguments, expect=0):
        file = self.folder / "settings.json"
        file.write_text(json.dumps(self.settings))
        env = {"CONNECTOR_SETTINGS": str(file), "CONNECTOR_LEDGER_URL": self.ledger}
        done = CliRunner().invoke(main, arguments, env=env)
        assert done.exit_code == expect, done.output
        return done.stdout

    def plan(self, *arguments, expect=2):
        return json.loads(self.connector("plan", "--format", "json", *arguments, expect=expect))

    def sync(self, direction):
        """The real run of one direction."""
        tap, target = HALVES[direction]
        for role in (tap, target):
            (self.folder / f"{role}.json").write_text(json.dumps(self.settings[role]))
        beside = Path(sys.executable).parent
        words = [[str(beside / role), "--config", f"{role}.json"] for role in (tap, target)]
        read = subprocess.run(words[0], cwd=self.folder, capture_output=True, check=True)
        written = subprocess.run(
            words[1], cwd=self.folder, input=read.stdout, capture_output=True, check=False
        )
        assert written.returncode == 0, written.stderr.decode()

    def runs(self):
        return json.loads(self.connector("runs", "--json"))

    def writes(self):
        journal = self.sandbox.journal()
        self.sandbox.clear_journal()
        return [each["path"] for each in journal if each["method"] != "GET"]


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Iterator[dict]:
    """A plan before the first sync, that sync, edits on both sides, a plan, a sync, a plan."""
    folder = tmp_path_factory.mktemp("planned")
    size = {"persons": 14, "organizations": 5, "users": 9, "accounts": 4}
    told_left = unknowns.usual("pipedrive.daily_headers")
    with Sandbox(seed=11, plan="lite", switches=told_left, **size) as sandbox:
        pair = Pair(folder, sandbox)
        told = {"pair": pair, "first": pair.plan("--direction", "pipedrive-to-journy")}
        told["writes of plans"] = pair.writes()
        pair.sync("pipedrive-to-journy")
        pair.sync("journy-to-pipedrive")
        sandbox.clock.advance(2)  # the sync may have used up the burst window
        _edit(sandbox)
        pair.writes()
        files = [folder / "plan.md", folder / "plan.json"]
        told["table"] = pair.connector("plan", *(f"--out={each}" for each in files), expect=2)
        told["markdown"], told["second"] = (
            files[0].read_text("utf-8"),
            json.loads(files[1].read_text("utf-8")),
        )
        into_journy = ("--direction", "pipedrive-to-journy")
        told["anonymous"] = pair.connector("plan", "--anonymous", *into_journy, expect=2)
        told["writes of plans"] += pair.writes()
        for direction in HALVES:
            pair.sync(direction)
        told["runs"] = pair.runs()
        told["last"] = pair.plan(expect=0)
        yield told


def _edit(sandbox: Sandbox) -> None:
    """A person's name in Pipedrive, and another's health in journy."""
    persons = [row for row in sandbox.pipedrive.rows("person").values() if _alone(sandbox, row)]
    answer = requests.patch(
        f"{sandbox.pipedrive_url}/api/v2/persons/{persons[0]['id']}",
        json={"first_name": "Renamed", "last_name": "Person"},
        headers={"x-api-token": "sandbox-token"},
        timeout=30,
    )
    answer.raise_for_status()
    _upsert(sandbox, persons[1]["emails"][0]["value"], health="Bad", phone="+1 5")


def _upsert(sandbox: Sandbox, email: str, **properties: str) -> None:
    answer = requests.post(
        f"{sandbox.journy_url}/users/upsert",
        json={"identification": {"email": email}, "properties": properties},
        headers={"X-Api-Key": "sandbox-key"},
        timeout=30,
    )
    answer.raise_for_status()


def _alone(sandbox: Sandbox, row: dict) -> bool:
    """Whether nobody else has a person's address."""
    every = [
        each["value"].casefold()
        for person in sandbox.pipedrive.rows("person").values()
        for each in person["emails"]
    ]
    return bool(row["emails"]) and every.count(row["emails"][0]["value"].casefold()) == 1


def test_no_plan_writes_anything(story):
    assert story["writes of plans"] == []


def test_a_plan_counts_as_the_real_sync_then_does(story):
    real = {run["direction"]: run for run in story["runs"][-2:]}
    for half in story["second"]["directions"]:
        ran = real[half["direction"]]
        assert ran["dry_run"] is False
        counted = {stream: {k: v for k, v in counts.items() if v} for stream, counts in
                   ran["counts"].items()}  # fmt: skip
        assert half["counts"] == counted
        written = {"created", "updated"}
        assert half["pending"] == sum(
            number for counts in counted.values() for k, number in counts.items() if k in written
        )
    assert story["second"]["pending"] >= 2


def test_the_first_import_is_planned_as_it_happens(story):
    (half,) = story["first"]["directions"]
    first = next(run for run in story["runs"] if not run["dry_run"])
    counted = {
        stream: {k: v for k, v in counts.items() if v} for stream, counts in first["counts"].items()
    }
    assert half["counts"] == counted


def test_calls_and_tokens_are_those_that_the_targets_then_need(story):
    real = {run["direction"]: run for run in story["runs"][-2:]}
    for half in story["second"]["directions"]:
        ran = real[half["direction"]]
        assert half["calls"] >= ran["calls"]
        reading = half["tokens"] - ran["tokens"]
        from_pipedrive = half["direction"] == "pipedrive-to-journy"
        if from_pipedrive:
            assert reading > 0, "tap-pipedrive spends tokens beside the target"
        else:
            # How many records others changed is estimated by the time that has passed.
            assert 0 <= reading <= LOOKS


CALL = {
    "name": "call",
    "when": {"entity": "user", "property": "last_name", "becomes": "Lee"},
    "fire_on_first_run": True,
    "activity": {"type": "call", "subject": "Call them"},
}


@pytest.fixture
def signalled(tmp_path, sandbox):
    """Two people of whom a signal calls for an activity."""
    sandbox.reset(persons=0, organizations=0, users=0, accounts=0)
    pair = Pair(tmp_path, sandbox)
    pair.settings["target-pipedrive"]["users"]["create"] = True
    pair.settings["target-pipedrive"]["actions"] = [CALL]
    for name in ("ann", "bob"):
        _upsert(sandbox, f"{name}@acme.example", first_name=name, last_name="Lee")
    return pair


def test_activities_are_planned_with_the_tokens_that_they_take(signalled):
    plan = signalled.plan("--direction", "journy-to-pipedrive")
    (half,) = plan["directions"]
    signalled.sync("journy-to-pipedrive")
    real = signalled.runs()[-1]
    assert half["counts"]["actions"] == {"created": 2}
    assert half["tokens"] == real["tokens"]


@pytest.mark.usual("pipedrive.daily_headers")
def test_it_says_where_one_run_may_not_spend_what_all_takes(signalled, sandbox):
    limits = sandbox.pipedrive.limits
    limits.spend(limits.left - 140)
    said = signalled.connector("plan", "--direction", "journy-to-pipedrive", expect=2)
    assert "One run may spend 70: the next one goes on with the rest." in " ".join(said.split())


def test_it_says_what_stays_of_the_day(story):
    daily = story["second"]["daily_tokens"]
    assert daily["after"] == daily["left"] - story["second"]["tokens"]
    assert 0 < daily["after"] < daily["left"] <= 30_000
    assert story["second"]["seconds"] >= 0


def test_samples_show_values_before_and_after_for_people_who_may_see_them(story):
    samples = {
        (each["field"], each["before"], each["after"])
        for half in story["second"]["directions"]
        for each in half["samples"]
    }
    assert any(field == "first_name" and after == "Renamed" for field, _, after in samples)
    unreadable = [before for field, before, _ in samples if field == "first_name"]
    assert unreadable == [None], "journy publishes nothing that reads a value"
    assert "Renamed" in story["markdown"]
    assert "Renamed" in story["table"]
    assert "Renamed" not in story["anonymous"]
    assert "(hidden)" in story["anonymous"]


def test_a_sync_drops_the_values_that_a_plan_had_kept(story):
    with sqlite3.connect(story["pair"].folder / "led ger.db") as db:
        assert db.execute(
            "select count(*) from samples where after like '%Renamed%'"
        ).fetchone() == (0,)


def test_once_both_are_in_step_nothing_is_pending_and_the_exit_code_is_0(story):
    assert story["last"]["pending"] == 0


def test_markdown_is_fit_for_a_pull_request(story):
    head, _, summary, *_ = story["markdown"].splitlines()
    assert head == "# Sync plan"
    assert summary.startswith(f"{story['second']['pending']} changes are pending.")
    assert "| Direction | created | updated |" in story["markdown"]


def test_a_half_that_fails_ends_the_plan_with_its_own_sentence_and_exit_code_1(tmp_path, sandbox):
    pair = Pair(tmp_path, sandbox)
    pair.settings["target-journy"]["api_key"] = "no-such-key"
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(pair.settings))
    done = CliRunner().invoke(
        main, ["plan", "--direction", "pipedrive-to-journy"], env={"CONNECTOR_SETTINGS": str(file)}
    )
    assert done.exit_code == 1
    assert "The dry run of pipedrive-to-journy ended with an error: journy answered 401" in (
        done.output
    )
    assert "no-such-key" not in done.output


def test_a_mistyped_option_is_an_error_and_never_taken_for_pending_changes():
    done = CliRunner().invoke(main, ["plan", "--fromat", "json"])
    assert done.exit_code == 1
    assert "--fromat" in done.output


@pytest.mark.parametrize(
    ("line", "calls", "tokens"),
    [
        ("2026 | INFO | tap-pipedrive.persons | persons: 1,600 records, 5 calls, 40 tokens", 5, 40),
        ("2026Z [info     ] tap-journy users: 9 records, 2 calls", 2, 0),
        ("2026 | INFO | x | persons: 3 created", 0, 0),
    ],
)
def test_what_a_tap_says_of_its_reading_is_added_up(line, calls, tokens):
    reading = Reading()
    reading.hear(line)
    assert (reading.calls, reading.tokens) == (calls, tokens)


def test_what_a_tap_says_of_its_whole_run_counts_in_place_of_its_streams():
    reading = Reading()
    reading.hear("2026 | INFO | tap-pipedrive.persons | persons: 600 records, 2 calls, 20 tokens")
    reading.hear(
        "2026 | INFO | tap-pipedrive | This run: 6 calls, 44 tokens; 29,636 are left today"
    )
    assert (reading.calls, reading.tokens) == (6, 44)


def test_errors_are_recognized_in_both_renderings_of_a_log():
    reading = Reading()
    reading.hear("2026-01-01 00:00:00,000 | ERROR    | target-journy | journy answered 401")
    reading.hear("2026-01-01T00:00:00Z [error    ] target-journy journy answered 403")
    assert reading.errors == ["journy answered 401", "target-journy journy answered 403"]
