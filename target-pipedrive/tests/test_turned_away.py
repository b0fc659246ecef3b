"""What may not be written, or not be deleted, is tried again once a day, and not at each run."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "churn_score": 1}
SCORE = {"from": "churn_score", "to": "Churn score"}
GONE = {"user_id": "u1", "_sdc_deleted_at": "2026-11-20T10:00:00Z"}
ARCHIVE = {"field": "Lifecycle stage", "value": "Gone"}
PERSONS = "/pipedrive/api/v2/persons*"
REASONS = {400: "refused", 403: "forbidden"}
HOUR = 3600


@pytest.fixture
def refuse(sandbox):
    """Has Pipedrive refuse what changes a person."""

    def refuse(status, *methods, **body):
        answer = {"success": False, "error": "not like this", **body}
        for method in methods:
            sandbox.fault(PERSONS, method, times=None, action={"status": status, "body": answer})

    return refuse


@pytest.fixture
def sync(target):
    def run(**values):
        return target.users({**ANN, **values}, create=True, fields=[SCORE])

    return run


@pytest.fixture(params=["PATCH", "POST"], ids=["a change", "a new person"])
def forbidden(request, sync, crm, refuse):
    """Ann's person may not be written."""
    if request.param == "PATCH":
        crm.person("ann@acme.example")
    refuse(403, request.param)
    run = sync()
    assert run.reasons == {"forbidden": 1}
    assert "for a day" in run.text("forbidden")
    assert len(crm.writes()) == 1


def ask_again(target):
    ledger = Ledger(target.ledger_url, "default")
    try:
        return release(ledger)
    finally:
        ledger.close()


@pytest.mark.usefixtures("forbidden")
def test_what_may_not_be_written_is_neither_sent_nor_looked_up_again_on_that_day(sync, crm):
    for _ in range(2):
        run = sync()
        assert run.reasons == {"forbidden": 1}
        assert "`connector retry`" in run.text("forbidden")
        assert [call for call in crm.calls() if "/persons" in call] == []


@pytest.mark.usefixtures("forbidden")
def test_a_day_later_it_is_tried_again_for_the_permission_may_have_been_given(sync, crm, sandbox):
    sandbox.clock.advance(23 * HOUR)
    assert sync().reasons == {"forbidden": 1}
    assert crm.writes() == []
    sandbox.clock.advance(2 * HOUR)
    assert sync().reasons == {"forbidden": 1}
    assert len(crm.writes()) == 1, "it was tried, and refused for another day"
    assert sync().reasons == {"forbidden": 1}
    assert crm.writes() == []
    sandbox.clear_faults()
    sandbox.clock.advance(25 * HOUR)
    assert sync().counts["users"].keys() <= {"created", "updated"}
    assert sync().counts["users"] == {"unchanged": 1}


@pytest.mark.usefixtures("forbidden")
def test_it_is_tried_where_the_clock_was_set_back(sync, crm, sandbox):
    sandbox.clock.advance(-3 * HOUR)
    assert sync().reasons == {"forbidden": 1}
    assert len(crm.writes()) == 1


@pytest.mark.usefixtures("forbidden")
@pytest.mark.parametrize("change", ["a value", "somebody asks"])
def test_it_is_sent_at_once_where_a_value_changes_or_somebody_asks(
    target, sync, crm, sandbox, change
):
    sandbox.clear_faults()
    if change == "somebody asks":
        assert ask_again(target) == 1
    said = {"churn_score": 2} if change == "a value" else {}
    assert sync(**said).counts["users"].keys() <= {"created", "updated"}
    (person,) = crm.persons()
    assert crm.stored(person)["Churn score"] == said.get("churn_score", 1)
    assert ask_again(target) == 0


def test_a_missing_scope_says_nothing_of_the_record_and_is_tried_each_time(sync, crm, refuse):
    crm.person("ann@acme.example")
    refuse(403, "PATCH", error="Scope and URL mismatch")
    for _ in range(2):
        assert sync().reasons == {"forbidden": 1}
        assert len(crm.writes()) == 1


@pytest.fixture(params=["delete", ARCHIVE], ids=["deleting", "archiving"])
def leave(request, target, crm):
    """Says that Ann, who is in step, was deleted at her origin."""
    crm.person("ann@acme.example")
    target.users(ANN)
    crm.calls()
    return lambda **values: target.users({**GONE, **values}, on_delete=request.param)


@pytest.fixture(params=REASONS)
def status(request, refuse):
    refuse(request.param, "PATCH", "DELETE")
    return request.param


def test_a_deletion_that_is_refused_is_neither_sent_nor_looked_up_again(leave, crm, status):
    run = leave()
    assert run.reasons == {REASONS[status]: 1}
    assert "isn't sent again" in run.text(REASONS[status])
    assert len(crm.writes()) == 1
    for _ in range(2):
        run = leave()
        assert run.reasons == {REASONS[status]: 1}
        assert "`connector retry`" in run.text(REASONS[status])
        assert [call for call in crm.calls() if "/persons" in call] == []


def test_a_deletion_that_is_refused_is_sent_where_somebody_asks(
    target, leave, crm, sandbox, status
):
    leave()
    assert ask_again(target) == 1
    sandbox.clear_faults()
    assert leave().reasons == {"removed": 1}
    assert ask_again(target) == 0


def test_a_deletion_that_is_forbidden_is_tried_a_day_later(leave, crm, sandbox, refuse):
    refuse(403, "PATCH", "DELETE")
    leave()
    sandbox.clear_faults()
    assert leave().reasons == {"forbidden": 1}
    sandbox.clock.advance(25 * HOUR)
    assert leave().reasons == {"removed": 1}


def test_a_deletion_that_is_refused_is_sent_once_another_rule_says_how(target, crm, refuse):
    crm.person("ann@acme.example")
    target.users(ANN)
    refuse(400, "PATCH", "DELETE")
    assert target.users(GONE, on_delete="delete").reasons == {"refused": 1}
    crm.writes()
    assert target.users(GONE, on_delete=ARCHIVE).reasons == {"refused": 1}
    assert len(crm.writes()) == 1


def test_a_record_that_comes_back_is_written_though_its_deletion_was_refused(
    target, leave, crm, sandbox, status
):
    leave()
    sandbox.clear_faults()
    assert target.users({**ANN, "first_name": "Anna"}).reasons == {"updated": 1}
    assert target.users({**ANN, "first_name": "Anna"}).counts["users"] == {"unchanged": 1}
    assert leave().reasons == {"removed": 1}
