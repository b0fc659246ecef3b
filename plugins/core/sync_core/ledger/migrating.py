"""Bringing an older ledger up to the tables of today, one version after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from sync_core.ledger import tables

Step = Callable[[sa.Connection], None]


def _add_triggers(db: sa.Connection) -> None:
    tables.triggers.create(db)


_COSTS_AND_TIMES = {
    "runs": (
        "daily_at_start", "daily_left", "daily_share", "planned_calls", "planned_tokens",
    ),
    "outcomes": ("milliseconds",),
}  # fmt: skip


def _add_costs_times_and_samples(db: sa.Connection) -> None:
    for table, columns in _COSTS_AND_TIMES.items():
        _add_columns(db, table, dict.fromkeys(columns, "INTEGER"))
    tables.samples.create(db, checkfirst=True)


_PATIENCE_PRICES_AND_VALUES = {
    "runs": {"estimate": "TEXT", "bill": "TEXT"},
    "agreed": {"pipedrive_value": "TEXT", "other_value": "TEXT"},
    "retries": dict.fromkeys(("due", "given_up"), "VARCHAR NOT NULL DEFAULT ''"),
}


def _add_patience_prices_and_index(db: sa.Connection) -> None:
    for table, columns in _PATIENCE_PRICES_AND_VALUES.items():
        _add_columns(db, table, columns)
    tables.indexes.create(db, checkfirst=True)
    tables.indexed.create(db, checkfirst=True)


_STAMPS = {
    "links": {"stamp": "VARCHAR NOT NULL DEFAULT ''"},
    "indexes": {
        "viewer": "VARCHAR NOT NULL DEFAULT ''",
        "daily": "INTEGER NOT NULL DEFAULT 0",
        "owed": "INTEGER NOT NULL DEFAULT 0",
    },
}


def _add_stamps(db: sa.Connection) -> None:
    for table, columns in _STAMPS.items():
        _add_columns(db, table, columns)
    tables.indexed.drop(db)  # nothing was kept in it yet
    tables.indexed.create(db)


def _add_steps(db: sa.Connection) -> None:
    columns = ("step_pipedrive", "step_journy")
    _add_columns(db, "links", dict.fromkeys(columns, "VARCHAR NOT NULL DEFAULT ''"))


def _sort_retries_by_age(db: sa.Connection) -> None:
    by_age = next(each for each in tables.retries.indexes if each.name == "retries_by_age")
    by_age.create(db, checkfirst=True)


def _add_relatives(db: sa.Connection) -> None:
    columns = ("related", "related_mark")
    _add_columns(db, "links", dict.fromkeys(columns, "VARCHAR NOT NULL DEFAULT ''"))
    tables.relatives.create(db, checkfirst=True)


def _add_changes(db: sa.Connection) -> None:
    _add_columns(db, "outcomes", {"changes": "TEXT"})


def _add_lookups(db: sa.Connection) -> None:
    _add_columns(db, "runs", {"lookups": "TEXT"})


def _add_vacant(db: sa.Connection) -> None:
    _add_columns(db, "links", {"vacant": "VARCHAR NOT NULL DEFAULT ''"})


def _add_sent(db: sa.Connection) -> None:
    _add_columns(db, "retries", {"sent": "VARCHAR NOT NULL DEFAULT ''"})
    # By this machine's clock; from now on by the service's.
    lost = tables.retries.c.reason == "answer_lost"
    db.execute(tables.retries.update().where(lost).values(sent=tables.retries.c.last))


def _add_claimants(db: sa.Connection) -> None:
    tables.claimants.create(db, checkfirst=True)


def _add_columns(db: sa.Connection, table: str, columns: Mapping[str, str]) -> None:
    """Add columns, by name with their SQL types, where they are missing."""
    there = {column["name"] for column in sa.inspect(db).get_columns(table)}
    for column, kind in columns.items():
        if column not in there:
            db.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN {column} {kind}"))


#: Version -> what makes the next one of it. A step never changes once it was published.
STEPS: Mapping[int, Step] = {
    1: _add_triggers,
    2: _add_costs_times_and_samples,
    3: _add_patience_prices_and_index,
    4: _add_stamps,
    5: _add_steps,
    6: _sort_retries_by_age,
    7: _add_relatives,
    8: _add_changes,
    9: _add_lookups,
    10: _add_vacant,
    11: _add_sent,
    12: _add_claimants,
}


def migrate(db: sa.Connection, version: int) -> None:
    """Take every step from a version to today's, within the caller's transaction."""
    for each in range(version, tables.SCHEMA_VERSION):
        STEPS[each](db)
    table = tables.meta
    row = {"value": str(tables.SCHEMA_VERSION)}
    db.execute(table.update().where(table.c.name == "schema_version").values(row))
