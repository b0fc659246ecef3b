"""How a run ends is told by its exit code; one beside it, dead ones and old ones are dealt with."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sync_core.ledger import Ledger, tables
from sync_core.ledger.forgetting import release
from sync_singer.border import EXIT_CODES, exit_codes
from sync_tests.actions import CALL, COLD, HOT

ROOT = Path(__file__).resolve().parents[2]
DIRECTION = "journy-to-pipedrive"
ANN = {"user_id": "u1", "email": "ann@acme.example", "lifecycle": "Trial"}
STAGE = [{"from": "lifecycle", "to": "Lifecycle stage"}]
PERSONS = "/pipedrive/api/v2/persons"


@pytest.mark.parametrize("readme", ["target-pipedrive", "target-journy"])
def test_the_readme_has_the_table_of_exit_codes(readme):
    text = (ROOT / readme / "README.md").read_text("utf-8")
    begin = "<!-- exit codes: begin, from sync_singer.border -->\n"
    assert text.split(begin)[1].split("<!-- exit codes: end -->")[0] == exit_codes()


@pytest.fixture
def ledger(target):
    opened = Ledger(target.ledger_url, "default")
    yield opened
    opened.close()


def rejected(target, crm, sandbox):
    crm.person("ann@acme.example")
    crm.person("ann@acme.example")
    return {}


def wrong_setting(target, crm, sandbox):
    return {"fields": [{"from": "lifecycle", "to": "No such field"}]}


def wrong_credential(target, crm, sandbox):
    sandbox.fault("/pipedrive/*", times=None, action={"status": 401})
    return {}


def outage(target, crm, sandbox):
    crm.person("ann@acme.example")
    sandbox.fault("/pipedrive/*", times=None, action={"status": 503})
    return {}


def spent(target, crm, sandbox):
    sandbox.pipedrive.limits.spend(sandbox.pipedrive.limits.left - 3)
    return {}


ENDS = {rejected: 0, wrong_setting: 1, wrong_credential: 1, outage: 69, spent: 75}


@pytest.mark.usual("pipedrive.daily_headers")
@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("arrange", "code"), ENDS.items(), ids=lambda it: getattr(it, "__name__", it)
)
def test_what_ended_a_run_is_told_apart(target, crm, sandbox, arrange, code):
    run = target.users(ANN, **{"fields": STAGE, **arrange(target, crm, sandbox)})
    assert run.exit_code == code
    assert code in EXIT_CODES
    assert bool(run.errors) == bool(code)
    assert bool(run.states) == (not code)


def test_a_run_beside_another_one_leaves_before_anything_is_asked_of_pipedrive(
    target, sandbox, ledger
):
    other = ledger.begin_run(DIRECTION, dry_run=False)
    messages = target.stream("users", ANN)
    sandbox.clear_journal()
    run = target.run(messages, users={"create": True}, lock_wait_seconds=0)
    assert run.exit_code == 75
    assert other[:8] in run.errors[0]
    assert run.states == []
    assert sandbox.journal() == []
    ledger.end_run(other, status="completed", calls=0, tokens=0)
    assert target.run(messages, lock_wait_seconds=0).exit_code == 0


def test_a_run_that_cannot_begin_gives_way_to_the_next_and_is_none(target, crm, ledger):
    assert target.run(target.stream("users", ANN), api_token="wrong").exit_code == 1
    assert ledger.runs() == []
    assert target.run(target.stream("users", ANN), lock_wait_seconds=0).exit_code == 0


def test_a_run_whose_process_died_is_marked_by_the_next(target, crm, ledger):
    ledger.start_run(DIRECTION, dry_run=False)
    assert target.users(ANN).exit_code == 0
    assert [each.status for each in ledger.runs()] == ["abandoned", "completed"]


def test_old_runs_are_forgotten_at_a_runs_end(target, crm, ledger):
    crm.person("ann@acme.example")
    target.users(ANN, fields=STAGE)
    with ledger.transaction() as db:
        db.execute(tables.runs.update().values(started="2020-01-01T00:00:00.000000Z"))
    run = target.run(target.stream("users", ANN), users={"fields": STAGE}, keep_outcomes_days=30)
    assert run.counts["users"] == {"unchanged": 1}  # what was agreed on is remembered
    assert len(ledger.runs()) == 1
    with ledger.reading() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(tables.outcomes)).scalar() == 0


def test_an_action_keeps_quiet_though_the_run_in_which_it_fired_is_forgotten(target, crm, ledger):
    crm.person("ann@acme.example")
    when = {"entity": "user", "property": "lifecycle", "becomes": "Hot"}
    activity = {"type": "call", "subject": "Call"}
    action = {"name": "call", "when": when, "activity": activity, "reenter_after": "400d"}
    for stage in ("Cold", "Hot", "Cold", "Hot"):
        with ledger.transaction() as db:
            db.execute(tables.runs.update().values(started="2020-01-01T00:00:00.000000Z"))
        messages = target.stream("users", {**ANN, "lifecycle": stage})
        target.run(messages, actions=[action], keep_outcomes_days=1)
    assert len(ledger.runs()) == 1
    assert len(crm.activities()) == 1


@pytest.fixture
def failing(target, crm, sandbox, hasty):
    """A person whose every write fails, and a way to run."""
    crm.person("ann@acme.example")
    path = f"{PERSONS}/*"
    sandbox.fault(path, "PATCH", times=None, action={"status": 503})

    def run(*records):
        return target.run(target.stream("users", *records), users={"fields": STAGE}, retry_limit=2)

    return run


def test_what_keeps_failing_is_given_up_and_sent_again_when_it_is_released(
    failing, crm, sandbox, ledger
):
    assert failing(ANN).reasons == {"unavailable": 1}
    worn = failing()
    assert worn.reasons == {"given_up": 1}
    assert worn.counts["users"] == {"rejected": 1}
    assert "tried 2 times, unavailable" in worn.text("given_up")
    assert worn.exit_code == 0
    sandbox.clear_faults()
    crm.calls()
    assert failing().counts == {}
    assert crm.writes() == []
    assert release(ledger, name="ann@acme.example") == 1
    assert failing().counts["users"] == {"updated": 1}


def test_a_given_up_record_that_comes_anew_is_sent_and_its_old_payload_never_again(
    failing, crm, sandbox, ledger
):
    failing(ANN)
    failing()
    sandbox.clear_faults()
    assert failing({**ANN, "lifecycle": "Customer"}).counts["users"] == {"updated": 1}
    release(ledger)
    assert failing().counts == {}
    assert crm.stored(crm.persons()[0])["Lifecycle stage"] == "Customer"


@pytest.mark.usefixtures("hasty")
def test_an_activity_that_keeps_failing_is_given_up_as_well(target, crm, sandbox):
    def act(*users):
        return target.run(target.stream("users", *users), actions=[CALL], retry_limit=2)

    crm.person("ann@acme.example")
    act(COLD)
    sandbox.fault(f"{PERSONS}/*", times=None, action={"status": 503})
    assert act(HOT).reasons["unavailable"] == 1
    worn = act()
    assert worn.reasons == {"given_up": 1}
    assert "tried 2 times, unavailable" in worn.text("given_up")
    sandbox.clear_faults()
    assert "actions" not in act(HOT).counts
    assert crm.activities() == []


def test_a_dry_run_beside_a_real_one_waits_for_nobody(target, crm, ledger):
    run = ledger.begin_run(DIRECTION, dry_run=False)
    dry = target.run(target.stream("users", ANN), dry_run=True, lock_wait_seconds=0)
    assert dry.exit_code == 0
    ledger.end_run(run, status="completed", calls=0, tokens=0)
