"""Several pages of one list at once: all of it arrives, once, whatever happens on the way."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

import pytest
from sync_core.http import HttpClient
from tap_pipedrive.table import STREAMS, Since

PERSONS = "/pipedrive/api/v2/persons"
SINCE = "2000-01-01T00:00:00Z"
SIZES = [1, 2, 4]
QUIET = {"streams": ["persons"], "detect_deletes": False}


PAGE = 50


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("sync_core.http.TRIES", 1)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    """Many pages of few rows."""
    monkeypatch.setitem(STREAMS, "persons", replace(STREAMS["persons"], page_size=PAGE))


@pytest.fixture
def many(sandbox):
    """Persons whose ids have gaps, and some without an update time."""

    def make(persons: int = 500, *, gaps: int = 40, timeless: int = 60):
        sandbox.reset(persons=persons, organizations=1, users=1, accounts=1)
        table = sandbox.pipedrive.state.tables["person"]
        for each in range(3, persons, max(persons // gaps, 1)) if gaps else ():
            table.remove(each)
        for each in [*table.rows][5 :: max(persons // timeless, 1)] if timeless else ():
            table.update(table.rows[each], {"update_time": None})
        return set(table.rows)

    return make


def ids(*runs) -> list[int]:
    return [record["id"] for run in runs for record in run.records("persons")]


def asked(sandbox) -> list[str]:
    return [entry["path"] for entry in sandbox.journal() if f"{PERSONS}?" in entry["path"]]


@pytest.mark.parametrize("keeps", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_a_first_run_reads_every_row_once_even_those_without_a_time(
    tap, sandbox, many, size, keeps
):
    expected = many()
    sandbox.switches.update({"pipedrive.updated_since_keeps_null": keeps})
    run = tap(concurrency=size, **QUIET)
    assert run.exit_code == 0, run.log
    assert sorted(ids(run)) == sorted(expected)


@pytest.mark.parametrize("size", SIZES)
def test_many_gaps_cost_at_most_the_list_once_more(tap, sandbox, many, size):
    expected = many(400, gaps=150)
    run = tap(concurrency=size, **QUIET)
    assert sorted(ids(run)) == sorted(expected)
    assert len(asked(sandbox)) <= 25


@pytest.mark.parametrize("persons", [0, 1, 50, 51, 100, 101, 600])
@pytest.mark.parametrize("size", [1, 2])
def test_two_from_both_ends_ask_for_no_page_more_than_one(tap, sandbox, many, size, persons):
    expected = many(persons, gaps=0, timeless=0)
    run = tap(concurrency=size, **QUIET)
    assert sorted(ids(run)) == sorted(expected)
    assert len(asked(sandbox)) == max(-(-persons // PAGE), 1)


@pytest.mark.parametrize("start", [{}, {"start_date": SINCE}], ids=["first", "changes"])
@pytest.mark.parametrize(
    "stream", [name for name, spec in STREAMS.items() if spec.since is Since.SORTED]
)
def test_every_stream_arrives_the_same_however_many_pages_are_asked_for(
    tap, call, monkeypatch, stream, start
):
    spec = STREAMS[stream]
    monkeypatch.setitem(STREAMS, stream, replace(spec, page_size=3))
    for number in range(8):
        call("POST", "/api/v2/activities", subject=f"Call {number}")
        call("POST", "/api/v2/deals", title=f"Deal {number}")
    call("PATCH", "/api/v2/deals/2", is_archived=True)
    call("DELETE", "/api/v2/deals/3")
    few, many = (
        tap(concurrency=size, streams=[stream], detect_deletes=False, **start) for size in (1, 4)
    )
    assert many.exit_code == 0, many.log
    (key,) = spec.keys
    expected = sorted(few.records(stream), key=lambda record: record[key])
    assert sorted(many.records(stream), key=lambda record: record[key]) == expected


@pytest.mark.parametrize("gaps", [10, 40, 150])
def test_gaps_in_the_ids_cost_two_from_both_ends_at_most_a_page_more(tap, sandbox, many, gaps):
    expected = many(400, gaps=gaps)
    assert sorted(ids(tap(concurrency=2, **QUIET))) == sorted(expected)
    assert len(asked(sandbox)) <= -(-len(expected) // PAGE) + 1


def test_a_page_that_gaps_may_spare_is_not_asked_for_beforehand(tap, sandbox, many):
    rows = many(180, gaps=36, timeless=0)
    assert 2 * PAGE < len(rows) < 3 * PAGE
    sandbox.clear_journal()
    assert sorted(ids(tap(**QUIET, concurrency=2))) == sorted(rows)
    assert len(asked(sandbox)) == 3


@pytest.mark.parametrize("size", [3, 8])
def test_a_list_of_one_page_is_asked_for_once_however_many_may_be(tap, sandbox, many, size):
    expected = many(PAGE, gaps=0, timeless=20)
    assert sorted(ids(tap(concurrency=size, **QUIET))) == sorted(expected)
    assert len(asked(sandbox)) == 1


@pytest.mark.parametrize("size", [3, 8])
def test_windows_cost_few_pages_more_than_one_walk(tap, sandbox, many, size):
    expected = many(2000, gaps=0, timeless=0)
    run = tap(concurrency=size, **QUIET)
    assert sorted(ids(run)) == sorted(expected)
    assert len(asked(sandbox)) <= 40 + 4 * size


@pytest.mark.parametrize("size", SIZES)
def test_changes_are_read_once_however_many_pages_are_asked_for(tap, sandbox, many, size):
    many(600, gaps=0, timeless=0)
    rows = sandbox.pipedrive.rows("person").values()
    begin = sorted(row["update_time"] for row in rows)[100]
    expected = {row["id"] for row in rows if row["update_time"] >= begin}
    run = tap(concurrency=size, start_date=begin, lookback_seconds=0, **QUIET)
    assert sorted(ids(run)) == sorted(expected)
    assert run.bookmark("persons") == max(row["update_time"] for row in rows)
    assert len(asked(sandbox)) <= 10 + 1 + (3 * size if size > 1 else 0)


@pytest.mark.parametrize("size", [2, 4])
def test_a_few_changes_cost_one_call(tap, sandbox, many, size):
    many(120, gaps=0, timeless=0)
    first = tap(concurrency=size, **QUIET)
    sandbox.clear_journal()
    tap(concurrency=size, state=first.state, **QUIET)
    assert len(asked(sandbox)) == 1


@pytest.mark.parametrize("size", [2, 4])
def test_rows_of_one_second_far_from_all_others_cost_few_calls(tap, sandbox, many, size):
    expected = many(600, gaps=0, timeless=0)
    table = sandbox.pipedrive.state.tables["person"]
    for each in [*table.rows][10:]:
        table.update(table.rows[each], {"update_time": "2021-05-05T05:05:05Z"})
    run = tap(concurrency=size, start_date=SINCE, **QUIET)
    assert sorted(ids(run)) == sorted(expected)
    assert len(asked(sandbox)) <= 12 + 3 * size


def killed(tap, sandbox, after: int, **settings):
    sandbox.fault(PERSONS, "GET", after=after, times=None, action={"status": 503})
    run = tap(**settings)
    assert run.exit_code == 1
    sandbox.clear_faults()
    return run


@pytest.mark.parametrize("start", [{}, {"start_date": SINCE}], ids=["first", "changes"])
@pytest.mark.parametrize("sizes", [(2, 2), (2, 1), (1, 4), (4, 4), (4, 1)])
@pytest.mark.parametrize("after", [1, 7])
def test_what_a_killed_run_delivered_and_what_the_next_ones_read_is_all(  # noqa: PLR0913, PLR0917  # fixtures
    tap, many, sandbox, start, sizes, after
):
    size, then = sizes
    expected = many(timeless=0 if start else 60)
    first = killed(tap, sandbox, after, concurrency=size, **start, **QUIET)
    second = killed(tap, sandbox, 2, concurrency=then, state=first.state, **start, **QUIET)
    third = tap(concurrency=size, state=second.state, **start, **QUIET)
    assert third.exit_code == 0, third.log
    assert set(ids(first, second, third)) == expected
    stream = third.state["bookmarks"]["persons"]
    assert {"first_run", "interrupted"}.isdisjoint(stream)
    newest = max(row["update_time"] or "" for row in sandbox.pipedrive.rows("person").values())
    assert third.bookmark("persons") == newest


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("start", [{}, {"start_date": SINCE}], ids=["first", "changes"])
def test_little_is_read_twice_after_a_kill(tap, many, sandbox, start, size):
    expected = many(timeless=0, gaps=0)
    first = killed(tap, sandbox, 7, concurrency=size, **start, **QUIET)
    second = tap(concurrency=size, state=first.state, **start, **QUIET)
    twice = [each for each, count in Counter(ids(first, second)).items() if count > 1]
    assert set(ids(first, second)) == expected
    assert len(ids(first)) >= 5 * PAGE - 10
    assert len(twice) <= 10 if not start or size == 2 else PAGE + 10


@pytest.mark.parametrize("size", [1, 2, 4])
def test_pages_that_were_paid_for_are_delivered_before_a_failure_ends_the_run(
    tap, many, sandbox, size
):
    many(timeless=0, gaps=0)
    run = killed(tap, sandbox, 5, concurrency=size, start_date=SINCE, **QUIET)
    good = [entry for entry in sandbox.journal() if f"{PERSONS}?" in entry["path"]]
    assert sum(entry["status"] == 200 for entry in good) == 5
    assert len(ids(run)) >= 4 * PAGE
    assert run.messages[-1]["type"] == "STATE"


@pytest.mark.parametrize("size", [1, 2, 4])
def test_nothing_is_left_running_when_a_run_ends_badly(tap, many, sandbox, size):
    many(timeless=0, gaps=0)
    killed(tap, sandbox, 3, concurrency=size, **QUIET)
    assert not [each for each in threading.enumerate() if each.name.startswith("pages")]


@pytest.fixture
def colleague(monkeypatch, call):
    """Renames persons when so many pages have been asked for."""

    def rename(after: int, *persons: int) -> None:
        get, calls = HttpClient.get, []

        def answer(self, path, *rest, **options):
            calls.append(path)
            if len(calls) == after:
                for each in persons:
                    call("PATCH", f"/api/v2/persons/{each}", name="Renamed meanwhile")
            return get(self, path, *rest, **options)

        monkeypatch.setattr(HttpClient, "get", answer)

    return rename


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("start", [{}, {"start_date": SINCE}], ids=["first", "changes"])
def test_what_changes_while_pages_are_read_is_missed_by_no_run(tap, many, colleague, start, size):
    expected, changed = many(timeless=0, gaps=0), {1, 250, 500}
    colleague(5, *changed)
    first = tap(concurrency=size, **start, **QUIET)
    assert set(ids(first)) == expected
    second = tap(concurrency=size, state=first.state, **QUIET)
    new = [r["id"] for r in second.records("persons") if r["name"] == "Renamed meanwhile"]
    assert set(new) == changed


@pytest.mark.parametrize("size", SIZES)
def test_what_changes_while_changes_are_read_arrives_in_the_same_run(tap, many, colleague, size):
    changed = set([*many(timeless=0, gaps=0)][::50])
    colleague(5, *changed)
    run = tap(concurrency=size, start_date=SINCE, **QUIET)
    new = {r["id"] for r in run.records("persons") if r["name"] == "Renamed meanwhile"}
    assert new == changed


@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("start", [{}, {"start_date": SINCE}], ids=["first", "changes"])
def test_runs_that_may_spend_little_come_to_an_end_together(tap, many, sandbox, start, size):
    expected = many(800, timeless=0, gaps=0)
    runs, state = [], None
    limits = sandbox.pipedrive.limits
    for _ in range(8):
        limits.configure("lite", 1)
        limits.spend(limits.left - 80)
        runs.append(tap(concurrency=size, state=state, daily_token_share=0.8, **start, **QUIET))
        state = runs[-1].state
        if runs[-1].exit_code == 0:
            break
        assert runs[-1].exit_code == 75
    assert runs[-1].exit_code == 0
    assert set(ids(*runs)) == expected


def test_all_cursors_keep_below_the_burst_limit_together(tap, many, sandbox):
    many(1200, timeless=0, gaps=0)
    sandbox.pipedrive.limits.configure("lite", 100)
    run = tap(concurrency=8, start_date=SINCE, **QUIET)
    assert run.exit_code == 0
    assert {entry["status"] for entry in sandbox.journal()} == {200}


@pytest.mark.parametrize("size", [2, 4])
def test_cursors_that_expire_cost_no_row(tap, many, sandbox, size):
    expected = many()
    expiry = {"apply": {"pipedrive": {"expire_cursors": True}}}
    sandbox.fault(PERSONS, "GET", after=4, action=expiry)
    run = tap(concurrency=size, **QUIET)
    assert run.exit_code == 0, run.log
    assert set(ids(run)) == expected


@pytest.mark.parametrize("size", [2, 4])
def test_a_list_out_of_order_costs_no_row(tap, many, sandbox, size):
    expected = many(timeless=0)
    sandbox.fault(PERSONS, "GET", times=None, action={"reverse_rows": True})
    run = tap(concurrency=size, **QUIET)
    assert run.exit_code == 0, run.log
    assert set(ids(run)) == expected


def test_an_id_far_from_all_others_takes_no_longer(tap, sandbox, many):
    expected = many()
    table = sandbox.pipedrive.state.tables["person"]
    far = {**table.rows[max(expected)], "id": 3_000_000_000_000}
    table.insert(far)
    run = tap(concurrency=4, **QUIET)
    assert run.exit_code == 0, run.log
    assert sorted(ids(run)) == sorted({*expected, far["id"]})
