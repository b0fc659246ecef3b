"""What is worth waking somebody for: said once when it changes, with an exit code of its own."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from sync_connector.cli import main
from sync_core.ledger import Ledger
from sync_core.ledger.writing import Entries, record

TO_JOURNY, TO_PIPEDRIVE = "pipedrive-to-journy", "journy-to-pipedrive"
NAMED = {TO_JOURNY: "Pipedrive → journy", TO_PIPEDRIVE: "journy → Pipedrive"}


@pytest.fixture
def clock(monkeypatch):
    """Hours that pass when a test says so."""
    begun = iter(f"2026-11-{day:02}T{hour:02}:00:00.000000Z" for day in range(1, 29)
                 for hour in range(24))  # fmt: skip
    monkeypatch.setattr("sync_core.ledger.runs.times.now", lambda: next(begun))


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def ran(url, clock):
    """A run of a direction, with what came of its records."""

    def run(direction=TO_PIPEDRIVE, error=None, connection="default", dry=False, **outcomes):
        ledger = Ledger(url, connection)
        name = ledger.start_run(direction, dry_run=dry)
        batch = Entries()
        for outcome, count in outcomes.items():
            batch.counts["users", outcome, outcome] += count
        record(ledger, name, direction, batch)
        status = "failed" if error else "completed"
        ledger.end_run(name, status=status, calls=1, tokens=1, error=error)
        ledger.close()
        return name

    return run


@pytest.fixture
def alert(url):
    def ask(*arguments):
        variables = {"CONNECTOR_LEDGER_URL": url}
        done = CliRunner().invoke(main, ["alert", *arguments], env=variables)
        return done.exit_code, done.output.splitlines()

    return ask


def test_nothing_is_said_of_runs_that_went_through(ran, alert):
    ran(updated=3, unchanged=97, rejected=4)
    ran(TO_JOURNY, updated=3, deferred=2)
    assert alert() == (0, [])


def test_a_failure_is_said_once_with_its_first_sentence(ran, alert):
    ran(updated=1)
    ran(error="the ledger can't be opened\nand more")
    code, (line,) = alert()
    assert code == 2
    assert line.startswith("journy → Pipedrive (default): the run failed that began 2026-11-0")
    assert line.endswith(": the ledger can't be opened")
    ran(error="the ledger can't be opened")
    assert alert() == (0, [])
    assert alert("--every-run")[0] == 2


def test_a_first_run_that_fails_is_said_as_well(ran, alert):
    ran(error="no")
    assert alert()[0] == 2


def test_that_it_works_again_is_said_and_is_no_alarm(ran, alert):
    ran(error="out of reach")
    ran(updated=1)
    code, (line,) = alert()
    assert code == 0
    assert "it works again" in line
    ran(updated=1)
    assert alert() == (0, [])


def test_a_run_that_died_counts_as_failed_once_the_next_one_has_begun(ran, alert, url):
    ledger = Ledger(url, "default")
    ledger.start_run(TO_PIPEDRIVE, dry_run=False)
    assert alert() == (0, [])
    ledger.close()
    with ledger.turn(TO_PIPEDRIVE, dry_run=False):
        ledger.begin_run(TO_PIPEDRIVE, dry_run=False)
    ledger.close()
    code, (line,) = alert()
    assert code == 2
    assert "its process ended without a word" in line


@pytest.mark.parametrize(
    ("outcomes", "options", "said"),
    [
        ({"updated": 94, "rejected": 6}, (), "6 records, 6%, want a person"),
        ({"updated": 95, "rejected": 5}, (), "5 records, 5%, want a person"),
        ({"updated": 96, "rejected": 4}, (), None),
        ({"rejected": 4}, (), None),
        ({"rejected": 4}, ("--rejected-least", "1"), "4 records, 100%, want a person"),
        ({"rejected": 1}, ("--rejected-least", "1"), "1 record, 100%, wants a person"),
        ({"updated": 999, "rejected": 6}, (), None),
        ({"updated": 999, "rejected": 6}, ("--rejected-share", "0.001"), "6 records, 1%, want"),
        ({}, ("--rejected-share", "0"), None),
    ],
)
def test_many_rejected_records(ran, alert, outcomes, options, said):
    ran(updated=1)
    ran(**outcomes)
    code, lines = alert(*options)
    assert code == (2 if said else 0)
    assert len(lines) == bool(said)
    assert not said or said in lines[0]


def test_many_rejected_records_are_said_once(ran, alert):
    ran(rejected=50)
    assert alert()[0] == 2
    ran(rejected=40)
    assert alert() == (0, [])


def test_each_connection_and_direction_is_looked_at_by_itself(ran, alert):
    ran(updated=1)
    ran(TO_JOURNY, error="no")
    ran(connection="uk", error="no")
    ran(updated=1)
    code, lines = alert()
    assert code == 2
    assert [line.partition(":")[0] for line in lines] == [
        "Pipedrive → journy (default)",
        "journy → Pipedrive (uk)",
    ]
    assert len(alert("--connection", "uk")[1]) == 1


def test_a_dry_run_wakes_nobody(ran, alert):
    ran(updated=1)
    ran(error="no", dry=True)
    assert alert() == (0, [])


def test_of_a_period_every_change_is_said(ran, alert):
    ran(updated=1)
    ran(error="no")
    ran(updated=1)
    code, lines = alert("--since", "2026-11-01")
    assert code == 2
    assert [line.split(": ")[1].split(" ")[0] for line in lines] == ["the", "it"]
    assert alert()[0] == 0
    assert alert("--since", "2026-12-01") == (0, [])


def test_silence_is_said_for_as_long_as_it_lasts(ran, alert):
    ran(updated=1)
    for _ in range(2):
        code, (line,) = alert("--silent", "2026-11-20")
        assert code == 2
        assert "no run has begun since the one of 2026-11-01" in line
    assert alert("--silent", "2026-11-01") == (0, [])


def test_silence_of_a_ledger_without_a_run(url, alert):
    with Ledger(url, "default").reading():
        pass
    assert alert("--silent", "1h") == (2, ["no run has begun yet"])
    assert alert() == (0, [])


def test_a_script_reads_one_object_a_line(ran, alert):
    name = ran(error="out of reach")
    code, (line,) = alert("--json")
    about = json.loads(line)
    assert code == 2
    assert (about["kind"], about["run"], about["direction"]) == ("failed", name, TO_PIPEDRIVE)
    assert about["at"].startswith("2026-11-01T")
