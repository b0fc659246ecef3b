"""What is remembered of Pipedrive's records saves reading them, and is never trusted too far."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

COUNT = 12  # enough for reading what changed to be cheaper than reading each
OTHERS = 100
SCORE = {"from": "churn_score", "to": "Churn score"}
MONTH = 31 * 86_400


def users(score, count=COUNT, **more):
    return [
        {
            "user_id": f"u{at}",
            "email": f"ann{at}@acme.example",
            "first_name": "Ann",
            "last_name": f"Lee {at}",
            "churn_score": score,
            **more,
        }
        for at in range(count)
    ]


@pytest.fixture
def crowd(crm, sandbox, monkeypatch):
    # To read all of them costs as much as for a larger account.
    monkeypatch.setattr("sync_core.pipedrive.index.costs.PAGE_SIZE", 20)
    sandbox.reset(persons=OTHERS)
    held = {"Contract value": {"value": 1, "currency": "EUR"}}  # a colleague's
    names = [f"Ann Lee {at}" for at in range(COUNT)]
    return [
        crm.person(f"ann{at}@acme.example", name=name, custom=held) for at, name in enumerate(names)
    ]


@pytest.fixture
def sync(target, crm):
    """A run with the score of each user; the reading calls of the last one."""

    def run(people, **settings):
        settings.setdefault("fields", [SCORE])
        crm.calls()
        done = target.users(*people, **settings)
        calls = crm.calls()
        read = [each for each in calls if each.startswith("GET") and "/persons" in each]
        done.read = [_short(each.removeprefix("GET /api/v2/")) for each in read]
        done.written = [each for each in calls if not each.startswith("GET")]
        return done

    return run


def _short(call):
    """A reading call without its parameters, or what it is for."""
    path, _, query = call.partition("?")
    return "changed persons" if "updated_since" in query else path


@pytest.fixture
def known(sync, crowd):
    """Twelve persons whom a run has seen."""
    assert sync(users(1)).counts["users"] == {"updated": COUNT}
    return crowd


def hide(sandbox, person):
    """Take away its time of change, so that no list by time shows it."""
    table = sandbox.pipedrive.state.tables["person"]
    table.update(table.rows[person], {"update_time": None})


def scores(crm, persons):
    return [crm.stored(each)["Churn score"] for each in persons]


@pytest.mark.usual("pipedrive.patch_custom_fields", "pipedrive.name_split")
def test_a_record_that_has_not_changed_is_written_without_being_read(sync, crm, known):
    run = sync(users(2))
    assert run.read == ["changed persons", f"persons/{known[0]}"]
    assert len(run.written) == COUNT
    assert scores(crm, known) == [2] * COUNT


def test_what_others_changed_meanwhile_stays_as_the_conflict_rule_says(sync, crm, known):
    crm.change(known[0], custom={"Churn score": 70})
    run = sync(users(2))
    assert run.counts["users"] == {"updated": COUNT - 1, "unchanged": 1}
    assert run.text("conflict") == "Churn score: both sides changed it; pipedrive's stays"
    assert scores(crm, known) == [70] + [2] * (COUNT - 1)


def test_a_change_that_an_earlier_run_had_no_reason_to_look_at_is_not_lost(sync, crm, known):
    crm.change(known[0], custom={"Churn score": 70})
    sync([*users(1)[:1], *users(2)[1:]])  # catches up, while the first user hasn't moved
    run = sync(users(3))
    assert run.reasons["conflict"] == 1
    assert scores(crm, known)[0] == 70


def test_a_change_is_not_lost_since_another_field_was_written_beside_it(sync, crm, sandbox, known):
    fields = [SCORE, {"from": "health", "to": "Customer health"}]
    crm.change(known[0], custom={"Churn score": 70})
    sync(users(1, health="Good"), fields=fields)
    for score in (2, 3):  # after the first, no list of changes shows the person any more
        sandbox.clock.advance(3600)
        others = users(score, health="Good")[1:]
        sync([*users(1, health="Good")[:1], *others], fields=fields)
    sandbox.clock.advance(3600)
    run = sync(users(4, health="Good"), fields=fields)
    assert run.reasons["conflict"] == 1
    assert scores(crm, known) == [70] + [4] * (COUNT - 1)


def test_a_change_within_the_second_of_our_own_write_is_not_lost(sync, crm, sandbox, crowd):
    sandbox.clock.freeze(True)
    sync(users(1))
    crm.change(crowd[0], custom={"Churn score": 70})
    run = sync(users(2))
    assert run.reasons["conflict"] == 1
    assert scores(crm, crowd)[0] == 70


def test_a_change_that_lists_did_not_show_yet_is_seen_by_the_next_run(sync, crm, sandbox, known):
    waits = users(1)[:1]  # nothing is asked of the changed one while the lists don't show it
    sandbox.clock.advance(600)
    sync([*waits, *users(2)[1:]])  # has seen our own write to it, so that nothing else is due
    sandbox.switches.set("pipedrive.list_lag_seconds", 36.0)
    crm.change(known[0], custom={"Churn score": 70})
    sandbox.clock.advance(10)
    sync([*waits, *users(3)[1:]])
    sandbox.clock.advance(60)
    run = sync(users(4))
    assert run.reasons["conflict"] == 1
    assert scores(crm, known)[0] == 70


@pytest.mark.usual("pipedrive.patch_custom_fields", "pipedrive.name_split")
def test_a_change_to_a_field_that_is_not_mapped_costs_nothing(sync, crm, known):
    crm.change(known[0], visible_to=1)
    run = sync(users(2))
    assert run.read == ["changed persons", f"persons/{known[0]}"]
    assert run.counts["users"] == {"updated": COUNT}


def test_a_record_without_a_time_of_change_is_read_each_time(sync, crm, sandbox, crowd):
    hide(sandbox, crowd[0])
    sync(users(None))
    row = sandbox.pipedrive.rows("person")[crowd[0]]
    row["custom_fields"][crm.key("Churn score")] = 70
    run = sync(users(2), fields=[{**SCORE, "write": "if_empty"}])
    assert run.read != ["changed persons"]
    assert scores(crm, crowd)[0] == 70


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_a_new_line_of_the_mapping_counts_what_is_stored(sync, crm, known):
    crm.change(known[0], custom={"Lifecycle stage": "Trial"})
    sync(users(2))
    line = {"from": "lifecycle", "to": "Lifecycle stage", "write": "if_empty"}
    run = sync(users(3, lifecycle="Lost"), fields=[SCORE, line])
    assert run.counts["users"] == {"updated": COUNT}
    stages = [crm.stored(each)["Lifecycle stage"] for each in known]
    assert stages == ["Trial"] + ["Lost"] * (COUNT - 1)


@pytest.mark.usual("pipedrive.patch_custom_fields", "pipedrive.name_split")
def test_a_part_of_a_name_goes_with_the_other_part_that_stands_there(sync, crm, known):
    run = sync(users(1, first_name="Anna"))
    assert run.read == ["changed persons"]
    names = {crm.stored(each)["name"] for each in known}
    assert names == {f"Anna Lee {at}" for at in range(COUNT)}


def test_a_name_that_others_changed_is_read_before_its_other_part_is_written(sync, crm, known):
    crm.change(known[0], first_name="Ann", last_name="Lee-Mayer")
    line = {"from": "first_name", "to": "First name", "conflict": "journy"}
    sync(users(1, first_name="Anna"), fields=[line])
    assert crm.stored(known[0])["name"] == "Anna Lee-Mayer"


@pytest.mark.usual("pipedrive.patch_lists")
def test_a_changed_address_leaves_those_that_others_entered(sync, crm, known):
    both = [{"value": "ann0@acme.example", "primary": True}, {"value": "ann@home.example"}]
    crm.change(known[0], emails=both)
    people = users(2)
    people[0]["email"] = "ann@new.example"
    sync(people)
    stored = [each["value"] for each in crm.stored(known[0])["emails"]]
    assert stored == ["ann@new.example", "ann@home.example"]


# Who isn't there


STRANGER = {"user_id": "s", "email": "eve@acme.example", "first_name": "Eve", "last_name": "Oh"}


def test_who_is_not_there_is_not_searched_for_again(sync, known):
    assert sync([STRANGER, *users(1)]).reasons["no_match"] == 1
    run = sync([STRANGER, *users(1)])
    assert run.reasons["no_match"] == 1
    assert run.read == ["changed persons"]


def test_who_was_added_meanwhile_is_found(sync, crm, known):
    sync([STRANGER])
    eve = crm.person("EVE@acme.example", name="Eve Oh")
    run = sync([{**STRANGER, "churn_score": 5}])
    assert run.counts["users"] == {"updated": 1}
    assert crm.stored(eve)["Churn score"] == 5


def test_who_was_added_before_a_run_that_asked_for_others_is_found_as_well(
    sync, crm, sandbox, known
):
    eve = crm.person("eve@acme.example", name="Eve Oh")
    for score in (2, 3):
        sandbox.clock.advance(600)
        sync(users(score))
    run = sync([{**STRANGER, "churn_score": 5}, *users(4)])
    assert run.counts["users"] == {"updated": COUNT + 1}
    assert "changed persons" in run.read
    assert crm.stored(eve)["Churn score"] == 5


def test_nobody_is_created_before_a_search_has_found_nobody(sync, crm, sandbox, known):
    hidden = crm.person("eve@acme.example", name="Eve Oh")
    hide(sandbox, hidden)
    run = sync([STRANGER, *users(2)], create=True)
    assert "persons/search" in run.read
    assert run.counts["users"]["updated"] == COUNT
    assert "created" not in run.counts["users"]
    assert len(crm.persons()) == OTHERS + COUNT + 1


def test_whoever_is_nowhere_is_created_once_however_searches_lag(sync, crm, sandbox, known):
    sandbox.switches.set("pipedrive.search_lag_seconds", 600.0)
    sandbox.switches.set("pipedrive.list_lag_seconds", 30.0)
    assert sync([STRANGER, *users(2)], create=True).counts["users"]["created"] == 1
    run = sync([{**STRANGER, "user_id": "s2"}, *users(3)], create=True)
    assert len(crm.persons()) == OTHERS + COUNT + 1
    assert "created" not in run.counts["users"]


# How long it is trusted


@pytest.fixture
def imported(sync, crm, sandbox, known):
    """A colleague's import of more persons than there were, after an edit to one of the twelve."""
    sandbox.clock.advance(3600)
    sync([STRANGER])  # has seen our own writes
    sandbox.clock.advance(3600)
    crm.change(known[0], custom={"Churn score": 70})
    table = sandbox.pipedrive.state.tables["person"]
    latest = table.rows[known[0]]
    for _ in range(500):  # a whole page of changes
        table.insert({**latest, "id": table.new_id(), "emails": [], "custom_fields": {}})


