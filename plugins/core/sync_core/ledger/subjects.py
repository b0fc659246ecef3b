"""Whom a question is about: every name that the ledger has for one record, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from sync_core.canonical import digest
from sync_core.errors import ConfigurationError
from sync_core.ledger import tables
from sync_core.ledger.log import STREAMS
from sync_core.text import same_email

#: Kind of link -> what its record is in Pipedrive.
ENTITIES: Mapping[str, str] = {"user": "person", "account": "organization"}
_KINDS = {stream: kind for kind, streams in STREAMS.items() for stream in streams}
_ACTIONS = "actions"
_SIDES = {"pipedrive-to-journy": "pipedrive_ids", "journy-to-pipedrive": "journy_ids"}


@dataclass(frozen=True)
class Subject:
    """One record, by all its names.

    Attributes:
        kind: user, account, or a mapped stream's name.
        keys: Match keys under which it was ever seen.
        pipedrive_ids: Its ids in Pipedrive.
        journy_ids: Its ids in journy, or in another source.
    """

    kind: str
    keys: frozenset[str] = frozenset()
    pipedrive_ids: frozenset[str] = frozenset()
    journy_ids: frozenset[str] = frozenset()

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams in which it comes."""
        return STREAMS.get(self.kind, (self.kind,))

    def joined(self, other: Subject) -> Subject:
        """The same record with the names of both."""
        return Subject(
            self.kind,
            self.keys | other.keys,
            self.pipedrive_ids | other.pipedrive_ids,
            self.journy_ids | other.journy_ids,
        )


def find(db: sa.Connection, connection: str, name: str, kind: str = "") -> list[Subject]:
    """Every record that goes by a name.

    Args:
        db: The ledger.
        connection: The connection's name.
        name: A match key such as an e-mail address, or an id at either end.
        kind: Only records of this kind.

    Raises:
        ConfigurationError: The name is an id that records of several kinds have.
    """
    found: dict[str, Subject] = {}
    for subject in (*_linked(db, connection, name), *_logged(db, connection, name)):
        if not kind or subject.kind == kind:
            known = found.get(subject.kind, Subject(subject.kind))
            found[subject.kind] = known.joined(subject)
    if len(found) > 1 and "@" not in name:
        raise ConfigurationError(
            f"several kinds of records go by this name: {', '.join(sorted(found))}; say which"
        )
    return [_grown(db, connection, each) for each in found.values()]


def _grown(db: sa.Connection, connection: str, subject: Subject) -> Subject:
    """With all the names that lead on from those that are known."""
    known = Subject(subject.kind)
    while subject != known:
        fresh = [name for name in _names(subject) if name not in _names(known)]
        known = subject
        for column, name in fresh:
            for each in (
                *_linked(db, connection, name, column),
                *_logged(db, connection, name, column),
            ):
                subject = subject.joined(each) if each.kind == subject.kind else subject
    return known


def _names(subject: Subject) -> list[tuple[str, str]]:
    """Column -> name, for every name."""
    columns = {
        "key": subject.keys,
        "pipedrive_id": subject.pipedrive_ids,
        "journy_id": subject.journy_ids,
    }
    return [(column, name) for column, names in columns.items() for name in sorted(names)]


def _subject(kind: str, row: Any) -> Subject:
    names = (row.key, row.pipedrive_id, row.journy_id)
    key, pipedrive, journy = (frozenset({name} if name else ()) for name in names)
    return Subject(kind, key, pipedrive, journy)


def _linked(db: sa.Connection, connection: str, name: str, *columns: str) -> Iterator[Subject]:
    table = tables.links
    query = sa.select(table.c.kind, table.c.key, table.c.pipedrive_id, table.c.journy_id).where(
        table.c.connection == connection, _named(table, name, columns)
    )
    for row in db.execute(query):
        yield _subject(row.kind, row)


def _logged(db: sa.Connection, connection: str, name: str, *columns: str) -> Iterator[Subject]:
    """From the sync log, which also has those that were never linked."""
    table = tables.outcomes
    query = (
        sa.select(table.c.entity, table.c.key, table.c.pipedrive_id, table.c.journy_id)
        .where(of_connection(table, connection), _named(table, name, columns))
        .where(table.c.entity != _ACTIONS)
        .distinct()
    )
    for row in db.execute(query):
        yield _subject(_KINDS.get(row.entity, row.entity), row)


def _named(table: sa.Table, name: str, columns: Sequence[str]) -> sa.ColumnElement[bool]:
    names = {name, same_email(name)}
    chosen = columns or ("key", "pipedrive_id", "journy_id")
    return sa.or_(*(table.c[column].in_(names) for column in chosen))


