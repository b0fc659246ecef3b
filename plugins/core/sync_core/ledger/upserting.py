"""Rows that take the place of those that were there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

_DIALECTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_into(db: sa.Connection, table: sa.Table) -> Any:
    """An insert that can say what happens where a row is there already."""
    return _DIALECTS[db.dialect.name](table)


def upsert(
    db: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]], keys: Sequence[str]
) -> None:
    """Insert rows, or put them in the place of those that have their keys."""
    if not rows:
        return
    insert = insert_into(db, table)
    columns = [name for name in rows[0] if name not in keys]
    updates = {name: insert.excluded[name] for name in columns}
    # In one order everywhere, so that two runs never wait for each other's rows.
    ordered = sorted(rows, key=lambda row: [row[key] for key in keys])
    statement = insert.on_conflict_do_update(index_elements=list(keys), set_=updates)
    _execute(db, statement, ordered)


def _execute(db: sa.Connection, statement: sa.Insert, rows: Sequence[dict[str, Any]]) -> None:
    """Execute for each row, past what SQLAlchemy does to each: texts and numbers go as they are."""
    compiled = statement.compile(dialect=db.dialect, column_keys=list(rows[0]))
    order = getattr(compiled, "positiontup", None)
    plain = [tuple(row[name] for name in order) for row in rows] if order else list(rows)
    db.exec_driver_sql(str(compiled), plain)
