"""A record that several match comes again and again: it costs little until somebody mends it."""

from __future__ import annotations

from functools import partial

import pytest
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann"}
HEALTH = [{"from": "health", "to": "Customer health"}]


@pytest.fixture
def twins(target, crm, priced):
    """Two persons with one address, which a run has found, where a list would be dear."""
    priced(listing=500)
    found = [crm.person("ann@acme.example"), crm.person("ann@home.example", "ANN@acme.example")]
    run = target.users(ANN, create=True)
    assert run.reasons == {"several_matches": 1}
    assert any("search" in call for call in crm.calls())
    return found


def looked_up(crm):
    return [call.removeprefix("GET /api/v2/") for call in crm.calls() if "/persons" in call]


@pytest.mark.parametrize("change", [{}, {"health": "Good"}], ids=["the same", "changed"])
def test_what_several_matched_is_read_again_and_not_searched_for(target, crm, twins, change):
    for _ in range(2):
        run = target.users({**ANN, **change}, create=True, fields=HEALTH)
        assert f"{twins[0]}, {twins[1]}" in run.text("several_matches")
        assert looked_up(crm) == [f"persons/{each}" for each in twins]


@pytest.fixture(params=["deleted", "given another address"])
def mend(request, crm):
    """Lets one person alone have the address, in one of the ways that there are for that."""
    other = [{"value": "other@acme.example", "primary": True}]
    ways = {"deleted": crm.delete, "given another address": partial(crm.change, emails=other)}
    return ways[request.param]


@pytest.mark.usual("pipedrive.patch_lists")
@pytest.mark.parametrize("which", [0, 1])
def test_a_duplicate_that_was_mended_is_noticed_when_the_record_comes_again(
    target, crm, twins, mend, which
):
    mend(twins[which])
    run = target.users({**ANN, "health": "Good"}, create=True, fields=HEALTH)
    assert run.counts["users"] == {"updated": 1}
    assert crm.stored(twins[1 - which])["Customer health"]
    assert not crm.stored(twins[which]).get("Customer health")


def test_it_is_noticed_within_a_day_though_the_record_does_not_come_again(
    target, crm, twins, mend, set_clock
):
    changed = {**ANN, "health": "Good"}
    assert target.users(changed, create=True, fields=HEALTH).reasons == {"several_matches": 1}
    mend(twins[1])
    set_clock(23)
    assert target.users(create=True, fields=HEALTH).counts == {}
    set_clock(25)
    run = target.users(create=True, fields=HEALTH)
    assert run.counts["users"] == {"updated": 1}
    assert crm.stored(twins[0])["Customer health"]
    assert target.users(create=True, fields=HEALTH).counts == {}


def test_one_that_nobody_mends_is_looked_at_once_a_day_for_good(target, crm, twins, set_clock):
    crm.calls()
    for day in range(1, 15):
        set_clock(25 * day)
        run = target.users(create=True)
        assert f"{twins[0]}, {twins[1]}" in run.text("several_matches")
        assert looked_up(crm) == [f"persons/{each}" for each in twins]
        assert target.users(create=True).counts == {}
        assert looked_up(crm) == []


def test_when_nobody_has_the_address_any_more_it_is_searched_for_before_one_is_made(
    target, crm, twins
):
    for each in twins:
        crm.delete(each)
    third = crm.person("ann@acme.example")
    run = target.users({**ANN, "health": "Good"}, create=True, fields=HEALTH)
    assert run.counts["users"] == {"updated": 1}
    assert crm.stored(third)["Customer health"]


def test_a_further_key_that_found_several_does_not_keep_the_first_from_being_searched_for(
    target, crm, priced
):
    priced(listing=500)
    for _ in range(2):
        crm.person(custom={"Lifecycle stage": "4711"})
    settings = {"match": [{"from": "lifecycle", "to": "Lifecycle stage"}], "fields": HEALTH}
    user = {**ANN, "lifecycle": "4711", "health": "Good"}
    assert target.users(user, **settings).reasons == {"several_matches": 1}
    crm.person("ann@acme.example")
    run = target.users(user, **settings)
    assert "its e-mail address finds person 3" in run.text("several_matches")


BOB = {"user_id": "u2", "email": "ann@home.example", "first_name": "Bob"}


@pytest.fixture(params=[True, False], ids=["creating", "update-only"])
def rival(request, target, crm, priced):
    """Bob, whose address is one of Ann's person, where a list would be dear."""
    priced(listing=500)
    crm.person("ann@acme.example", "ann@home.example")
    target.users(ANN, create=request.param)

    def run(**values):
        return target.users({**BOB, **values}, create=request.param, fields=HEALTH)

    for _ in range(2):
        assert run().reasons == {"already_linked": 1}
    crm.calls()
    return run


@pytest.mark.parametrize("change", [{}, {"health": "Good"}], ids=["the same", "changed"])
def test_what_is_another_ones_is_read_again_and_not_searched_for(crm, rival, change):
    (person,) = crm.persons()
    for _ in range(2):
        assert "kept in step with another user" in rival(**change).text("already_linked")
        assert looked_up(crm) == [f"persons/{person}"]


@pytest.mark.usual("pipedrive.patch_lists")
def test_when_it_has_lost_the_address_it_is_searched_for(crm, rival):
    (person,) = crm.persons()
    crm.change(person, emails=[{"value": "ann@acme.example", "primary": True}])
    other = crm.person("ann@home.example")
    assert rival(health="Good").counts["users"] == {"updated": 1}
    assert crm.stored(other)["Customer health"]


@pytest.mark.parametrize("twin", [True, False], ids=["with a twin", "alone"])
def test_when_it_is_no_other_ones_any_more_its_twins_are_searched_for(target, crm, rival, twin):
    if twin:
        crm.person("ann@home.example")
    target.users({**ANN, "is_deleted": True})
    run = rival(health="Good")
    assert run.reasons == {"several_matches" if twin else "updated": 1}


def test_when_a_person_asks_it_is_searched_for(target, crm, rival):
    ledger = Ledger(target.ledger_url, "default")
    assert release(ledger) == 1
    ledger.close()
    assert rival().reasons == {"already_linked": 1}
    assert any("search" in call for call in looked_up(crm))
