"""Values in the ledger, where asked for; journy can't be read, so what was sent stands in."""

from __future__ import annotations

import pytest
from sync_core.ledger import Difference

LINES = [{"from": "Lifecycle stage", "to": "crm_stage"}]


def ann(stage, **values):
    return {
        "id": 7,
        "first_name": "Ann",
        "emails": [{"value": "ann@acme.example", "primary": True}],
        "lifecycle_stage": stage,
        **values,
    }


@pytest.fixture
def plain(plugins):
    def run(*records, kept="plain"):
        text = plugins.stream("persons", *records)
        persons = {"create": True, "fields": LINES}
        return plugins.write(text, persons=persons, ledger_values=kept)

    return run


@pytest.mark.usual("journy.unknown_properties")
def test_the_value_before_is_the_one_that_was_sent_last(journy, plain):
    (line,) = plain(ann("Trial")).lines
    assert Difference("crm_stage", "", "Trial") in line.changes
    (line,) = plain(ann("Customer")).lines
    assert line.changes == (Difference("crm_stage", "Trial", "Customer"),)


@pytest.mark.usual("journy.unknown_properties")
def test_what_was_sent_before_values_were_kept_is_unknown(journy, plain):
    plain(ann("Trial"), kept="hashed")
    (line,) = plain(ann("Customer")).lines
    assert line.changes == (Difference("crm_stage", None, "Customer"),)
    (line,) = plain(ann("Churned"), kept="hashed").lines
    assert line.changes == ()
