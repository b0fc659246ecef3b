"""Exports to files, as a customer may have them: an assumption, for journy documents no export.

Two forms: the listing's records, one JSON object a line; and identify, group and track calls in
Segment's specification, whose archives are such lines.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sync_sandbox.journy.listing import records
from sync_sandbox.journy.records import ACCOUNT, USER, Record
from sync_sandbox.journy.times import to_iso

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from sync_sandbox.journy.world import World

KINDS = {"users": USER, "accounts": ACCOUNT}
Which = Literal["users", "accounts"]
BOTH: tuple[Which, ...] = ("users", "accounts")
Line = dict[str, Any]


def write_records(world: World, path: str | os.PathLike[str], which: Which) -> int:
    """Write all users or all accounts, and say how many there were.

    Args:
        world: Where they are.
        path: The file; it is replaced as a whole.
        which: Users or accounts.
    """
    world.settle()
    return _write(path, records(world, KINDS[which]))


def write_segment_lines(
    world: World,
    path: str | os.PathLike[str],
    which: Iterable[Which] = BOTH,
) -> int:
    """Write identify and track lines (users), group lines (accounts), or both; say how many.

    Args:
        world: Where the records are.
        path: The file; it is replaced as a whole.
        which: Both, or one of them for files that are kept apart.
    """
    world.settle()
    lines = {"users": _user_lines, "accounts": _account_lines}
    return _write(path, (line for name in which for line in lines[name](world)))


def _user_lines(world: World) -> Iterator[Line]:
    users = world.users
    for user in users.since((0, 0)):
        yield _line("identify", user.updated, _user_id(user), traits=user.properties)
    for event in world.occurrences:
        subject = users.records.get(event.get("user", 0))
        if subject is not None:
            named = {"event": event["name"], "properties": event["metadata"]}
            yield _line("track", event["at"], _user_id(subject), **named)


def _account_lines(world: World) -> Iterator[Line]:
    """One line with traits for each account, then one for each member, as Segment links users."""
    for account in world.accounts.since((0, 0)):
        group = {"groupId": account.label()}
        nobody = {"anonymousId": f"account-{account.key}"}
        yield _line("group", account.updated, nobody, **group, traits=account.properties)
        for user in world.linked(ACCOUNT, account):
            yield _line("group", account.updated, _user_id(user), **group)


def _user_id(user: Record) -> Line:
    """Segment asks for a userId or an anonymousId in every call."""
    if user.external is not None:
        return {"userId": user.external}
    return {"anonymousId": f"user-{user.key}"}


def _line(kind: str, at: int, who: Line, **rest: Any) -> Line:
    return {"type": kind, **who, **rest, "timestamp": to_iso(at)}


def _write(path: str | os.PathLike[str], lines: Iterable[Line]) -> int:
    """Write JSON Lines beside the file and put them in its place when they are complete."""
    target = Path(path)
    partial = target.with_name(target.name + ".partial")
    count = 0
    with partial.open("wb") as file:
        for line in lines:
            file.write(msgspec.json.encode(line) + b"\n")
            count += 1
    partial.replace(target)
    return count
