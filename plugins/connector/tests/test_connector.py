"""What a person or a script learns from the ledger, through the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from sync_connector.cli import main
from sync_core.ledger import Ledger, OutcomeRow
from sync_core.ledger.writing import Entries, record

ADDRESS = "ann@acme.example"


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'led ger.db'}"


@pytest.fixture
def connector(url):
    def run(*arguments, expect=0):
        shown = CliRunner().invoke(main, arguments, env={"CONNECTOR_LEDGER_URL": url})
        assert shown.exit_code == expect, shown.output
        return shown.output

    return run


@pytest.fixture
def two_runs(url):
    """An import with three persons, and a dry run of the other direction."""
    ledger = Ledger(url, "default")
    first = ledger.start_run("pipedrive-to-journy", dry_run=False)
    entries = Entries(
        outcomes=[
            OutcomeRow("persons", "created", "created", key=ADDRESS, pipedrive_id="12"),
            OutcomeRow(
                "persons", "rejected", "duplicate_key", "12 and 13 [sic]", ADDRESS, "13", ""
            ),
        ]
    )
    entries.counts["persons", "created", "created"] += 1
    entries.counts["persons", "rejected", "duplicate_key"] += 1
    entries.counts["persons", "unchanged", "no_difference"] += 1
    record(ledger, first, "pipedrive-to-journy", entries)
    ledger.end_run(first, status="completed", calls=7, tokens=0)
    second = ledger.start_run("journy-to-pipedrive", dry_run=True)
    planned = Entries(outcomes=[OutcomeRow("users", "updated", "planned", "would write", "u@x")])
    planned.counts["users", "updated", "planned"] += 1
    record(ledger, second, "journy-to-pipedrive", planned)
    ledger.end_run(second, status="failed", calls=3, tokens=22, error="out of reach")
    ledger.close()
    return first, second


def test_runs_come_oldest_first_with_every_outcome_counted(connector, two_runs):
    runs = json.loads(connector("runs", "--json"))
    assert [run["run"] for run in runs] == list(two_runs)
    assert runs[0]["counts"]["persons"] == {
        "created": 1,
        "updated": 0,
        "unchanged": 1,
        "skipped": 0,
        "rejected": 1,
        "deferred": 0,
        "failed": 0,
    }
    assert (runs[1]["status"], runs[1]["error"], runs[1]["tokens"]) == (
        "failed",
        "out of reach",
        22,
    )
    assert {"entity": "persons", "outcome": "rejected", "reason": "duplicate_key", "count": 1} in (
        runs[0]["reasons"]
    )


def test_only_the_newest_runs_are_shown_on_request(connector, two_runs):
    (run,) = json.loads(connector("runs", "--json", "--last", "1"))
    assert run["run"] == two_runs[1]


@pytest.mark.usefixtures("two_runs")
def test_a_person_sees_runs_as_a_table_that_tells_a_dry_run_apart(connector):
    shown = connector("runs")
    assert "Pipedrive → journy" in shown
    assert "failed (dry run)" in shown


@pytest.mark.usefixtures("two_runs")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["--record", "ANN@acme.example"], ["13", "12"]),
        (["--record", "13"], ["13"]),
        (["--outcome", "rejected"], ["13"]),
        (["--reason", "created"], ["12"]),
        (["--entity", "persons", "--limit", "1"], ["13"]),
        (["--direction", "journy-to-pipedrive"], [""]),
        (["--record", "nobody@acme.example"], []),
    ],
    ids=" ".join,
)
def test_the_log_answers_questions_newest_first(connector, wanted, found):
    lines = [json.loads(line) for line in connector("log", "--json", *wanted).splitlines()]
    assert [line["pipedrive_id"] for line in lines] == found


def test_a_run_is_found_by_the_beginning_of_its_id(connector, two_runs):
    lines = connector("log", "--json", "--run", two_runs[0][:8]).splitlines()
    assert len(lines) == 2


@pytest.mark.usefixtures("two_runs")
def test_the_log_for_people_shows_texts_as_they_are_and_what_was_only_planned(connector):
    shown = connector("log")
    assert "12 and 13 [sic]" in shown
    assert "planned updated" in shown
    assert connector("log", "--reason", "stale") == "Nothing in the log fits.\n"


def test_without_a_ledger_it_says_what_to_do_and_makes_none(connector, tmp_path):
    assert "run a sync first" in connector("runs", expect=1)
    assert list(tmp_path.iterdir()) == []


def test_a_malformed_address_gets_a_sentence():
    shown = CliRunner().invoke(main, ["log", "--ledger-url", "no such thing"])
    assert shown.exit_code == 1
    assert "expected an SQLAlchemy URL" in shown.output


def test_an_empty_ledger_has_no_run_yet(connector, url):
    Ledger(url, "default").close()
    assert connector("runs") == "No run yet.\n"
    assert connector("runs", "--json").strip() == "[]"
