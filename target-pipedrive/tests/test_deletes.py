"""What happens in Pipedrive when a record is deleted at its origin."""

from __future__ import annotations

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
GONE = {"user_id": "u1", "_sdc_deleted_at": "2026-11-20T10:00:00Z"}
ARCHIVE = {"field": "Lifecycle stage", "value": "Gone"}


def is_deleted(crm, record_id, entity="person"):
    return crm.stored(record_id, entity)["is_deleted"]


@pytest.fixture
def ann(crm, target):
    """A person whom the ledger links with a user."""
    person = crm.person("ann@acme.example")
    target.users(ANN)
    crm.writes()
    return person


@pytest.mark.parametrize("more", [{}, {"on_delete": "ignore"}])
def test_nothing_happens_unless_it_is_asked_for(target, crm, ann, more):
    run = target.users(GONE, **more)
    assert run.reasons == {"deleted": 1}
    assert crm.writes() == []


@pytest.mark.parametrize(
    "mark", [{"_sdc_deleted_at": "2026-11-20T10:00:00Z"}, {"is_deleted": True}]
)
def test_a_linked_record_is_deleted_once(target, crm, ann, mark):
    run = target.users({"user_id": "u1", **mark}, on_delete="delete")
    assert run.counts["users"] == {"updated": 1}
    assert run.reasons == {"removed": 1}
    assert is_deleted(crm, ann)
    assert crm.writes() == [f"DELETE /api/v2/persons/{ann}"]
    assert target.users({"user_id": "u1", **mark}, on_delete="delete").reasons == {"deleted": 1}
    assert crm.writes() == []


@pytest.mark.parametrize("said", [False, 0, "false", "False ", "0", "no", "f", ""])
def test_a_mark_that_says_no_deletes_nothing(target, crm, ann, said):
    run = target.users({**ANN, "is_deleted": said, "last_name": "Stone"}, on_delete="delete")
    assert run.reasons == {"updated": 1}
    assert not is_deleted(crm, ann)


@pytest.mark.parametrize("said", [1, "true", "1", "yes", "t"])
def test_a_mark_that_says_yes_in_another_way_deletes(target, crm, ann, said):
    assert target.users({**ANN, "is_deleted": said}, on_delete="delete").reasons == {"removed": 1}
    assert is_deleted(crm, ann)


@pytest.mark.parametrize("rule", ["delete", ARCHIVE], ids=["deleted", "archived"])
def test_the_log_names_what_was_deleted_here(target, ann, rule):
    (line,) = target.users({**ANN, **GONE}, on_delete=rule).lines
    assert (line.reason, line.pipedrive_id, line.journy_id) == ("removed", str(ann), "u1")


def test_a_linked_record_is_archived_once(target, crm, ann):
    gone = {**ANN, **GONE}
    run = target.users(gone, on_delete=ARCHIVE)
    assert run.reasons == {"removed": 1}
    assert "Lifecycle stage was set" in run.text("removed")
    assert crm.stored(ann)["Lifecycle stage"] == "Gone"
    assert not is_deleted(crm, ann)
    crm.writes()
    assert target.users(gone, on_delete=ARCHIVE).counts["users"] == {"unchanged": 1}
    assert crm.writes() == []


def test_an_archived_record_that_comes_back_is_kept_in_step_again(target, crm, ann):
    fields = [{"from": "lifecycle", "to": "Lifecycle stage"}]
    target.users({**ANN, "lifecycle": "Trial"}, on_delete=ARCHIVE, fields=fields)
    target.users({**ANN, **GONE}, on_delete=ARCHIVE, fields=fields)
    target.users({**ANN, "lifecycle": "Paying"}, on_delete=ARCHIVE, fields=fields)
    assert crm.stored(ann)["Lifecycle stage"] == "Paying"


@pytest.mark.parametrize("together", [True, False], ids=["in one run", "later"])
@pytest.mark.parametrize("rule", ["ignore", {"field": "Customer health", "value": "Bad"}])
def test_a_user_in_the_place_of_a_deleted_one_clears_nothing_that_they_never_had(
    target, crm, ann, rule, together
):
    settings = {"fields": [{"from": "lifecycle", "to": "Lifecycle stage"}], "on_delete": rule}
    target.users({**ANN, "lifecycle": "Trial"}, **settings)
    other = {**ANN, "user_id": "u2", "lifecycle": None}
    for batch in [[GONE, other]] if together else [[GONE], [other]]:
        target.users(*batch, **settings)
    assert crm.stored(ann)["Lifecycle stage"] == "Trial"
    target.users({**other, "lifecycle": "Lead"}, **settings)
    assert crm.stored(ann)["Lifecycle stage"] == "Lead"
    target.users(other, **settings)
    assert "Lifecycle stage" not in crm.stored(ann)