@pytest.mark.usefixtures("imported")
def test_where_more_changed_than_it_pays_to_read_that_is_read_once(sync, crm, sandbox, known):
    run = sync(users(2))
    assert run.read.count("changed persons") == 1
    assert run.reasons["conflict"] == 1
    assert scores(crm, known) == [70] + [2] * (COUNT - 1)


def test_another_credential_does_not_trust_what_this_one_saw(target, sync, crm, known):
    sync([STRANGER])
    crm.calls()
    target.run(target.stream("users", STRANGER), api_token="sandbox-token-bob", users={})
    assert not any("updated_since" in each for each in crm.calls())


@pytest.mark.usual("pipedrive.updated_since_keeps_null")
def test_after_a_month_everything_is_read_again(sync, crm, sandbox, known):
    sync([STRANGER])
    eve = crm.person("eve@acme.example", name="Eve Oh")
    hide(sandbox, eve)
    assert sync([STRANGER]).reasons["no_match"] == 1
    sandbox.clock.advance(MONTH)
    assert sync([{**STRANGER, "churn_score": 5}]).counts["users"] == {"updated": 1}


def test_a_service_that_does_not_tell_the_time_is_asked_each_time(sync, crm, sandbox, monkeypatch):
    monkeypatch.setattr("sync_core.times.from_http_date", lambda _value: "")
    eve = crm.person("eve@acme.example", name="Eve Oh")
    for score in (5, 6):
        sync([{**STRANGER, "churn_score": score}])
        assert crm.stored(eve)["Churn score"] == score


def test_the_index_holds_no_address(target, known):
    with contextlib.closing(sqlite3.connect(target.ledger)) as ledger:
        rows = ledger.execute("SELECT * FROM indexed").fetchall()
    assert len(rows) > COUNT
    assert "acme" not in repr(rows)


def test_a_lost_ledger_means_reading_again_and_writing_nothing(target, sync, crm, known):
    target.forget()
    run = sync(users(1))
    assert run.counts["users"] == {"unchanged": COUNT}
    assert run.written == []
