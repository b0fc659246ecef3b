"""Turning back to digests: values that were kept are dropped by the next run."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from sync_core.errors import LedgerError
from sync_core.ledger import tables
from sync_core.ledger.scrubbing import scrub
from sync_core.ledger.store import Ledger
from sync_core.ledger.subjects import of_connection

log = logging.getLogger(__name__)

_KEPT, _DROPPED = "kept", "dropped"


def settle_values(ledger: Ledger) -> None:
    """Note that values are kept from now on, or drop those that were.

    A note in the ledger says whether there are any, so that nobody has to look through it.
    """
    noted = _noted(ledger)
    if ledger.policy.plain:
        if noted != _KEPT:
            with ledger.transaction() as db:
                _note(db, ledger.connection, _KEPT)
        return
    if noted == _KEPT:
        with ledger.transaction() as db:
            _drop(db, ledger.connection)
            _note(db, ledger.connection, _DROPPED)
    if noted:
        _wipe(ledger)


def _wipe(ledger: Ledger) -> None:
    """Leave no copy in the file's free pages; where that can't be done now, the next run does."""
    try:
        scrub(ledger)
    except LedgerError as error:
        log.warning("the ledger's file still has copies of the values that it kept: %s", error)
        return
    with ledger.transaction() as db:
        _note(db, ledger.connection, "")
    log.info("ledger_values is hashed: the values that the ledger had kept are dropped")


def _noted(ledger: Ledger) -> str:
    table = tables.meta
    query = sa.select(table.c.value).where(table.c.name == _name(ledger.connection))
    with ledger.reading() as db:
        return str(db.execute(query).scalar() or "")


def _note(db: sa.Connection, connection: str, what: str) -> None:
    table, name = tables.meta, _name(connection)
    db.execute(table.delete().where(table.c.name == name))
    if what:
        db.execute(table.insert().values(name=name, value=what))


def _name(connection: str) -> str:
    return f"values of {connection}"


def _drop(db: sa.Connection, connection: str) -> None:
    agreed, links, outcomes = tables.agreed, tables.links, tables.outcomes
    mine = sa.select(links.c.id).where(links.c.connection == connection)
    nothing = {"pipedrive_value": None, "other_value": None}
    db.execute(agreed.update().where(agreed.c.link.in_(mine)).values(nothing))
    said = sa.and_(of_connection(outcomes, connection), outcomes.c.changes.is_not(None))
    db.execute(outcomes.update().where(said).values(changes=None))
