"""The same person, or company, in two streams: made by one of them, while lists show it late."""

from __future__ import annotations

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
POST = ("/pipedrive/api/v2/persons", "POST")
CUSTOMERS = {"entity": "person", "match": "mail", "create": True,
             "fields": [{"from": "first", "to": "First name"}]}  # fmt: skip
FIRMS = {"entity": "organization", "match": {"from": "name", "to": "Name"}, "create": True}


@pytest.fixture(autouse=True)
def lagging(sandbox):
    for lag in ("pipedrive.search_lag_seconds", "pipedrive.list_lag_seconds"):
        sandbox.switches.set(lag, 60.0)


def two_streams(target):
    """The same person, and the same company, in two streams each; the latter by other keys."""
    columns = {"mail": {"type": "string"}, "first": {"type": "string"}}
    users = target.stream("users", ANN)
    accounts = target.stream("accounts", {"account_id": "a1", "name": "Acme"})
    return {
        "persons": (users, target.table("customers", columns, {"mail": "ANN@acme.example",
                                                               "first": "Ann"})),
        "organizations": (accounts, target.stream("firms", {"id": "f1", "name": "Acme"})),
    }  # fmt: skip


@pytest.fixture
def both(target):
    """Runs with two streams of persons and two of organizations."""
    settings = {"users": {"create": True}, "accounts": {"create": True},
                "streams": {"customers": CUSTOMERS, "firms": FIRMS}}  # fmt: skip
    return lambda messages: target.run(messages, **settings)


@pytest.mark.parametrize("what", ["persons", "organizations"])
def test_a_lost_create_of_one_stream_is_not_sent_by_another(target, crm, sandbox, both, what):
    sandbox.fault(f"/pipedrive/api/v2/{what}", "POST", action={"drop_after": True})
    first, second = two_streams(target)[what]
    run = both(first + second)
    assert run.reasons == {"answer_lost": 2}
    assert len(getattr(crm, what)()) == 1


@pytest.mark.parametrize("what", ["persons", "organizations"])
@pytest.mark.parametrize("together", [True, False])
def test_what_one_stream_has_just_made_is_found_by_another(target, crm, both, what, together):
    first, second = two_streams(target)[what]
    for messages in [first + second] if together else [first, second]:
        run = both(messages)
    assert run.counts[second[0]["stream"]] == {"unchanged": 1}
    assert len(getattr(crm, what)()) == 1


def test_a_lost_create_of_one_stream_is_not_sent_by_another_in_the_next_run(
    target, crm, sandbox, both
):
    sandbox.fault(*POST, action={"drop_after": True})
    users, customers = two_streams(target)["persons"]
    both(users)
    for _ in range(2):
        run = both(customers)
        assert "waits until lists are sure to show it" in run.text("answer_lost")
    assert len(crm.persons()) == 1
    sandbox.clock.advance(60)
    assert both(users + customers).counts["users"] == {"unchanged": 1}
    assert len(crm.persons()) == 1
