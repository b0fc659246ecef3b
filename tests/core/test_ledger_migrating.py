"""A ledger of any earlier version is taken over with what it holds."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sync_core.ledger import Agreed, Link, tables
from sync_core.ledger.writing import Entries, Retry, record
from sync_tests.targets import to_try

WAY = "journy-to-pipedrive"
PAIR = ("abc", "plan")
#: Version -> what came with it: tables, and columns of others.
NEWS = {
    2: {"triggers": ()},
    3: {
        "samples": (),
        "runs": ("daily_at_start", "daily_left", "daily_share", "planned_calls", "planned_tokens"),
        "outcomes": ("milliseconds",),
    },
    4: {
        "indexed": (),
        "indexes": (),
        "runs": ("estimate", "bill"),
        "agreed": ("pipedrive_value", "other_value"),
        "retries": ("due", "given_up"),
    },
    5: {
        "links": ("stamp",),
        "indexes": ("viewer", "daily", "owed"),
        "indexed": ("stamp",),
    },
    6: {"links": ("step_pipedrive", "step_journy")},
    7: {},
    8: {"relatives": (), "links": ("related", "related_mark")},
    9: {"outcomes": ("changes",)},
    10: {"runs": ("lookups",)},
    11: {"links": ("vacant",)},
    12: {"retries": ("sent",)},
    13: {"claimants": ()},
}
#: Version -> the indexes that came with it.
INDEXES = {7: ("retries_by_age",)}


def fill(ledger):
    run = ledger.start_run(WAY, dry_run=False)
    link = Link("user", "k", pipedrive_id="7", changed=True, agreed={PAIR: Agreed("a", "b")})
    kept = Retry("users", "u1", "{}", "unavailable")
    record(ledger, run, WAY, Entries(links=[link], retries=[kept]))
    ledger.end_run(run, status="completed", calls=3, tokens=30)


def grow_old(ledger, version):
    """Take away everything that came after a version."""
    with ledger.transaction() as db:
        later = [came for came in reversed(NEWS) if came > version]
        for index in (each for came in later for each in INDEXES.get(came, ())):
            db.execute(sa.text(f"DROP INDEX {index}"))
        for news in (NEWS[came] for came in later):
            for table, columns in news.items():
                if not columns:
                    tables.metadata.tables[table].drop(db)
                for column in columns:
                    db.execute(sa.text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        db.execute(tables.meta.update().values(value=str(version)))


def shape(ledger):
    with ledger.reading() as db:
        inspector = sa.inspect(db)
        return {
            name: {column["name"] for column in inspector.get_columns(name)}
            | {f"index {index['name']}" for index in inspector.get_indexes(name)}
            for name in inspector.get_table_names()
        }


def test_every_version_but_the_first_says_what_came_with_it():
    assert set(NEWS) == set(range(2, tables.SCHEMA_VERSION + 1))


@pytest.mark.parametrize("version", [1, *NEWS][:-1])
def test_an_older_ledger_is_taken_over_with_what_it_holds(open_ledger, version):
    ledger = open_ledger()
    today = shape(ledger)
    fill(ledger)
    grow_old(ledger, version)
    assert shape(ledger) != today
    for _ in range(2):  # the second time it is of today's version already
        renewed = open_ledger()
        assert shape(renewed) == today
        (link,) = renewed.links_by("user", "key", ["k"]).values()
        assert link.agreed == {PAIR: Agreed("a", "b")}
        assert [each.reason for each in to_try(renewed, WAY, "users")] == ["unavailable"]
        assert [(each.calls, each.estimate) for each in renewed.runs()] == [(3, None)]
        with renewed.reading() as db:
            stored = db.execute(sa.select(tables.meta.c.value)).scalars().all()
        assert stored == [str(tables.SCHEMA_VERSION)]


def test_an_older_ledger_goes_on_working_for_whoever_opened_it_before(open_ledger):
    ledger = open_ledger()
    grow_old(ledger, 1)
    open_ledger()
    fill(ledger)
    assert len(ledger.runs()) == 1
