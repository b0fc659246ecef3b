"""Runs that end in the middle: nothing is lost, and little is read twice."""

from __future__ import annotations

import pytest

BROKEN = {"status": 503}
KEY = "update_time"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("sync_core.http.TRIES", 1)


def ids(run, stream: str = "persons") -> list[int]:
    return [record["id"] for record in run.records(stream)]


def calls(sandbox, stream: str = "persons") -> list[str]:
    path = f"/api/v2/{stream}?"
    return [entry["path"] for entry in sandbox.journal() if path in entry["path"]]


def killed(sandbox, tap, after: int, stream: str = "persons", **settings):
    sandbox.fault(f"/pipedrive/api/v2/{stream}", "GET", after=after, times=None, action=BROKEN)
    run = tap(**settings)
    assert run.exit_code == 1
    sandbox.clear_faults()
    sandbox.clear_journal()
    return run


def test_a_first_run_that_is_killed_goes_on_behind_the_last_page(tap, sandbox):
    sandbox.reset(persons=2000, organizations=1)
    broken = killed(sandbox, tap, 2)
    assert "replication_key_value" not in broken.state["bookmarks"]["persons"]
    again = tap(state=broken.state)
    assert sorted(ids(broken) + ids(again)) == sorted(sandbox.pipedrive.rows("person"))
    assert len(calls(sandbox)) == 2


def test_a_first_run_in_parts_ends_with_a_bookmark_no_later_than_its_first_start(
    tap, sandbox, call
):
    sandbox.reset(persons=1200, organizations=1)
    broken = killed(sandbox, tap, 1)
    began = broken.state["bookmarks"]["persons"]["first_run"]["began"]
    sandbox.clock.advance(3600)
    call("PATCH", "/api/v2/persons/5", name="Changed between the parts")
    second = tap(state=broken.state)
    assert second.bookmark("persons") <= began
    third = tap(state=second.state)
    names = {record["id"]: record["name"] for record in third.records("persons")}
    assert names[5] == "Changed between the parts"


def test_a_first_run_can_be_killed_again_and_again(tap, sandbox):
    sandbox.reset(persons=2600, organizations=1)
    seen, state = [], None
    for _ in range(3):
        run = killed(sandbox, tap, 1, state=state)
        seen, state = seen + ids(run), run.state
    assert set(seen + ids(tap(state=state))) == set(sandbox.pipedrive.rows("person"))


def test_a_first_run_begins_anew_where_the_cursor_has_expired(tap, sandbox):
    sandbox.reset(persons=1200, organizations=1)
    broken = killed(sandbox, tap, 1)
    sandbox.apply(pipedrive={"expire_cursors": True})
    again = tap(state=broken.state)
    assert again.exit_code == 0
    assert "no longer takes the cursor" in again.log
    assert set(ids(broken) + ids(again)) == set(sandbox.pipedrive.rows("person"))
    assert "first_run" not in again.state["bookmarks"]["persons"]


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("status", [400, 404, 410, 422, 500])
def test_whatever_an_expired_cursor_is_answered_with_a_killed_run_goes_on(
    tap, sandbox, status, size
):
    sandbox.reset(persons=1600, organizations=1)
    broken = killed(sandbox, tap, 2, concurrency=size)
    refusal = {"status": status, "body": {"success": False, "error": "cursor expired"}}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", action=refusal)
    again = tap(state=broken.state, concurrency=size)
    assert again.exit_code == 0
    assert set(ids(broken) + ids(again)) == set(sandbox.pipedrive.rows("person"))


@pytest.mark.parametrize("status", [404, 500])
def test_an_outage_costs_a_killed_run_neither_its_place_nor_a_row(tap, sandbox, status):
    sandbox.reset(persons=1200, organizations=1)
    broken = killed(sandbox, tap, 1)
    refusal = {"status": status, "body": {"success": False, "error": "no"}}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", times=None, action=refusal)
    again = tap(state=broken.state)
    assert again.exit_code == (1 if status == 500 else 3)
    place = again.state["bookmarks"]["persons"]["first_run"]
    assert place == broken.state["bookmarks"]["persons"]["first_run"]


@pytest.mark.parametrize("start", [{}, {"start_date": "2000-01-01"}])
def test_a_cursor_that_expires_in_the_middle_is_waited_for_in_vain_but_costs_no_row(
    tap, sandbox, start
):
    sandbox.reset(persons=1200, organizations=1)
    sandbox.fault(
        "/pipedrive/api/v2/persons",
        "GET",
        after=1,
        action={"apply": {"pipedrive": {"expire_cursors": True}}},
    )
    run = tap(**start)
    assert run.exit_code == 0
    assert set(ids(run)) == set(sandbox.pipedrive.rows("person"))


def test_a_cursor_that_is_never_taken_ends_the_run(tap, sandbox):
    sandbox.reset(persons=600, organizations=1)
    refusal = {"status": 400, "body": {"success": False, "error": "bad cursor"}}
    for after in (1, 2, 3, 4):
        sandbox.fault("/pipedrive/api/v2/persons", "GET", after=after, action=refusal)
    run = tap()
    assert run.exit_code == 1
    assert "bad cursor" in run.log


def reverse(sandbox, pages: int) -> None:
    """So many pages come with their rows backwards, then nothing answers any more."""
    for _ in range(pages):
        sandbox.fault("/pipedrive/api/v2/persons", "GET", action={"reverse_rows": True})
    sandbox.fault("/pipedrive/api/v2/persons", "GET", times=None, action=BROKEN)


def test_a_list_out_of_order_holds_the_bookmark_so_that_a_kill_loses_nothing(tap, sandbox):
    sandbox.reset(persons=1600, organizations=1)
    times = sorted(row[KEY] for row in sandbox.pipedrive.rows("person").values())
    before = times[200]
    state = {"bookmarks": {"persons": {"replication_key": KEY, "replication_key_value": before}}}
    reverse(sandbox, 2)
    broken = tap(state=state)
    assert broken.exit_code == 1
    assert len(ids(broken)) == 1000
    assert broken.log.count("isn't in the order of update_time") == 1
    assert broken.bookmark("persons") == before
    sandbox.clear_faults()
    again = tap(state=broken.state)
    changed = {i for i, row in sandbox.pipedrive.rows("person").items() if row[KEY] >= before}
    assert changed <= set(ids(broken) + ids(again))


@pytest.mark.usual("pipedrive.milliseconds")
def test_a_list_out_of_order_that_is_read_to_its_end_moves_the_bookmark(tap, sandbox):
    sandbox.reset(persons=600, organizations=1)
    sandbox.fault("/pipedrive/api/v2/persons", "GET", times=None, action={"reverse_rows": True})
    run = tap(start_date="2000-01-01", detect_deletes=False)
    assert run.bookmark("persons") == max(record[KEY] for record in run.records("persons"))
