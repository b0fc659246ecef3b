"""What was rejected and then mended in the destination, which the source doesn't see."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
HEALTH = [{"from": "health", "to": "Customer health"}]


def retry(target, **choice: str) -> int:
    ledger = Ledger(target.ledger_url, "default")
    try:
        return release(ledger, **choice)
    finally:
        ledger.close()


def test_a_rejected_record_waits_for_a_person_and_no_run_tries_it_by_itself(target, crm):
    first, second = crm.person("ann@acme.example"), crm.person("ann@acme.example")
    target.users({**ANN, "health": "Good"}, fields=HEALTH)
    crm.delete(second)
    run = target.users(fields=HEALTH)
    assert run.counts == {}
    assert "Customer health" not in crm.stored(first)


def test_a_rejected_record_is_sent_once_it_was_mended_and_asked_for(target, crm):
    first, second = crm.person("ann@acme.example"), crm.person("ann@acme.example")
    target.users({**ANN, "health": "Good"}, fields=HEALTH)
    crm.delete(second)
    assert retry(target, name="ann@acme.example") == 1
    run = target.users(fields=HEALTH)
    assert run.counts["users"] == {"updated": 1}
    assert crm.stored(first)["Customer health"] == crm.option("Customer health", "Good")
    assert retry(target) == 0


def test_a_field_that_was_refused_is_sent_once_it_was_mended_and_asked_for(target, crm):
    person = crm.person("ann@acme.example")
    lines = [*HEALTH, {"from": "lifecycle", "to": "Lifecycle stage"}]
    run = target.users({**ANN, "health": "Superb", "lifecycle": "Trial"}, fields=lines)
    assert run.reasons == {"some_fields_rejected": 1}
    path = f"personFields/{crm.key('Customer health')}/options"
    crm.add_options(path, "Superb")
    assert retry(target, reason="some_fields_rejected") == 1
    target.users(fields=lines)
    assert crm.stored(person)["Customer health"] == crm.option("Customer health", "Superb")


def test_a_rejected_record_that_comes_anew_and_fits_waits_no_more(target, crm):
    _, second = crm.person("ann@acme.example"), crm.person("ann@acme.example")
    target.users({**ANN, "health": "Good"}, fields=HEALTH)
    crm.delete(second)
    target.users({**ANN, "health": "Bad"}, fields=HEALTH)
    assert retry(target) == 0


@pytest.mark.usual("pipedrive.inactive_owner")
def test_a_refused_activity_is_made_once_what_was_wrong_was_mended_and_asked_for(
    target, crm, sandbox
):
    person = crm.person("ann@acme.example", owner_id=2)
    action = {
        "name": "call",
        "when": {"entity": "user", "property": "health", "becomes": "Good"},
        "activity": {"type": "call", "subject": "Call", "assignee": "owner"},
    }
    sandbox.apply(pipedrive={"deactivate_user": 2})
    for health in ("Bad", "Good"):
        run = target.run(target.stream("users", {**ANN, "health": health}), actions=[action])
    assert run.counts["actions"] == {"rejected": 1}
    assert target.run(target.stream("users"), actions=[action]).counts == {}
    crm.change(person, owner_id=1)
    assert retry(target, stream="actions/call") == 1
    for counts in ({"actions": {"created": 1}}, {}):
        assert target.run(target.stream("users"), actions=[action]).counts == counts
    assert [each["owner_id"] for each in crm.activities()] == [1]


def test_a_dry_run_keeps_nothing(target, crm):
    crm.person("ann@acme.example"), crm.person("ann@acme.example")
    target.run(target.stream("users", ANN), users={"fields": HEALTH}, dry_run=True)
    assert retry(target) == 0
