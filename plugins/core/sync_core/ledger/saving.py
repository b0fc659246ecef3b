"""Storing links with what was agreed on, beside a run in the other direction that does the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from sync_core import times
from sync_core.ledger import tables
from sync_core.ledger.links import CHUNK, STORED, among
from sync_core.ledger.rows import Link, Pair, vacant
from sync_core.ledger.upserting import upsert

_KEYS = ("connection", "kind", "key")
#: Columns that hold for a link however it was changed by others; those in one line go together.
_LASTING = (("pipedrive_id",), ("journy_id",), ("related", "related_mark"))
#: Columns that say something of all that was agreed on, and nothing where others agreed as well.
_MARKS = {"stamp": "", "step_pipedrive": "", "step_journy": ""}
_NOTHING: Mapping[str, Any] = {
    **dict.fromkeys(STORED, ""), "pipedrive_id": None, "journy_id": None,
}  # fmt: skip


def save_links(db: sa.Connection, connection: str, links: Sequence[Link]) -> None:
    """Store links; what another run has stored since they were read stays, where they say nothing.

    Args:
        db: A transaction in which no other run stores links of the connection.
        connection: The connection's name.
        links: Links with their agreed values as they are now; of several with one key, the last.
    """
    links = list({(link.kind, link.key): link for link in links}.values())
    for link in links:
        if link.id is not None and link.key != link.stored_key:
            _rename(db, connection, link)
    stored = _stored(db, connection, links)  # a former key may be another link's by now
    seen = times.now()
    rows = []
    for link in links:
        there = stored.get(_name(link))
        if there is not None:
            link.key = link.stored_key = there.key  # the other run may have followed a new one
        columns = {**_columns(link, there), "seen": seen}
        rows.append({"connection": connection, "kind": link.kind, "key": link.key, **columns})
        link.read_row = tuple(columns[name] for name in STORED)
    upsert(db, tables.links, rows, _KEYS)
    _agreed(db, connection, [link for link in links if _has_moved(link)])


def _name(link: Link) -> Any:
    """What a link's row is known by: its number, or its key while it has none."""
    return (link.kind, link.key) if link.id is None else link.id


def _stored(db: sa.Connection, connection: str, links: Sequence[Link]) -> dict[Any, sa.Row[Any]]:
    """The links' rows as they are now, by their names."""
    numbers = [link.id for link in links if link.id is not None]
    found: dict[Any, sa.Row[Any]] = {}
    for some in _chunks(numbers):
        query = _rows(connection).where(among(db, tables.links.c.id, some))
        found.update({row.id: row for row in db.execute(query)})
    return found | _by_key(db, connection, [link for link in links if link.id is None])


def _by_key(
    db: sa.Connection, connection: str, links: Sequence[Link]
) -> dict[tuple[str, str], sa.Row[Any]]:
    table = tables.links
    keys: dict[str, list[str]] = defaultdict(list)
    for link in links:
        keys[link.kind].append(link.key)
    found: dict[tuple[str, str], sa.Row[Any]] = {}
    for kind, wanted in keys.items():
        for some in _chunks(wanted):
            query = _rows(connection).where(
                table.c.kind == kind,  # with it, the index finds the keys
                among(db, table.c.key, some),
            )
            found.update({(kind, row.key): row for row in db.execute(query)})
    return found


def _rows(connection: str) -> sa.Select[Any]:
    table = tables.links
    columns = (table.c[name] for name in ("id", "key", *STORED))
    return sa.select(*columns).where(table.c.connection == connection)


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def _columns(link: Link, there: sa.Row[Any] | None) -> dict[str, Any]:
    """What a link's row says from now on."""
    steps = link.lasting_steps
    ours: dict[str, Any] = {
        "pipedrive_id": link.pipedrive_id or None,
        "journy_id": link.journy_id or None,
        "pipedrive_updated": link.pipedrive_updated,
        "stamp": link.stamp,
        "step_pipedrive": steps.get("pipedrive", ""),
        "step_journy": steps.get("journy", ""),
        "related": link.related[0],
        "related_mark": link.related[1],
        "vacant": link.vacant,
    }
    now = () if there is None else tuple(there)[2:]
    if now in {(), link.read_row}:
        return ours
    theirs = dict(zip(STORED, now, strict=True))
    before = dict(zip(STORED, link.read_row, strict=True)) if link.read_row else _NOTHING
    for together in _LASTING:
        if all(ours[name] == before[name] for name in together):
            ours.update({name: theirs[name] for name in together})
    lines = vacant.merged(ours["vacant"], before["vacant"], theirs["vacant"])
    latest = max(ours["pipedrive_updated"], theirs["pipedrive_updated"])
    return {**ours, **_MARKS, "pipedrive_updated": latest, "vacant": lines}


def _rename(db: sa.Connection, connection: str, link: Link) -> None:
    """Give a stored link its new key; another link that holds it is forgotten."""
    table = tables.links
    other = sa.select(table.c.id).where(
        table.c.connection == connection, table.c.kind == link.kind, table.c.key == link.key
    )
    for number in db.execute(other).scalars().all():
        db.execute(tables.agreed.delete().where(tables.agreed.c.link == number))
        db.execute(table.delete().where(table.c.id == number))
    db.execute(table.update().where(table.c.id == link.id).values(key=link.key))


def _agreed(db: sa.Connection, connection: str, links: Sequence[Link]) -> None:
    """Store the agreed values that moved, and forget those that no longer hold."""
    numbers = {name: row.id for name, row in _by_key(db, connection, links).items()}
    moved = [
        {
            "link": numbers[link.kind, link.key],
            "pipedrive_field": pair[0],
            "other_field": pair[1],
            "pipedrive_digest": value.pipedrive,
            "other_digest": value.other,
            "other_written": value.other_written,
            **_values(link, pair),
        }
        for link in links
        for pair, value in link.agreed.items()
        if link.stored.get(pair) != value or (link.values and pair in link.values.learned)
    ]
    gone = [
        {"_link": numbers[link.kind, link.key], "_pipedrive": pair[0], "_other": pair[1]}
        for link in links
        for pair in link.stored.keys() - link.agreed.keys()
    ]
    upsert(db, tables.agreed, moved, ("link", "pipedrive_field", "other_field"))
    if gone:
        table = tables.agreed
        of_pair = (
            table.c.link == sa.bindparam("_link"),
            table.c.pipedrive_field == sa.bindparam("_pipedrive"),
            table.c.other_field == sa.bindparam("_other"),
        )
        db.execute(table.delete().where(*of_pair), gone)


def _has_moved(link: Link) -> bool:
    return link.has_moved or bool(link.values and link.values.learned)


def _values(link: Link, pair: Pair) -> dict[str, str | None]:
    own, other = link.values.texts(pair) if link.values else (None, None)
    return {"pipedrive_value": own, "other_value": other}
