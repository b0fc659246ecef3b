"""Dropping what the ledger knows of a record, and letting kept records be tried at once."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from sync_core.ledger import subjects, tables
from sync_core.ledger.store import Ledger


def traces(ledger: Ledger, name: str, kind: str = "") -> dict[str, int]:
    """How many rows of each table are about a record.

    Args:
        ledger: The ledger.
        name: A match key such as an e-mail address, or an id at either end.
        kind: user, account, or a mapped stream's name, where records of several kinds have the id.

    Returns:
        Table -> rows, for every table that could have some.

    Raises:
        ConfigurationError: The name is an id that records of several kinds have.
    """
    with ledger.reading() as db:
        return _counted(db, ledger.connection, name, kind, delete=False)


def forget(ledger: Ledger, name: str, kind: str = "") -> dict[str, int]:
    """Drop everything about a record, all or nothing.

    What both services hold stays as it is; the next run takes the record for one that it never met.

    Args:
        ledger: The ledger.
        name: A match key such as an e-mail address, or an id at either end.
        kind: As for `traces`.

    Returns:
        Table -> rows that were dropped.

    Raises:
        ConfigurationError: The name is an id that records of several kinds have.
    """
    with ledger.transaction() as db:
        return _counted(db, ledger.connection, name, kind, delete=True)


def _counted(
    db: sa.Connection, connection: str, name: str, kind: str, *, delete: bool
) -> dict[str, int]:
    none = subjects.Subject("")
    tally = Counter({table.name: 0 for table in subjects.conditions(db, connection, none)})
    for subject in subjects.find(db, connection, name.strip(), kind):
        if delete:
            _unindex(db, connection, subject)
        for table, condition in subjects.conditions(db, connection, subject).items():
            if delete:
                tally[table.name] += db.execute(table.delete().where(condition)).rowcount
            else:
                count = sa.select(sa.func.count()).select_from(table).where(condition)
                tally[table.name] += db.execute(count).scalar_one()
    return dict(tally)


def _unindex(db: sa.Connection, connection: str, subject: subjects.Subject) -> None:
    """Take no remembered index for whole any more that has the record: it would say "none"."""
    table, held = tables.indexes, tables.indexed
    lists = sa.select(held.c.entity, held.c.field).where(subjects.in_index(connection, subject))
    here = sa.tuple_(table.c.entity, table.c.field).in_(lists)
    db.execute(table.update().where(table.c.connection == connection, here).values(until=""))


def release(  # noqa: PLR0913 - each narrows what is released
    ledger: Ledger,
    *,
    name: str = "",
    kind: str = "",
    reason: str = "",
    direction: str = "",
    stream: str = "",
) -> int:
    """Let the next run try what is kept, whenever it was due and even if it was given up.

    Args:
        ledger: The ledger.
        name: Only this record's, by a match key or an id at either end.
        kind: As for `traces`.
        reason: Only what is kept for this reason.
        direction: Only what goes this way.
        stream: Only this stream's; what an action keeps is under `actions/<its name>`.

    Returns:
        How many records will be tried.

    Raises:
        ConfigurationError: The name is an id that records of several kinds have.
    """
    table = tables.retries
    wanted = {"reason": reason, "direction": direction, "stream": stream}
    with ledger.transaction() as db:
        chosen = [table.c.connection == ledger.connection]
        chosen += [table.c[column] == value for column, value in wanted.items() if value]
        if name:
            chosen.append(_of_record(db, ledger.connection, name.strip(), kind))
        fresh = {"due": "", "tries": 0, "given_up": ""}
        return db.execute(table.update().where(*chosen).values(fresh)).rowcount


def _of_record(db: sa.Connection, connection: str, name: str, kind: str) -> sa.ColumnElement[bool]:
    found = subjects.find(db, connection, name, kind)
    return sa.or_(sa.false(), *(subjects.kept(db, connection, each) for each in found))
