"""Values in the ledger: digests unless somebody asks for more, and then no more than that."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sync_core.ledger import Difference, Ledger, tables
from sync_core.ledger.forgetting import forget
from sync_core.ledger.scrubbing import scrub

LINES = [
    {"from": "lifecycle", "to": "Lifecycle stage"},
    {"from": "health", "to": "Customer health"},
]
#: Values that stand nowhere else.
OLD, NEW, OTHER, ITS_OWN = "Prospect-4711", "Customer-4712", "Partner-4713", "Churned-4714"
STAGE = "Lifecycle stage"


def ann(stage=NEW, **values):
    return {"user_id": "u1", "email": "ann@acme.example", "lifecycle": stage, **values}


@pytest.fixture
def plain(target):
    """The command line with values kept."""

    def run(*records, kept="plain", **settings):
        messages = target.stream("users", *records)
        return target.run(messages, users={"fields": LINES}, ledger_values=kept, **settings)

    return run


def agreed(target):
    """Field -> (Pipedrive's value, journy's) as the ledger has them."""
    ledger, table = Ledger(target.ledger_url, "default"), tables.agreed
    columns = ("other_field", "pipedrive_value", "other_value")
    with ledger.reading() as db:
        rows = db.execute(sa.select(*(table.c[name] for name in columns))).all()
    ledger.close()
    return {row[0]: (row[1], row[2]) for row in rows}


def somewhere(target, *texts):
    """Which of some texts stand in any file of the ledger."""
    files = b"".join(path.read_bytes() for path in sorted(target.folder.glob("ledger.db*")))
    return {text for text in texts if text.encode() in files}


def test_the_log_has_each_written_value_before_and_after(target, crm, plain):
    crm.person("ann@acme.example", custom={STAGE: OLD})
    (line,) = plain(ann(health="Good")).lines
    assert line.changes == (
        Difference(STAGE, OLD, NEW),
        Difference("Customer health", "", "Good"),
    )
    (line,) = plain(ann(OTHER, health="Good")).lines
    assert line.changes == (Difference(STAGE, NEW, OTHER),)


def test_what_both_sides_agree_on_stands_beside_its_digest(target, crm, plain):
    crm.person("ann@acme.example", custom={STAGE: NEW})
    plain(ann(health="Good"))
    known = agreed(target)
    assert known["lifecycle"] == (f'"{NEW}"', f'"{NEW}"')
    assert known["health"] == ('"Good"', '"Good"')


def test_what_is_agreed_on_already_is_learnt_when_it_is_looked_at_again(target, crm, plain):
    crm.person("ann@acme.example", custom={STAGE: OLD})
    plain(ann(health="Good"), kept="hashed")
    assert set(agreed(target).values()) == {(None, None)}
    plain(ann(health="Poor"))
    assert agreed(target)["lifecycle"] == (f'"{NEW}"', f'"{NEW}"')


def test_a_conflict_says_both_values_in_the_log_and_in_no_log_line(target, crm, plain):
    person = crm.person("ann@acme.example", custom={STAGE: OLD})
    plain(ann())
    crm.change(person, custom={STAGE: ITS_OWN})
    run = plain(ann(OTHER))
    (line,) = run.lines
    assert (line.outcome, line.reason) == ("unchanged", "conflict")
    assert line.changes == (Difference(STAGE, ITS_OWN, ITS_OWN, lost=OTHER),)
    assert not {each for each in (OLD, NEW, OTHER, ITS_OWN) if each in run.log + line.text}


def test_a_created_record_had_nothing_before(target, crm, plain):
    messages = target.stream("users", ann(first_name="Ann"))
    users = {"fields": LINES, "create": True}
    (line,) = target.run(messages, users=users, ledger_values="plain").lines
    assert Difference(STAGE, "", NEW) in line.changes
    assert {each.before for each in line.changes} == {""}


def test_a_refused_value_changes_nothing(target, crm, plain, sandbox):
    crm.person("ann@acme.example", custom={STAGE: OLD})
    action = {"status": 400, "body": {"success": False, "error": "no"}}
    sandbox.fault("/pipedrive/api/v2/persons/*", "PATCH", times=None, action=action)
    (line,) = plain(ann()).lines
    assert line.outcome == "rejected"
    assert line.changes == ()
    assert "lifecycle" not in agreed(target)


def test_without_the_setting_no_value_is_kept(target, crm, plain):
    person = crm.person("ann@acme.example", custom={STAGE: OLD})
    plain(ann(), kept="hashed")
    crm.change(person, custom={STAGE: ITS_OWN})
    (line,) = plain(ann(OTHER), kept="hashed").lines
    assert line.changes == ()
    assert somewhere(target, OLD, NEW, OTHER, ITS_OWN) == set()


def test_turning_it_off_again_leaves_no_value_behind(target, crm, plain):
    person = crm.person("ann@acme.example", custom={STAGE: OLD})
    plain(ann())
    crm.change(person, custom={STAGE: ITS_OWN})
    plain(ann(OTHER))
    assert somewhere(target, OLD, NEW, OTHER, ITS_OWN) == {OLD, NEW, OTHER, ITS_OWN}
    run = plain(kept="hashed")
    assert "the values that the ledger had kept are dropped" in run.log
    assert somewhere(target, OLD, NEW, OTHER, ITS_OWN) == set()
    assert "are dropped" not in plain(kept="hashed").log


def test_forgetting_a_person_leaves_no_value_behind(target, crm, plain):
    crm.person("ann@acme.example", custom={STAGE: OLD})
    plain(ann())
    assert somewhere(target, OLD, NEW) == {OLD, NEW}
    ledger = Ledger(target.ledger_url, "default")
    forget(ledger, "ann@acme.example")
    scrub(ledger)
    ledger.close()
    assert somewhere(target, OLD, NEW) == set()


def test_a_dry_run_says_the_values_that_it_would_write(target, crm, plain):
    crm.person("ann@acme.example", custom={STAGE: OLD})
    (line,) = plain(ann(), dry_run=True).lines
    assert line.changes == (Difference(STAGE, OLD, NEW),)
    assert agreed(target) == {}


def test_the_same_is_decided_with_and_without_values(target, crm, plain, sandbox):
    def story(kept):
        sandbox.reset()
        target.forget()
        people = [crm.person(f"p{n}@acme.example", custom={STAGE: OLD}) for n in range(4)]
        told = []
        for stage in (NEW, OTHER, OTHER, OLD):
            users = [
                {"user_id": f"u{n}", "email": f"p{n}@acme.example", "lifecycle": stage}
                for n in range(4)
            ]
            run = plain(*users, kept=kept)
            told += [
                (run.counts, run.reasons, sum(each["tokens"] for each in sandbox.journal())),
                sorted((e.key, e.outcome, e.reason, e.text, e.fields) for e in run.lines),
                [crm.stored(each).get(STAGE) for each in people],
                len(crm.writes()),
            ]
            crm.change(people[1], custom={STAGE: ITS_OWN})
            crm.change(people[2], custom={STAGE: None})
        return told

    assert story("plain") == story("hashed")
