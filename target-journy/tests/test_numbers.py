"""A number stays one on every way to journy: at once, kept for later, and by relation."""

from __future__ import annotations

import pytest

ANN = {"id": 7, "emails": [{"value": "ann@acme.example", "primary": True}]}
USER = "ann@acme.example"
SCORE = [{"from": "churn_score", "to": "score"}]


@pytest.mark.usual("journy.unknown_properties")
@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("number", [5.5, 5, 0.1, 1e22])
def test_a_kept_number_is_one_when_it_is_sent_again(plugins, journy, sandbox, number):
    down = {"status": 503, "body": {}}
    sandbox.fault("/journy/users/upsert", "POST", times=None, action=down)
    record = {**ANN, "churn_score": number}
    run = plugins.persons(record, create=True, fields=SCORE)
    assert run.reasons == {"unavailable": 1}
    sandbox.clear_faults()
    sandbox.clock.advance(3600)
    plugins.persons(create=True, fields=SCORE)
    assert journy.user(USER)["score"] == number
    assert not isinstance(journy.user(USER)["score"], str)


@pytest.mark.usual("journy.unknown_properties")
def test_a_number_of_the_organization_that_came_earlier_is_one(plugins, journy):
    acme = {"id": 7, "name": "Acme", "account_id": "a1", "mrr": 49.5}
    fields = [{"from": "organization.MRR", "to": "mrr"}]
    settings = {"persons": {"create": True, "fields": fields}, "organizations": {"create": True}}
    announced = plugins.stream("persons")
    plugins.write(plugins.stream("organizations", acme) + announced, **settings)
    later = plugins.stream("organizations") + plugins.stream("persons", {**ANN, "org_id": 7})
    run = plugins.write(later, **settings)
    assert run.exit_code == 0, run.log
    assert journy.user(USER)["mrr"] == 49.5


def test_numbers_in_a_list_are_written_as_texts(plugins, journy):
    fields = [{"from": "interests", "to": "interests"}]
    plugins.persons({**ANN, "interests": [1.5, 2, 3.0]}, create=True, fields=fields)
    assert sorted(journy.user(USER)["interests"]) == ["1.5", "2", "3"]
