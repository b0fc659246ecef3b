"""A look for vanished records: cut off, finding more than was known, or not wanted."""

from __future__ import annotations

import json

import pytest
from tap_pipedrive import deletes

NOW = {"delete_sweep_hours": 0, "streams": ["persons", "stages"]}
PERSONS = "/pipedrive/api/v2/persons"


def told(run) -> list[int]:
    return [record["id"] for record in run.records("persons") if record["is_deleted"]]


def known(run) -> set[int]:
    return set(deletes.known(run.state["bookmarks"]["persons"]))


def on_the_next_day_with(sandbox, tokens: int) -> None:
    sandbox.clock.advance(86_400)
    limits = sandbox.pipedrive.limits
    limits.spend(limits.left - tokens)


@pytest.mark.usual("pipedrive.daily_headers")
def test_a_look_that_costs_more_than_a_run_may_spend_goes_on_in_the_next_ones(tap, sandbox, call):
    sandbox.reset(persons=2600, organizations=1)
    gone = sorted(sandbox.pipedrive.rows("person"))[3::500]
    run = tap(**NOW)
    for each in gone:
        call("DELETE", f"/api/v2/persons/{each}")
    runs = []
    while not runs or (runs[-1].exit_code == 75 and len(runs) < 5):
        on_the_next_day_with(sandbox, 120)
        run = tap(state=run.state, **NOW)
        runs.append(run)
    assert [each.exit_code for each in runs] == [75, 0]
    assert sorted(id_ for each in runs for id_ in told(each)) == gone
    assert runs[-1].records("stages")
    assert known(runs[-1]) == set(sandbox.pipedrive.rows("person")) - set(gone)


def test_what_a_cut_off_look_has_not_settled_is_told_by_the_next(tap, sandbox, call, monkeypatch):
    monkeypatch.setattr("sync_core.http.TRIES", 1)
    sandbox.reset(persons=1200, organizations=1)
    gone, *_, last = sorted(sandbox.pipedrive.rows("person"))
    first = tap(**NOW)
    call("DELETE", f"/api/v2/persons/{gone}")
    call("DELETE", f"/api/v2/persons/{last}")
    sandbox.fault(PERSONS, "GET", after=2, times=None, action={"status": 503})
    second = tap(state=first.state, **NOW)
    sandbox.clear_faults()
    sandbox.clear_journal()
    third = tap(state=second.state, **NOW)
    assert (second.exit_code, told(second)) == (1, [])
    assert (third.exit_code, told(third)) == (0, [gone, last])
    looked = [e["path"] for e in sandbox.journal() if "/persons?sort_by=id" in e["path"]]
    assert len(looked) == 2  # not the page that the second run had read


def test_a_first_look_that_was_cut_off_doesn_t_take_the_rest_for_news(tap, sandbox, monkeypatch):
    monkeypatch.setattr("sync_core.http.TRIES", 1)
    sandbox.reset(persons=1200, organizations=1)
    first = tap(detect_deletes=False, **NOW)
    sandbox.fault(PERSONS, "GET", after=2, times=None, action={"status": 503})
    second = tap(state=first.state, **NOW)
    sandbox.clear_faults()
    third = tap(state=second.state, lookback_seconds=0, **NOW)
    assert (second.exit_code, third.exit_code) == (1, 0)
    assert len(third.records("persons")) < 10
    assert known(third) == set(sandbox.pipedrive.rows("person"))


def test_records_that_the_token_s_user_may_see_again_arrive_again(tap):
    first = tap(**NOW)
    second = tap(state=first.state, api_token="sandbox-token-bob", **NOW)
    hidden = told(second)
    third = tap(state=second.state, **NOW)
    seen = {record["id"]: record["is_deleted"] for record in third.records("persons")}
    assert hidden
    assert {id_: seen.get(id_) for id_ in hidden} == dict.fromkeys(hidden, False)
    assert "came that no list of changes told of" in third.log
    fourth = tap(state=third.state, lookback_seconds=0, **NOW)
    assert not {record["id"] for record in fourth.records("persons")} & set(hidden)


def test_arrivals_that_state_had_no_room_for_are_not_taken_for_news(
    tap, sandbox, call, monkeypatch
):
    first = tap(**NOW)
    room = len(first.state["bookmarks"]["persons"][deletes.IDS])
    new = [call("POST", "/api/v2/persons", name=name)["id"] for name in ("Ann", "Bea", "Cem")]
    with monkeypatch.context() as patch:
        patch.setattr(deletes, "LONGEST", room)
        second = tap(**{**NOW, "delete_sweep_hours": 24}, state=first.state)
    table = sandbox.pipedrive.state.tables["person"]
    for each in new:  # out of the overlap
        table.update(table.rows[each], {"update_time": "2020-01-01T00:00:00Z"})
    third = tap(state=second.state, **NOW)
    assert "too many new ids to remember" in second.log
    assert not {record["id"] for record in third.records("persons")} & set(new)
    assert known(third) == set(sandbox.pipedrive.rows("person"))


def test_a_look_that_finds_nothing_new_asks_for_no_record(tap, sandbox):
    first = tap(**NOW)
    sandbox.clear_journal()
    assert tap(state=first.state, **NOW).exit_code == 0
    assert not [each for each in sandbox.journal() if "ids=" in each["path"]]


def test_where_is_deleted_is_not_selected_nothing_is_looked_for_nor_emptied(tap, sandbox, call):
    catalog = json.loads(tap("--discover").out)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if entry["breadcrumb"] == ["properties", "is_deleted"]:
                entry["metadata"]["selected"] = False
    first = tap(catalog=catalog)
    call("DELETE", "/api/v2/persons/3")
    sandbox.clear_journal()
    second = tap(catalog=catalog, state=first.state, delete_sweep_hours=0)
    assert 3 not in {record["id"] for record in second.records("persons")}
    assert not [each for each in sandbox.journal() if "sort_by=id" in each["path"]]
