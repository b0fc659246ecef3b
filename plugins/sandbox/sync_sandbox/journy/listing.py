"""Pages of users and accounts. An assumption: journy publishes no endpoint that lists records.

The API-key page of the vendor documentation says that "Read contacts" lets a key collect all users
and accounts with their properties, but names no endpoint. This one is what it could be: ordered by
`updatedAt`, then by creation, with a cursor that is bound to the query that made it.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from sync_sandbox.journy.records import ACCOUNT, USER, Kind, Record
from sync_sandbox.journy.times import from_rfc3339, to_iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sync_sandbox.journy.world import World

DEFAULT_LIMIT = 100
MOST_LIMIT = 500
PARAMETERS = frozenset({"limit", "cursor", "updated_since"})
LINKED = {USER: "accounts", ACCOUNT: "members"}


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """Where the next page begins, and the query to which this belongs."""

    kind: str
    limit: int
    since: int
    updated: int
    key: int

    def encode(self) -> str:
        """Spell the cursor so that nobody is tempted to read it."""
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


@dataclass(frozen=True)
class Query:
    """One page's question, checked."""

    kind: Kind
    limit: int
    since: int
    position: tuple[int, int]


def show(world: World, kind: Kind, record: Record) -> dict[str, Any]:
    """One record as the listing shows it."""
    return {
        kind.external: record.external,
        kind.contact: record.contact,
        "createdAt": to_iso(record.created),
        "updatedAt": to_iso(record.updated),
        "properties": record.properties,
        "segments": record.properties.get("segments", []),
        LINKED[kind]: [other.label() for other in world.linked(kind, record)],
    }


def records(world: World, kind: Kind) -> Iterator[dict[str, Any]]:
    """All records of one kind, in the listing's order."""
    return (show(world, kind, one) for one in world.tables[kind.name].since((0, 0)))


def page(world: World, query: Query) -> tuple[list[dict[str, Any]], str | None]:
    """The records of one page, and the cursor of the next one if there is more."""
    found = list(islice(world.tables[query.kind.name].since(query.position), query.limit + 1))
    cursor = None
    if len(found) > query.limit:
        after = found.pop()
        cursor = Cursor(query.kind.name, query.limit, query.since, after.updated, after.key)
    shown = [show(world, query.kind, record) for record in found]
    return shown, cursor.encode() if cursor else None


def read_query(kind: Kind, given: Mapping[str, str], errors: dict[str, str]) -> Query | None:
    """Check the parameters; what is wrong goes into the errors, by parameter."""
    limit = _limit(given.get("limit"), errors)
    since = _since(given.get("updated_since"), errors)
    text = given.get("cursor")
    if errors or text is None:
        start = since or 0
        return None if errors else Query(kind, limit or DEFAULT_LIMIT, start, (start, 0))
    cursor = _decode(text)
    if cursor is None or cursor.kind != kind.name:
        errors["cursor"] = "Expected a cursor that this list has given."
    elif (limit or cursor.limit, cursor.since if since is None else since) != _bound(cursor):
        errors["cursor"] = "This cursor belongs to a query with other parameters."
    else:
        return Query(kind, cursor.limit, cursor.since, (cursor.updated, cursor.key))
    return None


def _bound(cursor: Cursor) -> tuple[int, int]:
    return cursor.limit, cursor.since


def _limit(text: str | None, errors: dict[str, str]) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_LIMIT:
        return int(text)
    errors["limit"] = f"Expected a whole number from 1 to {MOST_LIMIT}."
    return None


def _since(text: str | None, errors: dict[str, str]) -> int | None:
    moment = from_rfc3339(text) if text is not None else None
    if text is not None and moment is None:
        errors["updated_since"] = "Expected a moment such as 2026-11-01T09:00:00Z (RFC 3339)."
    return moment


def _decode(text: str) -> Cursor | None:
    try:
        raw = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        return msgspec.json.decode(raw, type=Cursor)
    except (ValueError, msgspec.MsgspecError):
        return None
