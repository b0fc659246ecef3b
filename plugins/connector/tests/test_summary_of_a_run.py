"""What a run says of itself while it works, and at its end."""

from __future__ import annotations

import logging
import re
from collections import Counter
from types import SimpleNamespace

import pytest
from sync_core.budget import Daily
from sync_singer.progress import Progress


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def said(caplog):
    """A run that is watched: what it counted, and the lines that it logs."""
    caplog.set_level(logging.INFO)
    clock, destination = Clock(), SimpleNamespace(calls=(4, 22), left=Daily(2_000, 1_900, 1_000))
    destination.usage = lambda: destination.calls
    destination.daily = lambda: destination.left
    engine = SimpleNamespace(
        counts=Counter(),
        destination=destination,
        direction="journy-to-pipedrive",
        run="1234abcd-rest",
        dry_run=False,
        last_size=0,
    )
    progress = Progress(engine, logging.getLogger("test"), clock=clock, every=15.0)
    return SimpleNamespace(
        engine=engine, clock=clock, progress=progress, destination=destination, log=caplog
    )


def test_a_run_that_has_worked_for_a_while_says_how_far_it_is(said):
    said.engine.counts["users", "updated", "updated"] = 300
    said.progress.tick()
    assert said.log.messages == [], "not before its time"
    said.clock.now += 20
    said.progress.tick()
    said.progress.tick()
    (line,) = said.log.messages
    assert line.startswith("journy-to-pipedrive: 300 records in 20 s (15 a second); 300 updated")
    assert "22 of this run's 1,000 Pipedrive tokens spent" in line
    assert "enough for 15 min more at this pace" in line


def test_the_rest_is_told_by_the_last_run_as_long_as_that_had_more(said):
    said.engine.last_size = 900
    said.engine.counts["users", "updated", "updated"] = 300
    said.clock.now += 60
    said.progress.tick()
    assert "about 2 min more if as many records come as the last time" in said.log.text
    said.log.clear()
    said.engine.counts["users", "updated", "updated"] = 901
    said.clock.now += 60
    said.progress.tick()
    assert "as the last time" not in said.log.text


def test_a_service_without_tokens_says_nothing_of_them(said):
    said.destination.left = None
    said.clock.now += 60
    said.progress.tick()
    assert "tokens" not in said.log.text
    said.progress.finish()
    assert "tokens" not in said.log.text


def test_the_end_sums_up_each_stream_with_the_reasons_worth_a_look(said):
    said.engine.counts.update(
        {
            ("users", "updated", "updated"): 1_234,
            ("users", "rejected", "several_matches"): 2,
            ("users", "skipped", "no_match"): 7,
            ("actions", "created", "created"): 3,
        }
    )
    said.progress.finish()
    head, *rest = said.log.messages
    assert head == "Summary of journy-to-pipedrive:"
    assert "  users: 1,234 updated, 7 skipped, 2 rejected" in rest
    assert any(line.startswith("    2 rejected, several_matches: ") for line in rest)
    assert "  actions: 3 created" in rest
    assert any("1,900 are left to the company today" in line for line in rest)
    assert rest[-1].endswith("connector log --run 1234abcd")


def test_the_end_tells_refused_fields_and_conflicts_of_records_that_are_written_or_left(said):
    said.engine.counts.update(
        {
            ("users", "updated", "some_fields_rejected"): 5,
            ("users", "updated", "updated"): 2,
            ("users", "unchanged", "conflict"): 3,
            ("users", "unchanged", "no_difference"): 4,
        }
    )
    said.progress.finish()
    told = [line for line in said.log.messages if line.startswith("    ")]
    assert [line.partition(":")[0].strip() for line in told] == [
        "5 updated, some_fields_rejected",
        "3 unchanged, conflict",
    ]


def test_a_run_without_a_record_says_so(said):
    said.progress.finish()
    assert "  nothing to do" in said.log.messages


def test_both_targets_end_with_it_and_a_dry_run_says_what_it_is(history):
    history.users({"user_id": "u1", "email": "ann@acme.example"}, dry_run=True)
    assert "Summary of journy-to-pipedrive, a dry run that wrote nothing:" in history.log
    number = re.search(r"log --run (\w+)", history.log)[1]
    assert number in history.run("runs").output
    history.persons({"id": 99, "first_name": "Zoe", "emails": [{"value": "zoe@acme.example"}]})
    assert "Summary of pipedrive-to-journy:\n  persons: 1 created\n" in history.log


def test_no_line_of_a_run_names_anybody(history):
    history.users({"user_id": "u5", "email": "two@acme.example", "health": "Good"})
    assert "several_matches" in history.log
    assert "acme.example" not in history.log


def test_a_run_that_an_error_ends_is_summed_up_as_well(history):
    path = "/pipedrive/api/v2/persons/*"
    history.sandbox.fault(path, "PATCH", times=None, action={"status": 401, "body": {}})
    history.users({"user_id": "u2", "email": "bob@acme.example", "stage": "Gone"}, expect=1)
    assert "Summary of journy-to-pipedrive" in history.log


def test_a_run_that_an_error_ended_never_says_that_nothing_was_to_do(said):
    said.progress.finish(ValueError())
    assert "  ended early, see the error" in said.log.messages
    assert "  nothing to do" not in said.log.messages
