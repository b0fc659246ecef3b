"""Several records of one batch that concern one person, and several versions of one record."""

from __future__ import annotations

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
STAGE = [{"from": "lifecycle", "to": "Lifecycle stage"}]


def test_several_changes_of_one_record_in_a_batch_become_one_patch(target, crm):
    person = crm.person("ann@acme.example")
    versions = [{**ANN, "lifecycle": stage} for stage in ("Trial", "Paying", "Paying more")]
    run = target.users(*versions, fields=STAGE)
    assert run.counts["users"] == {"updated": 1, "unchanged": 2}
    assert run.reasons["superseded"] == 2
    assert crm.writes() == [f"PATCH /api/v2/persons/{person}"]
    assert crm.stored(person)["Lifecycle stage"] == "Paying more"


def test_changes_of_one_record_in_several_batches_keep_their_order(target, crm):
    person = crm.person("ann@acme.example")
    stages = ["Trial", "Paying", "Churned", "Trial again", "Paying again"]
    versions = [{**ANN, "lifecycle": stage} for stage in stages]
    target.run(target.stream("users", *versions), users={"fields": STAGE}, batch_size_rows=1)
    assert crm.stored(person)["Lifecycle stage"] == "Paying again"
    assert len(crm.writes()) == len(stages)


def test_two_records_with_one_address_in_a_batch_make_one_person(target, crm):
    run = target.users(ANN, {**ANN, "user_id": "u2", "email": "ANN@acme.example"}, create=True)
    assert run.counts["users"] == {"created": 1, "rejected": 1}
    assert len(crm.persons()) == 1


def test_two_records_with_one_address_in_two_batches_make_one_person(target, crm):
    records = target.stream("users", ANN, {**ANN, "user_id": "u2"})
    target.run(records, users={"create": True}, batch_size_rows=1)
    assert len(crm.persons()) == 1


def test_a_batch_of_new_people_is_made_side_by_side_and_each_once(target, crm):
    people = [{**ANN, "user_id": f"u{n}", "email": f"p{n}@acme.example"} for n in range(60)]
    run = target.users(*people, *people, create=True)
    assert run.counts["users"] == {"created": 60, "unchanged": 60}
    assert len(crm.persons()) == 60
