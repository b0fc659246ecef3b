"""Records that vanish between two looks for them, or between the parts of a first run."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tap_pipedrive import arrived, deletes

NOW = {"delete_sweep_hours": 0}
PERSONS = "/pipedrive/api/v2/persons"


def told(run) -> list[int]:
    return [record["id"] for record in run.records("persons") if record["is_deleted"]]


def known(run) -> set[int]:
    return set(deletes.known(run.state["bookmarks"]["persons"]))


def broken(sandbox, tap, monkeypatch, after: int, **settings):
    monkeypatch.setattr("sync_core.http.TRIES", 1)
    sandbox.fault(PERSONS, "GET", after=after, times=None, action={"status": 503})
    run = tap(**settings)
    assert run.exit_code == 1
    sandbox.clear_faults()
    return run


@pytest.mark.usual("pipedrive.lists_include_deleted")
def test_one_that_arrived_since_the_last_look_is_missed_by_the_next(tap, call):
    first = tap()
    person = call("POST", "/api/v2/persons", name="Ann")["id"]
    second = tap(state=first.state)
    call("DELETE", f"/api/v2/persons/{person}")
    third = tap(state=second.state, **NOW)
    assert told(third) == [person]
    assert told(tap(state=third.state, **NOW)) == []


def test_one_that_arrived_in_a_killed_run_is_missed_too(tap, sandbox, call, monkeypatch):
    first = tap()
    person = call("POST", "/api/v2/persons", name="Ann")["id"]
    second = broken(sandbox, tap, monkeypatch, 1, state=first.state, **NOW)
    assert person in {record["id"] for record in second.records("persons")}
    call("DELETE", f"/api/v2/persons/{person}")
    assert told(tap(state=second.state, **NOW)) == [person]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_one_that_goes_between_the_parts_of_a_first_run_is_noticed(
    tap, sandbox, call, monkeypatch, size
):
    sandbox.reset(persons=2600, organizations=1)
    first = broken(sandbox, tap, monkeypatch, 3, concurrency=size)
    gone = first.records("persons")[7]["id"]
    call("DELETE", f"/api/v2/persons/{gone}")
    second = tap(state=first.state, concurrency=size)
    assert second.exit_code == 0
    third = tap(state=second.state, **NOW)
    assert told(third) == [gone]
    assert known(third) == set(sandbox.pipedrive.rows("person")) - {gone}


def test_where_no_record_has_a_time_every_run_looks(tap, sandbox, call):
    table = sandbox.pipedrive.state.tables["person"]
    for row in list(table.rows.values()):
        table.update(row, {"update_time": None})
    first = tap()
    call("DELETE", "/api/v2/persons/3")
    table.update(table.rows[3], {"update_time": None})
    assert told(tap(state=first.state)) == [3]


def test_the_last_one_that_goes_is_noticed_where_no_record_had_a_time(tap, sandbox, call):
    sandbox.reset(persons=1, organizations=1)
    table = sandbox.pipedrive.state.tables["person"]
    (person,) = table.rows
    table.update(table.rows[person], {"update_time": None})
    first = tap()
    call("DELETE", f"/api/v2/persons/{person}")
    second = tap(state=first.state)
    assert told(second) == [person]
    assert told(tap(state=second.state)) == []


def test_a_clock_that_was_once_ahead_doesn_t_put_off_the_next_look(tap, call):
    first = tap()
    state = first.state
    state["bookmarks"]["persons"][deletes.SWEPT_AT] = "2999-01-01T00:00:00Z"
    call("DELETE", "/api/v2/persons/3")
    assert told(tap(state=state)) == [3]


def test_one_that_the_list_forgets_for_a_while_stays_known(tap, sandbox, call):
    first = tap()
    listed = {"success": True, "data": [], "additional_data": {"next_cursor": None}}
    for _ in range(2):  # the changes, and the look for what vanished
        sandbox.fault(PERSONS, "GET", action={"status": 200, "body": listed})
    second = tap(state=first.state, **NOW)
    assert known(second) == set(sandbox.pipedrive.rows("person"))
    call("DELETE", "/api/v2/persons/3")
    assert told(tap(state=second.state, **NOW)) == [3]


def test_what_arrives_is_kept_in_parts_that_are_not_written_anew(tap, sandbox, monkeypatch):
    monkeypatch.setattr(arrived, "PART", 400)
    sandbox.reset(persons=2600, organizations=1)
    states = [each["value"]["bookmarks"].get("persons", {}) for each in tap().of("STATE")]
    parts = [state[arrived.ARRIVED] for state in states if arrived.ARRIVED in state]
    assert len(parts) > 3
    for before, after in pairwise(parts):
        assert after[: len(before)] == before
    assert arrived.ARRIVED not in states[-1]


def test_more_arrivals_than_fit_are_not_remembered_and_the_log_says_so(tap, sandbox, monkeypatch):
    monkeypatch.setattr(deletes, "LONGEST", 10)
    sandbox.reset(persons=1600, organizations=1)
    run = broken(sandbox, tap, monkeypatch, 2, streams=["persons"])
    assert arrived.ARRIVED not in run.state["bookmarks"]["persons"]
    assert run.log.count("persons: too many new ids to remember in state") == 1


def test_arrivals_that_something_else_wrote_are_begun_anew(tap, call):
    state = tap().state
    state["bookmarks"]["persons"][arrived.ARRIVED] = ["not ours", 7]
    call("DELETE", "/api/v2/persons/3")
    run = tap(state=state, **NOW)
    assert (run.exit_code, told(run)) == (0, [3])


def test_a_field_that_goes_just_before_the_look_doesn_t_end_it(tap, sandbox, call):
    first = tap(streams=["persons"])
    call("DELETE", "/api/v2/persons/3")
    fields = sandbox.pipedrive.state.fields["person"].all()
    name = next(field["field_name"] for field in fields if field["is_custom_field"])
    change = {"pipedrive": {"remove_field": {"entity": "person", "name": name}}}
    sandbox.fault(PERSONS, "GET", action={"apply": change})
    run = tap(state=first.state, streams=["persons"], **NOW)
    assert run.exit_code == 0, run.log
    assert told(run) == [3]
