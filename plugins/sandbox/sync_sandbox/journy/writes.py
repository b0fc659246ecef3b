"""What each accepted write does to the world, one function for each operation.

An operation is a plain dictionary, so that writes which still wait can be saved with the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sync_sandbox.journy.computed import put
from sync_sandbox.journy.identity import chosen
from sync_sandbox.journy.records import ACCOUNT, KINDS, USER
from sync_sandbox.journy.times import from_iso, to_iso

if TYPE_CHECKING:
    from sync_sandbox.journy.records import Record
    from sync_sandbox.journy.world import Operation, World


class Write(Protocol):
    """Applies one operation; its own arguments are the operation's keys."""

    def __call__(self, world: World, now: int, **arguments: Any) -> None:
        """Change the world."""
        ...


def apply(world: World, operation: Operation, now: int) -> None:
    """Apply one operation as of a moment."""
    arguments = {name: value for name, value in operation.items() if name != "do"}
    _WRITES[operation["do"]](world, now, **arguments)


def _upsert(world: World, now: int, **arguments: Any) -> None:
    kind = KINDS[arguments["kind"]]
    record = world.owner(kind, arguments["identification"], now)
    changed = False
    for name, value in arguments["properties"].items():
        deleted = value is None and record.properties.pop(name, None) is not None
        changed |= deleted or put(record, name, value)
    world.finish(kind, record, now, changed=changed)


def _delete(world: World, now: int, **arguments: Any) -> None:
    kind = KINDS[arguments["kind"]]
    record = chosen(world.found(kind, arguments["identification"]), world.switches)
    if record is not None:
        world.delete(kind, record, now)


def _add_members(world: World, now: int, **arguments: Any) -> None:
    account = world.linkable(ACCOUNT, arguments["account"], now)
    for one in arguments["users"] if account is not None else ():
        user = world.linkable(USER, one["identification"], now)
        if account is not None and user is not None:
            world.link(user, account, now)


def _remove_members(world: World, now: int, **arguments: Any) -> None:
    account = chosen(world.found(ACCOUNT, arguments["account"]), world.switches)
    for one in arguments["users"] if account is not None else ():
        user = chosen(world.found(USER, one["identification"]), world.switches)
        if account is not None and user is not None and user.key in account.links:
            account.former[user.key] = None
            world.unlink(USER, user, account, now)


def _link(world: World, now: int, **arguments: Any) -> None:
    user = world.linkable(USER, arguments["identification"], now)
    if user is not None:
        world.devices[arguments["device"]] = user.key


def _track(world: World, now: int, **arguments: Any) -> None:
    subjects: dict[str, Record] = {}
    for kind, identification in arguments["identification"].items():
        record = world.linkable(KINDS[kind], identification, now)
        if record is not None:
            subjects[kind] = record
    name, at = arguments["name"], arguments["at"]
    if name not in world.event_names:
        world.event_names.append(name)
    keys = {kind: record.key for kind, record in subjects.items()}
    event = {"name": name, "at": at, "metadata": arguments["metadata"], **keys}
    world.occurrences.append(event)
    for kind, record in subjects.items():
        world.finish(KINDS[kind], record, now, changed=_note_activity(record, at))


def _note_activity(record: Record, at: int) -> bool:
    """Widen the span between a record's first and last activity so that the moment lies in it."""
    first = from_iso(record.properties.get("first_activity_at", to_iso(at)))
    last = from_iso(record.properties.get("last_activity_at", to_iso(at)))
    changed = put(record, "first_activity_at", to_iso(min(at, at if first is None else first)))
    return put(record, "last_activity_at", to_iso(max(at, at if last is None else last))) or changed


_WRITES: dict[str, Write] = {
    "upsert": _upsert,
    "delete": _delete,
    "add_members": _add_members,
    "remove_members": _remove_members,
    "link": _link,
    "track": _track,
}
