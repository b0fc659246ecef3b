"""How a run ends is told by its exit code, in this direction as in the other."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger

DIRECTION = "pipedrive-to-journy"
ANN = {"id": 7, "name": "Ann Lee", "emails": [{"value": "ann@acme.example", "primary": True}]}


@pytest.fixture
def ledger(plugins):
    opened = Ledger(plugins.ledger_url, "default")
    yield opened
    opened.close()


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("status", "code"), [(503, 69), (401, 1)])
def test_an_outage_is_told_from_a_refused_key(plugins, journy, sandbox, status, code):
    sandbox.fault("/journy/*", times=None, action={"status": status})
    run = plugins.persons(ANN, create=True)
    assert run.exit_code == code
    assert run.states == []
    assert len(run.errors) == 1


def test_a_rejected_record_is_no_failure(plugins, journy):
    broken = {**ANN, "id": None, "emails": []}
    run = plugins.persons(broken, ANN, create=True)
    assert run.exit_code == 0
    assert run.counts["persons"] == {"rejected": 1, "created": 1}


def test_a_run_beside_another_one_leaves_before_anything_is_asked_of_journy(
    plugins, journy, sandbox, ledger
):
    other = ledger.begin_run(DIRECTION, dry_run=False)
    text = plugins.stream("persons", ANN)
    sandbox.clear_journal()
    run = plugins.write(text, persons={"create": True}, lock_wait_seconds=0)
    assert run.exit_code == 75
    assert other[:8] in run.errors[0]
    assert sandbox.journal() == []
    ledger.end_run(other, status="completed", calls=0, tokens=0)
    assert plugins.write(text, persons={"create": True}).exit_code == 0
    assert journy.users()
