"""What a record says to others that read it through a relation, and whom its news is for.

A user's lines may read the user's account. Where only the account changes, no user comes by: so
what the account said is remembered, and each link has the mark of what its own lines last read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from sync_core import exact
from sync_core.ledger import tables
from sync_core.ledger.links import CHUNK, among
from sync_core.ledger.rows import Link, Relative
from sync_core.ledger.store import Ledger

#: Stands before a link's mark where the related account wasn't linked when it was noted.
UNLINKED = "-"


def row_of(connection: str, relative: Relative) -> dict[str, Any]:
    """What the table has of a record."""
    return {
        "connection": connection,
        "stream": relative.stream,
        "record": relative.record,
        "said": exact.encode(relative.said),
        "mark": relative.mark,
    }


def recall(ledger: Ledger, stream: str, records: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """What some records said when they last came by, by their own ids."""
    table, wanted = tables.relatives, sorted(set(records))
    found: dict[str, Mapping[str, Any]] = {}
    with ledger.reading() as db:
        for start in range(0, len(wanted), CHUNK):
            query = sa.select(table.c.record, table.c.said).where(
                table.c.connection == ledger.connection,
                table.c.stream == stream,
                among(db, table.c.record, wanted[start : start + CHUNK]),
            )
            for record, said in db.execute(query).tuples():
                found[record] = exact.decode(said)
    return found


def behind(ledger: Ledger, kind: str, stream: str, after: int) -> list[Link]:
    """Links whose related record says something else now than when their lines last read it.

    Args:
        ledger: The connection's memory.
        kind: The links' kind.
        stream: The related record's stream.
        after: Only those with a higher number of their own; a portion ends with the highest.
    """
    links, table = tables.links, tables.relatives
    moved = sa.exists().where(
        table.c.connection == links.c.connection,
        table.c.stream == stream,
        table.c.record == links.c.related,
        links.c.related_mark.not_in([table.c.mark, UNLINKED + table.c.mark]),
    )
    with ledger.reading() as db:
        return ledger.links_where(db, kind, *_living(after), moved, most=CHUNK)


def members(ledger: Ledger, kind: str, records: Iterable[str], after: int) -> list[Link]:
    """Links whose lines read one of some related records, in portions like those of `behind`."""
    with ledger.reading() as db:
        theirs = among(db, tables.links.c.related, sorted(records))
        return ledger.links_where(db, kind, *_living(after), theirs, most=CHUNK)


def waiting(ledger: Ledger, kind: str, by: str, there: str, after: int) -> list[Link]:
    """Links whose account wasn't known on the side that is written to, and is by now.

    Args:
        ledger: The connection's memory.
        kind: The links' kind.
        by: What they know the account by: `key` or `pipedrive_id`.
        there: That side, `pipedrive` or `journy`.
        after: Only those with a higher number of their own, in portions like those of `behind`.
    """
    links, accounts = tables.links, tables.links.alias()
    linked = sa.exists().where(
        accounts.c.connection == links.c.connection,
        accounts.c.kind == "account",
        accounts.c[by] == links.c.related,
        accounts.c[f"{there}_id"].is_not(None),
        accounts.c.key != "",
    )
    marked = links.c.related_mark.startswith(UNLINKED)
    with ledger.reading() as db:
        return ledger.links_where(db, kind, *_living(after), marked, linked, most=CHUNK)


def _living(after: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (tables.links.c.related != "", *alive(after))


def alive(after: int) -> tuple[sa.ColumnElement[bool], ...]:
    """That a link is known on both sides, and has a higher number."""
    links = tables.links
    return (
        links.c.id > after,
        links.c.pipedrive_id.is_not(None),
        links.c.journy_id.is_not(None),
    )
