"""Accounts found again by the digests that agreed values keep of their ids and domains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa

from sync_core.canonical import digest
from sync_core.ledger import tables
from sync_core.ledger.links import among
from sync_core.ledger.store import Ledger


class Accounts:
    """The ids of all accounts of a connection, read when one is first asked for."""

    def __init__(self, ledger: Ledger) -> None:
        """Prepare; nothing is read yet.

        Args:
            ledger: The connection's memory.
        """
        self._ledger = ledger
        self._known: dict[str, str] = {}
        self._missed: set[str] = set()

    def find(self, stamp: str) -> str | None:
        """The account id that has this digest; None if the ledger has none (any more)."""
        pretended = self._ledger.pretended
        if pretended is not None and (made := pretended.key("account", stamp)):
            return made
        if stamp not in self._known and stamp not in self._missed:
            self._read()
            if stamp not in self._known:
                self._missed.add(stamp)
        return self._known.get(stamp)

    def _read(self) -> None:
        table = tables.links
        query = sa.select(table.c.key).where(
            table.c.connection == self._ledger.connection, table.c.kind == "account"
        )
        with self._ledger.reading() as db:
            for key in db.execute(query).scalars():
                self._known[digest(key)] = key


def holders(ledger: Ledger, kind: str, field: str, stamps: Iterable[str]) -> dict[str, set[str]]:
    """Keys of the links whose record in journy has one of some values in a field.

    Args:
        ledger: The connection's memory.
        kind: The links' kind.
        field: journy's field.
        stamps: The values' digests.

    Returns:
        Digest -> keys, where there are any.
    """
    links, agreed = tables.links, tables.agreed
    found: dict[str, set[str]] = defaultdict(set)
    with ledger.reading() as db:
        query = (
            sa.select(agreed.c.other_digest, links.c.key)
            .join(links, links.c.id == agreed.c.link)
            .where(
                links.c.connection == ledger.connection,
                links.c.kind == kind,
                links.c.journy_id.is_not(None),
                agreed.c.other_field == field,
                among(db, agreed.c.other_digest, sorted(set(stamps))),
            )
        )
        for stamp, key in db.execute(query).tuples():
            found[stamp].add(key)
    return dict(found)
