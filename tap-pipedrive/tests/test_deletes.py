"""Records that vanish: found by their ids, since no list tells of them."""

from __future__ import annotations

import random

import pytest
from tap_pipedrive import deletes
from tap_pipedrive.ids import Ids

NOW = {"delete_sweep_hours": 0}


def tombstones(run, stream: str = "persons") -> list[dict]:
    return [record for record in run.records(stream) if record["is_deleted"]]


def sweeps(sandbox, stream: str = "persons") -> list[str]:
    paths = [entry["path"] for entry in sandbox.journal()]
    return [p for p in paths if f"/api/v2/{stream}?" in p and "sort_by=id" in p]


def test_the_first_run_remembers_all_ids_without_a_call_more(tap, sandbox):
    run = tap()
    assert len(sweeps(sandbox)) == 1
    known = deletes.known(run.state["bookmarks"]["persons"])
    assert set(known) == set(sandbox.pipedrive.rows("person"))


@pytest.mark.parametrize(
    ("stream", "path"), [("persons", "persons"), ("organizations", "organizations")]
)
def test_a_deleted_record_arrives_marked_and_otherwise_empty(tap, call, stream, path):
    first = tap()
    call("DELETE", f"/api/v2/{path}/3")
    second = tap(state=first.state, **NOW)
    (gone,) = tombstones(second, stream)
    assert (gone["id"], gone["is_deleted"]) == (3, True)
    assert gone["update_time"] >= first.bookmark(stream)
    rest = {k: v for k, v in gone.items() if k not in ("id", "is_deleted", "update_time")}
    assert set(rest.values()) == {None}
    assert rest.keys() | {"id"} <= second.schema(stream).keys()
    assert f"{stream}: 1 record vanished" in second.log


def test_deleted_activities_are_noticed_too(tap, call):
    ids = [call("POST", "/api/v2/activities", subject=f"Call {n}")["id"] for n in range(3)]
    first = tap(streams=["activities"])
    call("DELETE", f"/api/v2/activities/{ids[1]}")
    second = tap(streams=["activities"], state=first.state, **NOW)
    assert [gone["id"] for gone in tombstones(second, "activities")] == [ids[1]]


def test_a_deletion_is_told_once(tap, call):
    first = tap()
    call("DELETE", "/api/v2/persons/3")
    second = tap(state=first.state, **NOW)
    third = tap(state=second.state, **NOW)
    assert len(tombstones(second)) == 1
    assert tombstones(third) == []


def test_a_deletion_doesn_t_move_the_bookmark(tap, call):
    first = tap()
    call("DELETE", "/api/v2/persons/3")
    second = tap(state=first.state, **NOW)
    assert second.bookmark("persons") == first.bookmark("persons")


def test_the_loser_of_a_merge_is_gone_and_the_survivor_has_changed(tap, call):
    first = tap()
    call("PUT", "/v1/persons/3/merge", merge_with_id=4)
    second = tap(state=first.state, **NOW)
    assert [gone["id"] for gone in tombstones(second)] == [3]
    assert 4 in {record["id"] for record in second.records("persons")}


@pytest.mark.usual("pipedrive.noop_patch_touches")
def test_what_pointed_to_the_loser_of_a_merge_arrives_pointing_to_the_survivor(tap, sandbox, call):
    loser, survivor = sorted(sandbox.pipedrive.rows("organization"))[:2]
    person = call("POST", "/api/v2/persons", name="Ann", org_id=loser)["id"]
    first = tap()
    call("PUT", f"/v1/organizations/{loser}/merge", merge_with_id=survivor)
    call("PATCH", f"/api/v2/persons/{person}", name="Ann Lee")
    second = tap(state=first.state, **NOW)
    assert [gone["id"] for gone in tombstones(second, "organizations")] == [loser]
    assert survivor in {record["id"] for record in second.records("organizations")}
    assert [r["org_id"] for r in second.records("persons") if r["id"] == person] == [survivor]


def test_a_deal_that_was_merged_away_arrives_as_deleted_beside_the_survivor(tap, call):
    loser, survivor = (call("POST", "/api/v2/deals", title=t)["id"] for t in ("one", "other"))
    first = tap(streams=["deals"])
    call("PUT", f"/v1/deals/{loser}/merge", merge_with_id=survivor)
    second = tap(streams=["deals"], state=first.state)
    deleted = {record["id"]: record["is_deleted"] for record in second.records("deals")}
    assert (deleted[loser], deleted[survivor]) == (True, False)


def test_nothing_is_looked_for_before_its_time(tap, sandbox, call):
    first = tap()
    call("DELETE", "/api/v2/persons/3")
    sandbox.clear_journal()
    second = tap(state=first.state)
    assert tombstones(second) == []
    assert sweeps(sandbox) == []