def test_without_the_ledger_the_only_match_is_taken(target, crm, ann):
    target.forget()
    assert target.users({**ANN, **GONE}, on_delete="delete").reasons == {"removed": 1}
    assert is_deleted(crm, ann)


def test_several_matches_are_left_alone_and_named(target, crm):
    people = [crm.person("ann@acme.example"), crm.person("ann@acme.example")]
    run = target.users({**ANN, **GONE}, on_delete="delete")
    assert run.reasons == {"several_matches": 1}
    assert all(str(one) in run.text("several_matches") for one in people)
    assert crm.writes() == []


def test_an_unknown_record_is_skipped(target, crm):
    assert target.users(GONE, on_delete="delete").reasons == {"deleted": 1}
    assert crm.writes() == []


def test_what_another_record_is_kept_in_step_with_stays(target, crm, ann):
    """journy made one user of two: the old one goes, the person belongs to the new one now."""
    run = target.users({**ANN, "user_id": "u2"}, GONE, on_delete="delete")
    assert not is_deleted(crm, ann)
    assert run.reasons["removed"] == 0
    target.users({**ANN, "user_id": "u2"})
    run = target.users({**ANN, **GONE}, on_delete="delete")
    assert run.reasons == {"deleted": 1}
    assert "another record is kept in step" in run.text("deleted")
    assert not is_deleted(crm, ann)


def test_what_another_stream_is_kept_in_step_with_stays(target, crm, ann):
    streams = {"customers": {"entity": "person", "match": "email"}}
    columns = {"email": {"type": "string"}}
    target.run(target.table("customers", columns, {"email": "ann@acme.example"}), streams=streams)
    gone = target.stream("users", GONE)
    run = target.run(gone, users={"on_delete": "delete"}, streams=streams)
    assert run.reasons == {"deleted": 1}
    assert not is_deleted(crm, ann)


def test_an_organization_of_a_deleted_account_is_deleted(target, crm):
    firm = crm.organization("Acme", {"Account ID": "a1"})
    target.accounts({"account_id": "a1", "name": "Acme"})
    run = target.accounts({"account_id": "a1", "is_deleted": True}, on_delete="delete")
    assert run.reasons == {"removed": 1}
    assert is_deleted(crm, firm, "organization")


def test_what_somebody_deleted_already_is_taken_for_done(target, crm, ann, sandbox):
    gone = {"status": 404, "body": {"success": False, "error": "gone"}}
    sandbox.fault("/pipedrive/api/v2/persons/*", "DELETE", action=gone)
    assert target.users(GONE, on_delete="delete").reasons == {"removed": 1}


def test_a_deletion_that_fails_is_tried_again_by_the_next_run(target, crm, ann, sandbox, hasty):
    sandbox.fault("/pipedrive/api/v2/persons/*", "DELETE", times=5, action={"status": 503})
    assert target.users(GONE, on_delete="delete").reasons == {"unavailable": 1}
    sandbox.clock.advance(3600)
    assert not is_deleted(crm, ann)


def test_a_dry_run_deletes_nothing_and_counts_what_would_go(target, crm, ann):
    run = target.run(target.stream("users", GONE), users={"on_delete": "delete"}, dry_run=True)
    assert run.reasons == {"planned": 1}
    assert run.text("planned") == "would delete it"
    assert crm.writes() == []
    target.users(GONE, on_delete="delete")
    assert is_deleted(crm, ann)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("remove", "users.on_delete: expected ignore, delete, or {field"),
        ({"field": "Lifecycle stage"}, "users.on_delete: expected"),
        ({"field": "Lifecycle stge", "value": "x"}, "did you mean 'Lifecycle stage'"),
        ({"field": "Customer health", "value": "Great"}, "users.on_delete.value: no option"),
        ({"field": "First name", "value": None}, "can't be emptied"),
        (
            {"field": "emails", "value": "gone@acme.example"},
            "'emails' is what a record is known by",
        ),
    ],
)
def test_a_rule_that_cannot_work_stops_the_run_before_any_write(target, crm, ann, rule, problem):
    run = target.users(GONE, on_delete=rule)
    assert run.exit_code == 1
    assert problem in run.log
    assert crm.writes() == []
