"""What became of which record, when, in which run and why: through the command line."""

from __future__ import annotations

import csv
import json
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest
from sync_connector.periods import moment


def lines(history, *wanted):
    return [json.loads(line) for line in history.run("log", "--json", *wanted).output.splitlines()]


def test_a_person_is_found_by_e_mail_in_any_case_and_by_each_id(history):
    by_mail = lines(history, "--record", "ANN@acme.example")
    assert {line["entity"] for line in by_mail} == {"users", "persons", "actions"}
    by_id = lines(history, "--record", by_mail[0]["pipedrive_id"])
    assert {line["id"] for line in by_id} <= {line["id"] for line in by_mail}
    assert {line["key"] for line in lines(history, "--record", "u1")} == {"ann@acme.example"}


def test_a_person_is_found_under_the_address_of_before(history):
    found = lines(history, "--record", "moved@acme.example")
    assert {line["key"] for line in found} == {"moves@acme.example", "moved@acme.example"}
    assert len({line["pipedrive_id"] for line in found}) == 1


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (["--outcome", "rejected"], {("users", "several_matches"), ("users", "bad_value")}),
        (["--reason", "no_match"], {("users", "no_match"), ("actions", "no_match")}),
        (["--entity", "actions"], {("actions", "created"), ("actions", "no_match")}),
        (["--direction", "pipedrive-to-journy"], {("persons", "created"), ("persons", "updated")}),
        (["--field", "customer HEALTH", "--outcome", "rejected"], {("users", "bad_value")}),
        (["--field", "no such field"], set()),
        (["--since", "2h", "--until", "1h"], set()),
        (["--since", "2h", "--reason", "bad_value"], {("users", "bad_value")}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_log_is_narrowed_by_outcome_reason_stream_direction_field_and_time(
    history, wanted, told
):
    found = {(line["entity"], line["reason"]) for line in lines(history, *wanted)}
    assert found == told


def test_written_fields_are_found_by_their_label(history):
    found = lines(history, "--field", "Customer health", "--outcome", "updated", "--limit", "500")
    assert found
    assert all("Customer health" in line["fields"] for line in found)


def test_pages_follow_each_other_and_all_of_them_are_everything(history):
    everything = [line["id"] for line in lines(history, "--all")]
    assert everything == sorted(everything, reverse=True)
    pages = [lines(history, "--limit", "4", "--page", str(page)) for page in (1, 2)]
    assert [line["id"] for page in pages for line in page] == everything[:8]
    table = history.run("log", "--limit", "4", "--page", "2").output
    assert f"5 to 8 of {len(everything)}; --page or --all shows more" in table


def test_a_spreadsheet_gets_every_column_and_no_formula(history, tmp_path):
    file = tmp_path / "log.csv"
    history.run("log", "--format", "csv", "--all", "--out", str(file))
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == len(lines(history, "--all"))
    assert {"at", "run", "direction", "key", "fields", "text", "milliseconds"} <= rows[0].keys()
    (evil,) = [row for row in rows if "cmd" in row["key"]]
    assert evil["key"].startswith("'=")


def test_csv_goes_to_standard_output_without_a_file_and_a_table_takes_no_file(history, tmp_path):
    assert history.run("log", "--format", "csv").output.startswith("id,at,run,")
    refused = history.run("log", "--out", str(tmp_path / "x"), expect=None)
    assert refused.exit_code != 0
    assert "--out needs --format" in refused.output


def test_a_file_that_cant_be_written_gets_a_sentence(history, tmp_path):
    place = str(tmp_path / "missing" / "log.csv")
    said = history.run("log", "--format", "csv", "--out", place, expect=1).output
    assert "can't be written" in said


def test_following_shows_the_last_lines_and_then_each_that_comes_once(history, monkeypatch):
    rounds = iter([lambda: history.users({"user_id": "u90", "email": "late@acme.example"}), None])

    def pause(_seconds: float) -> None:
        work = next(rounds)
        if work is None:
            raise KeyboardInterrupt
        work()

    monkeypatch.setattr(time, "sleep", pause)
    shown = history.run("log", "--follow", "--json").output.splitlines()
    found = [
        json.loads(line) for line in shown if line.startswith("{")
    ]  # the rest is the run's own
    assert found[-1]["key"] == "late@acme.example"
    ids = [line["id"] for line in found]
    assert ids == sorted(set(ids))


def test_following_says_in_plain_lines_what_happens(history, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    shown = history.run("log", "--follow", "--reason", "several_matches").output
    assert "journy → Pipedrive  users  rejected  several_matches  two@acme.example" in shown


NOW = datetime(2026, 3, 31, 12, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2h", "2026-03-31T10:30:00"),
        ("90 m", "2026-03-31T11:00:00"),
        ("7D", "2026-03-24T12:30:00"),
        ("1w", "2026-03-24T12:30:00"),
        ("today", "2026-03-31T00:00:00"),
        ("Yesterday", "2026-03-30T00:00:00"),
        ("2026-01-31", "2026-01-31T00:00:00"),
        ("2026-01-31 09:00", "2026-01-31T09:00:00"),
        ("2026-01-31T09:00:00+02:00", "2026-01-31T07:00:00"),
    ],
)
def test_points_in_time_are_read_as_people_write_them(text, means):
    assert moment(text, NOW) == f"{means}.000000Z"


@pytest.mark.parametrize("text", ["soon", "", "2026-02-30", "999999w", "-2h"])
def test_what_is_no_point_in_time_is_refused_with_examples(history, text):
    said = history.run("log", f"--since={text}", expect=None)
    assert said.exit_code != 0
    assert "write 2h" in said.output


def test_nothing_that_is_shown_is_made_up(history):
    assert history.run("log", "--reason", "stale").output == "Nothing in the log fits.\n"
    assert Path(history.folder).is_dir()
