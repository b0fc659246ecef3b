"""A record that the credential's user may not read stops neither the run nor the others.

Whether Pipedrive answers 403 or 404 for a record that is hidden from a user isn't documented.
"""

from __future__ import annotations

import pytest

STAGE = [{"from": "lifecycle", "to": "Lifecycle stage"}]


def people(*numbers, **values):
    return [
        {"user_id": f"u{n}", "email": f"ann{n}@acme.example", "first_name": "Ann", **values}
        for n in numbers
    ]


@pytest.fixture
def hide(sandbox):
    """Lets the credential's user read some persons no more."""

    def hide(*persons, error="No access to this item"):
        body = {"success": False, "error": error}
        for each in persons:
            path = f"/pipedrive/api/v2/persons/{each}"
            sandbox.fault(path, "GET", times=None, action={"status": 403, "body": body})

    return hide


@pytest.fixture
def linked(target, crm, priced):
    """Three persons that are in step; a list of them is dear, so that they are read alone."""
    priced(listing=400)
    persons = [crm.person(f"ann{n}@acme.example") for n in (1, 2, 3)]
    target.users(*people(1, 2, 3, lifecycle="Trial"), fields=STAGE)
    for each in persons:  # nothing vouches for them any more
        crm.change(each, phones=[{"value": "+32 1"}])
    return persons


def stages(crm, persons):
    return [crm.stored(each)["Lifecycle stage"] for each in persons]


def test_a_linked_record_that_may_not_be_read_is_rejected_and_the_others_are_written(
    target, crm, hide, linked
):
    hide(linked[1])
    run = target.users(*people(1, 2, 3, lifecycle="Customer"), fields=STAGE, create=True)
    assert run.exit_code == 0
    assert run.counts["users"] == {"updated": 2, "rejected": 1}
    assert f"person {linked[1]} can't be read" in run.text("forbidden")
    assert stages(crm, linked) == ["Customer", "Trial", "Customer"]
    assert len(crm.persons()) == 3


def test_one_that_may_be_read_again_is_written(target, crm, sandbox, hide, linked):
    hide(linked[1])
    target.users(*people(1, 2, 3, lifecycle="Customer"), fields=STAGE)
    sandbox.clear_faults()
    target.users(*people(1, 2, 3, lifecycle="Customer"), fields=STAGE)
    assert stages(crm, linked) == ["Customer"] * 3


@pytest.mark.parametrize("other", [0, 1])
def test_nobody_is_made_for_whom_a_search_finds_one_that_may_not_be_read(
    target, crm, hide, linked, other
):
    hidden = crm.person("eve@acme.example")
    for _ in range(other):  # a second one that can be read doesn't make it certain
        crm.person("eve@acme.example")
    hide(hidden)
    eve = {**people(4)[0], "email": "eve@acme.example", "lifecycle": "Lead"}
    run = target.users(*people(1, lifecycle="Customer"), eve, fields=STAGE, create=True)
    assert run.counts["users"] == {"updated": 1, "rejected": 1}
    assert f"person {hidden} can't be read" in run.text("forbidden")
    assert len(crm.persons()) == 4 + other


def test_however_many_may_not_be_read_the_one_that_may_be_is_written(target, crm, hide, priced):
    priced(listing=400)
    persons = [crm.person(f"ann{n}@acme.example") for n in range(6)]
    target.users(*people(*range(6), lifecycle="Trial"), fields=STAGE)
    for each in persons:
        crm.change(each, phones=[{"value": "+32 1"}])
    hide(*persons[1:])
    run = target.users(*people(*range(6), lifecycle="Customer"), fields=STAGE)
    assert run.exit_code == 0, run.log
    assert run.counts["users"] == {"updated": 1, "rejected": 5}
    assert stages(crm, persons) == ["Customer"] + ["Trial"] * 5


def test_two_that_may_not_be_read_before_one_that_may_be_end_no_run(target, crm, hide, linked):
    hide(*linked[:2])
    run = target.users(*people(1, 2, 3, lifecycle="Customer"), fields=STAGE)
    assert run.counts["users"] == {"updated": 1, "rejected": 2}
    assert stages(crm, linked) == ["Trial", "Trial", "Customer"]


def test_a_scope_that_is_missing_is_no_matter_of_the_one_record_and_ends_the_run(
    target, crm, hide, linked
):
    hide(linked[2], error="Scope and URL mismatch")
    run = target.users(*people(1, 2, 3, lifecycle="Customer"), fields=STAGE)
    assert run.exit_code == 1
    assert "scope" in run.log
    assert stages(crm, linked) == ["Trial"] * 3


def test_where_no_record_may_be_read_the_run_ends_and_says_so(target, crm, hide, linked):
    hide(*linked)
    run = target.users(*people(1, 2, 3, lifecycle="Customer"), fields=STAGE)
    assert run.exit_code == 1
    assert "isn't allowed to do that" in run.log
    assert stages(crm, linked) == ["Trial"] * 3


def test_one_that_may_not_be_read_is_not_deleted_either(target, crm, hide, linked):
    hide(linked[1])
    gone = {**people(2)[0], "_sdc_deleted_at": "2026-01-01T00:00:00Z"}
    rule = {"fields": STAGE, "on_delete": "delete"}
    run = target.run(target.stream("users", gone, *people(1, lifecycle="Lead")), users=rule)
    assert f"person {linked[1]} can't be read" in run.text("forbidden")
    assert linked[1] in crm.persons()
