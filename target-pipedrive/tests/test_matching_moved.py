"""Linked persons who are deleted, merged or restored in Pipedrive: found again, never doubled."""

from __future__ import annotations

import pytest
import requests

SCORE = [{"from": "churn_score", "to": "Churn score"}]
SIZES = {"a single user, who is read": 1, "many users, whose records are vouched for": 12}
DELETED = ("never", "with_updated_since", "always")


def users(score, count):
    return [
        {"user_id": f"u{at}", "email": f"ann{at}@acme.example", "churn_score": score}
        for at in range(count)
    ]


def merge(sandbox, loser, winner):
    """Merge two persons as a sales person does; the winner takes over the loser's addresses."""
    requests.put(
        f"{sandbox.pipedrive_url}/v1/persons/{loser}/merge",
        json={"merge_with_id": winner},
        headers={"x-api-token": "sandbox-token"},
        timeout=10,
    ).raise_for_status()
    sandbox.clear_journal()


@pytest.fixture(params=SIZES.values(), ids=SIZES)
def count(request):
    return request.param


@pytest.fixture(autouse=True, params=DELETED)
def deleted_rows(request, sandbox):
    sandbox.switches.set("pipedrive.lists_include_deleted", request.param)


@pytest.fixture
def known(target, crm, count, monkeypatch):
    """Persons whom a run has linked."""
    monkeypatch.setattr("sync_core.pipedrive.index.costs.PAGE_SIZE", 4)
    persons = [crm.person(f"ann{at}@acme.example") for at in range(count)]
    assert target.users(*users(1, count), fields=SCORE).counts["users"] == {"updated": count}
    return persons


def test_a_merged_person_is_followed_to_the_one_that_is_left(target, crm, sandbox, known, count):
    winner = crm.person("ann@home.example")
    merge(sandbox, known[0], winner)
    for score in (2, 3):
        run = target.users(*users(score, count), create=True, fields=SCORE)
        assert run.counts["users"] == {"updated": count}
        assert crm.stored(winner)["Churn score"] == score
    assert len(crm.persons()) == count + 1


def test_the_survivor_of_a_merge_stays_linked(target, crm, sandbox, known, count):
    merge(sandbox, crm.person("ann@home.example"), known[0])
    run = target.users(*users(2, count), create=True, fields=SCORE)
    assert run.counts["users"] == {"updated": count}
    assert crm.stored(known[0])["Churn score"] == 2


def test_a_deleted_person_is_left_alone_where_creating_is_off(target, crm, known, count):
    crm.delete(known[0])
    run = target.users(*users(2, count), fields=SCORE)
    assert run.reasons["no_match"] == 1
    assert run.counts["users"].get("updated", 0) == count - 1
    assert crm.stored(known[0])["Churn score"] == 1


def test_a_deleted_person_is_made_anew_once_where_creating_is_on(target, crm, known, count):
    crm.delete(known[0])
    named = [{**one, "first_name": "Ann", "last_name": "Lee"} for one in users(2, count)]
    assert target.users(*named, create=True, fields=SCORE).counts["users"]["created"] == 1
    run = target.users(*named, create=True, fields=SCORE)
    assert run.counts["users"] == {"unchanged": count}


def test_a_restored_person_is_the_same_again(target, crm, sandbox, known, count):
    crm.delete(known[0])
    target.users(*users(2, count), fields=SCORE)
    table = sandbox.pipedrive.state.tables["person"]
    table.update(table.rows[known[0]], {"is_deleted": False})
    person = {"emails": [{"value": "ann0@acme.example", "primary": True}]}
    crm.change(known[0], **person)  # whoever restores a person looks after them
    run = target.users(*users(3, count), fields=SCORE)
    assert run.counts["users"] == {"updated": count}
    assert crm.stored(known[0])["Churn score"] == 3


def test_what_vanishes_while_nothing_can_be_looked_up_waits(target, crm, sandbox, known, count):
    """The record is gone, and so is the way to find another: the run ends, nothing is lost."""
    crm.delete(known[0])
    for path in ("/pipedrive/api/v2/persons", "/pipedrive/api/v2/persons/search"):
        sandbox.fault(path, "GET", times=None, after=1, action={"status": 403, "body": {}})
    target.users(*users(2, count), create=True, fields=SCORE)
    sandbox.clear_faults()
    run = target.users(*users(2, count), fields=SCORE)
    assert run.exit_code == 0
    assert [crm.stored(each)["Churn score"] for each in known[1:]] == [2] * (count - 1)


def test_a_list_by_ids_that_does_not_show_persons_yet_says_nothing(target, crm, sandbox, priced):
    """They were made a moment ago, so that searches don't show them yet either."""
    count, nothing = 120, {"success": True, "data": [], "additional_data": {"next_cursor": None}}
    named = [{**one, "first_name": "Ann", "last_name": "Lee"} for one in users(1, count)]
    priced(search=1)
    sandbox.switches.set("pipedrive.search_lag_seconds", 60.0)
    target.users(*named, create=True, fields=SCORE)
    persons = ("/pipedrive/api/v2/persons", "GET")
    sandbox.fault(*persons, times=None, action={"status": 200, "body": nothing})
    changed = [{**one, "churn_score": 2} for one in named]
    run = target.users(*changed, create=True, fields=SCORE)
    assert run.counts["users"] == {"updated": count}
    assert len(crm.persons()) == count
