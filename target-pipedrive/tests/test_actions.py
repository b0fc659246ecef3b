"""Actions: a signal creates one activity for the right person, once for each time it occurs."""

from __future__ import annotations

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
PQL = "Product qualified leads"
CALL = {
    "name": "call-new-pqls",
    "when": {"entity": "user", "segment_entered": PQL},
    "activity": {"type": "call", "subject": "Call {first_name}"},
}


def act(target, *users, **action):
    return target.run(target.stream("users", *users), actions=[{**CALL, **action}])


def test_who_enters_the_segment_gets_one_activity(target, crm):
    person = crm.person("ann@acme.example")
    act(target, {**ANN, "segments": []})
    run = act(target, {**ANN, "segments": [PQL]})
    print(run.log)
    assert run.counts["actions"] == {"created": 1}
    (activity,) = crm.activities()
    assert activity["person_id"] == person
