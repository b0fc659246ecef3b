"""A state that something else wrote, or that was edited by hand: a sentence, not a traceback."""

from __future__ import annotations

import pytest

MARK = {"replication_key": "update_time"}


@pytest.mark.parametrize(
    "persons",
    [
        None,
        [],
        "2026-01-01",
        {**MARK, "replication_key_value": "yesterday"},
        {**MARK, "replication_key_value": 5},
        {"first_run": "x"},
        {"first_run": {"windows": "x"}},
        {"first_run": {"from_end": 5}},
        {"columns": ["region"]},
        {"columns": {"f" * 40: 5}},
        {
            **MARK,
            "replication_key_value": "2026-01-01T00:00:00Z",
            "interrupted": {"windows": [[""]]},
        },
    ],
)
def test_a_stream_whose_state_can_not_be_read_is_named_before_anything_is_asked_for(
    tap, sandbox, persons
):
    run = tap(state={"bookmarks": {"persons": persons}})
    assert run.exit_code == 1
    assert "state of persons" in run.log
    assert "Traceback" not in run.log
    assert sandbox.journal() == []


@pytest.mark.parametrize("state", [{"bookmarks": None}, {"bookmarks": []}, {"bookmarks": "x"}])
def test_a_state_without_bookmarks_that_could_be_read_is_refused_too(tap, state):
    run = tap(state=state)
    assert run.exit_code == 1
    assert "state" in run.log
    assert "Traceback" not in run.log


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"currently_syncing": "persons"},
        {"bookmarks": {"persons": {"update_time": "2026-01-01 00:00:00"}, "another": {}}},
        {"bookmarks": {"persons": {**MARK, "replication_key_value": "2000-01-01"}}},
    ],
)
def test_what_another_tap_wrote_is_passed_over(tap, state):
    run = tap(state=state)
    assert run.exit_code == 0, run.log
    assert run.records("persons")
