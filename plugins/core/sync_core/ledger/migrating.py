"""Bringing an older ledger up to the tables of today, one version after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from sync_core.ledger import tables

Step = Callable[[sa.Connection], None]


def _add_triggers(db: sa.Connection) -> None:
    tables.triggers.create(db)


#: Version -> what makes the next one of it. A step never changes once it was published.
STEPS: Mapping[int, Step] = {1: _add_triggers}


def migrate(db: sa.Connection, version: int) -> None:
    """Take every step from a version to today's, within the caller's transaction."""
    for each in range(version, tables.SCHEMA_VERSION):
        STEPS[each](db)
    table = tables.meta
    row = {"value": str(tables.SCHEMA_VERSION)}
    db.execute(table.update().where(table.c.name == "schema_version").values(row))
