"""A property that journy rejected is sent again only where something has changed."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release

ANN = {
    "id": 1,
    "first_name": "Ann",
    "emails": [{"value": "ann@acme.example", "primary": True}],
    "churn_score": 5,
}
LINE = {"from": "churn_score", "to": "role"}
pytestmark = pytest.mark.usual("journy.property_types", "journy.unknown_properties")


@pytest.fixture
def ann(plugins, journy):
    """Syncs Ann, of whom journy takes no role that is a number."""
    journy.put("users", {"userId": "x"}, role="Boss")

    def sync(line=LINE, **values):
        return plugins.persons({**ANN, **values}, create=True, fields=[line])

    assert sync().text("some_fields_rejected").startswith("role: Expected a string")
    assert journy.writes() == ["POST /journy/users/upsert"]
    return sync


@pytest.fixture
def parked(plugins):
    """Lets what is kept be sent again, as `connector retry` does; gives how many that is."""
    ledger = Ledger(plugins.ledger_url, "default")
    yield lambda: release(ledger)
    ledger.close()


def test_it_is_reported_once_and_not_sent_again(ann, journy):
    for _ in range(2):
        run = ann()
        assert run.reasons == {"no_difference": 1}
    assert journy.writes() == []


def test_the_others_are_still_sent(ann, journy, bodies):
    bodies.clear()
    run = ann(first_name="Anna")
    assert run.reasons == {"updated": 1}
    assert [body["properties"] for _, body in bodies] == [{"first_name": "Anna"}]
    assert ann().reasons == {"updated": 1}


def test_another_value_is_sent(ann, journy):
    assert ann(churn_score=6).text("refused").startswith("role: Expected a string")
    assert journy.writes() == ["POST /journy/users/upsert"]
    assert ann(churn_score=6).reasons == {"no_difference": 1}
    assert journy.writes() == []


def test_the_same_value_of_another_type_is_sent(ann, journy):
    assert ann(churn_score="5").reasons == {"updated": 1}
    assert journy.user("ann@acme.example")["role"] == "5"


def test_it_is_sent_once_more_after_another_value_was_taken(ann, journy):
    ann(churn_score="4")
    assert ann().text("refused").startswith("role: Expected a string")
    assert journy.user("ann@acme.example")["role"] == "4"


def test_it_is_sent_where_its_line_says_something_else(ann, journy):
    assert ann({**LINE, "map": {"5": "Five"}}).reasons == {"updated": 1}
    assert journy.user("ann@acme.example")["role"] == "Five"


def test_a_person_sends_it_again(ann, journy, parked):
    ann()
    assert parked() == 1
    assert ann().text("refused").startswith("role: Expected a string")
    assert ann().reasons == {"no_difference": 1}
    assert parked() == 1
    journy.sandbox.apply(switches={"journy.property_types": "any"})
    assert ann().reasons == {"updated": 1}
    assert journy.user("ann@acme.example")["role"] == 5
    assert parked() == 0


def test_what_is_kept_of_it_is_sent_again_also_where_the_record_does_not_come(
    ann, plugins, journy, parked
):
    parked()
    journy.sandbox.apply(switches={"journy.property_types": "any"})
    run = plugins.persons(create=True, fields=[LINE])
    assert run.reasons == {"updated": 1}
    assert journy.user("ann@acme.example")["role"] == 5


def test_one_that_journy_gets_to_know_is_sent(plugins, journy, sandbox):
    sandbox.apply(switches={"journy.unknown_properties": "reject"})
    fields = [{**LINE, "to": "risk"}]
    assert "risk" in plugins.persons(ANN, create=True, fields=fields).text("some_fields_rejected")
    assert plugins.persons(ANN, create=True, fields=fields).reasons == {"no_difference": 1}
    sandbox.apply(switches={"journy.unknown_properties": "create"})
    journy.put("users", {"userId": "x"}, risk=1)
    assert plugins.persons(ANN, create=True, fields=fields).reasons == {"updated": 1}
    assert journy.user("ann@acme.example")["risk"] == 5


def test_without_the_ledger_it_is_reported_again(ann, plugins):
    plugins.forget()
    assert "role: Expected" in ann().text("some_fields_rejected")
