"""Whom we put into which account: remembered by the digest of the account's id."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from sync_core.canonical import digest
from sync_core.ledger import tables
from sync_core.ledger.links import CHUNK, among
from sync_core.ledger.relatives import UNLINKED, alive
from sync_core.ledger.rows import Left, Link, Pair
from sync_core.ledger.store import Ledger

#: The ledger's name for the account that a person's organization puts them into.
MEMBER: Pair = ("org_id", "accounts")
#: The ledger's name for a membership that came about by our own call.
ADDED: Pair = ("org_id", "accounts, added by us")


def added(ledger: Ledger, kind: str, stamps: Iterable[str], after: int) -> list[Link]:
    """Links of those whom we put into accounts whose ids have these digests, in portions.

    Args:
        ledger: The connection's memory.
        kind: The links' kind.
        stamps: The digests.
        after: Only those with a higher number of their own; a portion ends with the highest.
    """
    with ledger.reading() as db:
        theirs = sa.select(tables.agreed.c.link).where(*_made(db, stamps))
        found = tables.links.c.id.in_(theirs)
        return ledger.links_where(db, kind, *alive(after), found, most=CHUNK)


def unsettle(db: sa.Connection, connection: str, left: Iterable[Left]) -> None:
    """Let those wait whom we put into an account that their organization has left."""
    by_stamp = {digest(each.account): each for each in left}
    if not by_stamp:
        return
    links, marked = tables.links, tables.links.c.related_mark
    members = _members(db, connection, by_stamp)
    rows = [{"_link": link, "_record": each.record} for link, each in members.items()]
    record: sa.BindParameter[str] = sa.bindparam("_record")
    theirs = sa.or_(links.c.related == "", links.c.related == record)  # or they are elsewhere now
    waits = sa.case((marked.startswith(UNLINKED), marked), else_=UNLINKED + marked)
    update = links.update().where(links.c.id == sa.bindparam("_link"), theirs)
    if rows:
        db.execute(update.values(related=record, related_mark=waits), rows)
    _forget(db, [link for link, each in members.items() if each.deleted])


def _members(db: sa.Connection, connection: str, by_stamp: dict[str, Left]) -> dict[int, Left]:
    """Numbers of the links of those accounts' members; one look at what is agreed on for all."""
    links, agreed = tables.links, tables.agreed
    query = (
        sa.select(agreed.c.link, agreed.c.other_digest)
        .join(links, links.c.id == agreed.c.link)
        .where(links.c.connection == connection, *_made(db, by_stamp))
    )
    return {link: by_stamp[stamp] for link, stamp in db.execute(query).tuples()}


def _forget(db: sa.Connection, numbers: list[int]) -> None:
    """Forget memberships of these links that are no more."""
    links, agreed = tables.links, tables.agreed
    if numbers:
        db.execute(links.update().where(among(db, links.c.id, numbers)).values(step_pipedrive=""))
        pairs = sa.tuple_(agreed.c.pipedrive_field, agreed.c.other_field).in_([MEMBER, ADDED])
        db.execute(agreed.delete().where(among(db, agreed.c.link, numbers), pairs))


def _made(db: sa.Connection, stamps: Iterable[str]) -> tuple[sa.ColumnElement[bool], ...]:
    table = tables.agreed
    own, other = ADDED
    which = among(db, table.c.other_digest, sorted(stamps))
    return table.c.pipedrive_field == own, table.c.other_field == other, which