def of_connection(table: sa.Table, connection: str) -> sa.ColumnElement[bool]:
    """Whether a row that belongs to a run belongs to the connection."""
    runs = tables.runs
    return table.c.run.in_(sa.select(runs.c.id).where(runs.c.connection == connection))


def conditions(
    db: sa.Connection, connection: str, subject: Subject
) -> dict[sa.Table, sa.ColumnElement[bool]]:
    """Table -> which of its rows are about a record; in the order in which they can be deleted."""
    links, agreed, triggers = tables.links, tables.agreed, tables.triggers
    relatives, claimants = tables.relatives, tables.claimants
    linked = sa.and_(
        links.c.connection == connection,
        links.c.kind == subject.kind,
        _has_name_of(links, subject),
    )
    return {
        agreed: agreed.c.link.in_(sa.select(links.c.id).where(linked)),
        links: linked,
        tables.outcomes: _in_log(tables.outcomes, connection, subject),
        tables.samples: _in_log(tables.samples, connection, subject),
        tables.retries: kept(db, connection, subject),
        triggers: sa.and_(
            triggers.c.connection == connection,
            triggers.c.record != "",
            triggers.c.record.in_(subject.journy_ids),
        ),
        tables.indexed: in_index(connection, subject),
        relatives: sa.and_(
            relatives.c.connection == connection,
            relatives.c.stream.in_(subject.streams),
            relatives.c.record.in_(subject.journy_ids | subject.pipedrive_ids | subject.keys),
        ),
        claimants: sa.and_(
            claimants.c.connection == connection,
            claimants.c.kind == subject.kind,
            sa.or_(
                claimants.c.record.in_(subject.pipedrive_ids), claimants.c.key.in_(subject.keys)
            ),
        ),
    }


def _has_name_of(table: sa.Table, subject: Subject) -> sa.ColumnElement[bool]:
    return sa.or_(
        table.c.key.in_(subject.keys),
        table.c.pipedrive_id.in_(subject.pipedrive_ids),
        table.c.journy_id.in_(subject.journy_ids),
    )


def _in_log(table: sa.Table, connection: str, subject: Subject) -> sa.ColumnElement[bool]:
    """A record's own lines, and those of the actions that fired for it.

    A user and an account may have the same id, so an action's line needs both ids, or the key.
    """
    fired = sa.or_(
        table.c.key.in_(subject.keys),
        sa.and_(
            table.c.pipedrive_id.in_(subject.pipedrive_ids),
            table.c.journy_id.in_(subject.journy_ids),
        ),
    )
    return sa.and_(
        of_connection(table, connection),
        sa.or_(
            sa.and_(table.c.entity.in_(subject.streams), _has_name_of(table, subject)),
            sa.and_(table.c.entity == _ACTIONS, fired),
        ),
    )


def in_index(connection: str, subject: Subject) -> sa.ColumnElement[bool]:
    """Which rows of the remembered index are about a record."""
    table, entity = tables.indexed, ENTITIES.get(subject.kind, "")
    return sa.and_(
        table.c.connection == connection,
        sa.or_(
            table.c.key.in_({digest(key) for key in subject.keys}),
            sa.and_(table.c.entity == entity, table.c.remote_id.in_(subject.pipedrive_ids)),
        ),
    )


def kept(db: sa.Connection, connection: str, subject: Subject) -> sa.ColumnElement[bool]:
    """Which rows of the retries are about a record; their payloads are looked into."""
    table = tables.retries
    mine = table.c.connection == connection
    streams = sa.or_(table.c.stream.in_(subject.streams), table.c.stream.startswith(f"{_ACTIONS}/"))
    columns = (table.c.direction, table.c.stream, table.c.source_id)
    query = sa.select(*columns, table.c.payload).where(mine, streams)
    found = [row for row in db.execute(query) if _is_about(row, subject)]
    return sa.and_(mine, sa.tuple_(*columns).in_([tuple(row)[:3] for row in found]))


def _is_about(row: Any, subject: Subject) -> bool:
    payload = msgspec.json.decode(row.payload)
    if row.stream in subject.streams:
        return row.source_id in getattr(subject, _SIDES.get(row.direction, "journy_ids")) or any(
            text.strip() in subject.keys or same_email(text) in subject.keys
            for value in payload.values()
            for text in _texts(value)
        )
    named = payload["record"] in subject.journy_ids
    return payload["key"] in subject.keys or (
        named and payload["remote_id"] in subject.pipedrive_ids
    )


def _texts(value: Any) -> Iterator[str]:
    """The texts of a column: its own, or those of a list of contacts."""
    for each in value if isinstance(value, list) else [value]:
        entry = each.get("value") if isinstance(each, dict) else each
        if isinstance(entry, str):
            yield entry