def test_nothing_is_looked_for_when_switched_off(tap, sandbox, call):
    first = tap(detect_deletes=False)
    call("DELETE", "/api/v2/persons/3")
    sandbox.clear_journal()
    second = tap(state=first.state, detect_deletes=False, **NOW)
    assert tombstones(second) == []
    assert sweeps(sandbox) == []
    assert deletes.IDS not in second.state["bookmarks"]["persons"]


def test_where_no_ids_are_known_the_first_look_only_remembers_them(tap, call):
    first = tap(detect_deletes=False)
    call("DELETE", "/api/v2/persons/3")
    second = tap(state=first.state)
    assert tombstones(second) == []
    assert "59 ids are remembered" in second.log
    call("DELETE", "/api/v2/persons/5")
    third = tap(state=second.state, **NOW)
    assert [gone["id"] for gone in tombstones(third)] == [5]


def test_a_record_that_a_list_forgot_but_that_can_be_fetched_isn_t_gone(tap, sandbox):
    first = tap()
    state = first.state
    listed = {"success": True, "data": [], "additional_data": {"next_cursor": None}}
    for _ in range(2):  # the changes, and the sweep
        sandbox.fault("/pipedrive/api/v2/persons", "GET", action={"status": 200, "body": listed})
    second = tap(state=state, **NOW)
    assert tombstones(second) == []


@pytest.mark.usual("pipedrive.delete_touches")
@pytest.mark.parametrize("position", ["with_updated_since", "always"])
def test_a_deletion_that_the_list_tells_of_itself_isn_t_told_again(tap, sandbox, call, position):
    sandbox.apply(switches={"pipedrive.lists_include_deleted": position})
    first = tap()
    call("DELETE", "/api/v2/persons/3")
    second = tap(state=first.state)
    assert [gone["name"] is None for gone in tombstones(second)] == [False]
    third = tap(state=second.state, lookback_seconds=0, **NOW)
    assert [gone for gone in tombstones(third) if gone["name"] is None] == []


@pytest.mark.parametrize("position", ["never", "with_updated_since", "always"])
def test_a_deletion_that_left_the_record_s_time_as_it_was_is_told_once(
    tap, sandbox, call, position
):
    sandbox.apply(
        switches={
            "pipedrive.lists_include_deleted": position,
            "pipedrive.delete_touches": False,
        }
    )
    first = tap()
    call("DELETE", "/api/v2/persons/3")
    second = tap(state=first.state, **NOW)
    assert [gone["id"] for gone in tombstones(second)] == [3]
    assert tombstones(tap(state=second.state, **NOW)) == []


def test_a_kill_before_the_end_of_a_sweep_tells_again_rather_than_never(
    tap, sandbox, call, monkeypatch
):
    monkeypatch.setattr("sync_core.http.TRIES", 1)
    first = tap()
    call("DELETE", "/api/v2/persons/3")
    sandbox.fault("/pipedrive/api/v2/persons", "GET", after=1, action={"status": 503})
    broken = tap(state=first.state, **NOW)
    assert broken.exit_code == 1
    again = tap(state=broken.state, **NOW)
    assert [gone["id"] for gone in tombstones(again)] == [3]


def test_a_memory_that_something_else_wrote_is_begun_anew(tap):
    state = tap().state
    state["bookmarks"]["persons"][deletes.IDS] = "not ours"
    run = tap(state=state, **NOW)
    assert run.exit_code == 0
    assert tombstones(run) == []
    assert "60 ids are remembered" in run.log


@pytest.mark.parametrize("ids", [set(), {0}, {1}, {5, 4_000_000_000}, set(range(1, 3000, 7))])
def test_remembered_ids_come_back_as_they_were(ids):
    assert set(deletes.decode(deletes.encode(Ids(ids)))) == ids


def test_a_million_ids_with_gaps_fit_into_state():
    chance = random.Random(1)
    dense = [each for each in range(1, 1_000_001) if chance.random() > 0.002]
    assert len(deletes.encode(Ids(dense))) < deletes.LONGEST


def test_more_ids_than_fit_are_not_remembered_and_the_log_says_so(tap, monkeypatch):
    monkeypatch.setattr(deletes, "LONGEST", 10)
    run = tap()
    assert deletes.IDS not in run.state["bookmarks"]["persons"]
    assert "persons: too many ids to remember in state" in run.log


def test_the_gaps_below_an_id_are_counted_without_a_look_at_each():
    ids = Ids([1, 3, 4, 9_000, 4_000_000_000_000])
    assert ids.missing(10) == len(list(ids.gaps(10))) == 7
    assert ids.missing(9_500) == len(list(ids.gaps(9_500)))
    assert ids.missing(4_000_000_000_000) == 4_000_000_000_000 - 5
