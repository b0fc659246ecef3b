"""What one entity does beyond its table: derived fields and rules across fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.store import Row

    # The call, the checked changes, and the stored row (None when creating).
    Rule = Callable[[Call, Row, Row | None], Row]

PARTS = ("first_name", "last_name")
DEFAULT_ACTIVITY = {"subject": "Call", "type": "call"}


def split_name(name: str) -> dict[str, Any]:
    """First word and the rest. How the real service splits longer names is not documented."""
    first, _, last = name.strip().partition(" ")
    return {"first_name": first, "last_name": last.strip() or None}


def person(call: Call, changes: Row, row: Row | None) -> Row:
    """A name is split; two parts are joined. A new person needs one or the other."""
    if "name" in changes and any(part in changes for part in PARTS):
        changes = _choose_name(call, changes)
    if "name" in changes:
        return {**changes, **split_name(changes["name"])}
    given = [part for part in PARTS if part in changes]
    if not given and row is not None:
        return changes
    if len(given) < len(PARTS):
        raise InvalidError("name", "is required, or both first_name and last_name")
    joined = " ".join(changes[part] for part in PARTS if changes[part])
    if not joined:
        raise InvalidError("name", "first_name and last_name can't both be empty")
    return {**changes, "name": joined}


def _choose_name(call: Call, changes: Row) -> Row:
    position = call.state.switches.get("pipedrive.name_with_parts")
    if position == "refuse":
        raise InvalidError("name", "can't be sent together with first_name or last_name")
    dropped = PARTS if position == "name_wins" else ("name",)
    return {name: value for name, value in changes.items() if name not in dropped}


def activity(call: Call, changes: Row, row: Row | None) -> Row:
    """The primary participant is the person; `done` sets its time."""
    changes = _defaults(call, changes) if row is None else dict(changes)
    if "participants" in changes:
        primary = [one["person_id"] for one in changes["participants"] if one["primary"]]
        changes["person_id"] = primary[0] if primary else None
    done = row is not None and row["done"]
    if changes.get("done", done) != done:
        changes["marked_as_done_time"] = call.state.stamp() if changes["done"] else None
    return changes


def _defaults(call: Call, changes: Row) -> Row:
    needed = call.state.switches.get("pipedrive.activity_minimum") == "subject"
    if needed and not changes.get("subject"):
        raise InvalidError("subject", "is required")
    return {**DEFAULT_ACTIVITY, **changes}


def plain(_call: Call, changes: Row, _row: Row | None) -> Row:
    """No rules of its own."""
    return changes


RULES: dict[str, Rule] = {
    "person": person,
    "organization": plain,
    "activity": activity,
}
