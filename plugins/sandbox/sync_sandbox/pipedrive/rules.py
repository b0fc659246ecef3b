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
# What only makes sense with a status, and with which.
FITTING_STATUS: dict[str, tuple[str, ...]] = {
    "lost_reason": ("lost",),
    "lost_time": ("lost",),
    "won_time": ("won",),
    "close_time": ("won", "lost"),
}
DEFAULT_ACTIVITY = {"subject": "Call", "type": "call"}


def split_name(name: str, where: str = "first_word") -> dict[str, Any]:
    """After the first word, or before the last one."""
    first, _, last = name.strip().partition(" ")
    if where == "last_word" and last:
        first, _, last = name.strip().rpartition(" ")
    return {"first_name": first.strip(), "last_name": last.strip() or None}


def person(call: Call, changes: Row, row: Row | None) -> Row:
    """A name is split; two parts are joined. A new person needs one or the other."""
    if "name" in changes and any(part in changes for part in PARTS):
        changes = _choose_name(call, changes)
    if "name" in changes:
        where = call.state.switches.get("pipedrive.name_split")
        return {**changes, **split_name(changes["name"], where)}
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


def deal(call: Call, changes: Row, row: Row | None) -> Row:
    """A stage belongs to its pipeline; a status brings its times; an archived deal stands still."""
    if row is not None and row["is_archived"] and changes.get("is_archived") is not False:
        raise InvalidError("is_archived", "an archived deal can't be changed")
    changes = _stage(call, changes, row)
    changes = _status(call, changes, row)
    if changes.get("is_archived") and not changes.get("archive_time"):
        changes["archive_time"] = call.state.stamp()
    if changes.get("is_archived") is False:
        changes["archive_time"] = None
    return changes


def _stage(call: Call, changes: Row, row: Row | None) -> Row:
    """Without a stage a deal begins in the first one of its pipeline."""
    changes, stages = dict(changes), call.state.tables["stage"].rows
    if "stage_id" in changes and changes["stage_id"] is not None:
        home = stages[changes["stage_id"]]["pipeline_id"]
        if changes.setdefault("pipeline_id", home) != home:
            raise InvalidError("stage_id", f"is not a stage of pipeline {changes['pipeline_id']}")
    elif row is None or changes.get("pipeline_id", row["pipeline_id"]) != row["pipeline_id"]:
        changes["pipeline_id"] = changes.get("pipeline_id") or _first(call, "pipeline", {})
        wanted = {"pipeline_id": changes["pipeline_id"]}
        changes["stage_id"] = _first(call, "stage", wanted)
    if "stage_id" in changes and (row is None or changes["stage_id"] != row["stage_id"]):
        changes["stage_change_time"] = call.state.stamp()
    return changes


def _first(call: Call, entity: str, wanted: Row) -> int:
    rows = call.state.tables[entity].rows.values()
    fitting = [r for r in rows if not r["is_deleted"] and wanted.items() <= r.items()]
    if not fitting:
        raise InvalidError(f"{entity}_id", "is required, since there is none to begin in")
    first: int = min(fitting, key=lambda r: r["order_nr"])["id"]
    return first


def _status(call: Call, changes: Row, row: Row | None) -> Row:
    """lost_reason and the times go with their status only."""
    old = "open" if row is None else row["status"]
    status = changes.get("status", old)
    for name, fitting in FITTING_STATUS.items():
        if changes.get(name) is not None and status not in fitting:
            raise InvalidError(name, f"can't be set while the status is {status}")
    if status == old:
        return changes
    changes = {**dict.fromkeys(FITTING_STATUS), **changes}
    if status != "open":
        changes["close_time"] = changes["close_time"] or call.state.stamp()
        changes[f"{status}_time"] = changes[f"{status}_time"] or changes["close_time"]
        changes[f"local_{status}_date"] = changes[f"{status}_time"][:10]
        changes["local_close_date"] = changes["close_time"][:10]
    return changes


def product(_call: Call, changes: Row, row: Row | None) -> Row:
    """Prices carry the product's id when they are read; see `rendering`."""
    cycles = changes.get("billing_frequency_cycles")
    frequency = changes.get("billing_frequency", row and row["billing_frequency"])
    if cycles is not None and frequency in (None, "one-time"):
        raise InvalidError("billing_frequency_cycles", "needs a billing_frequency that repeats")
    return changes


def ordered(entity: str) -> Rule:
    """New pipelines and stages go to the end."""

    def rule(call: Call, changes: Row, row: Row | None) -> Row:
        if row is not None:
            return changes
        orders = [one["order_nr"] for one in call.state.tables[entity].rows.values()]
        return {**changes, "order_nr": max(orders, default=0) + 1}

    return rule


def plain(_call: Call, changes: Row, _row: Row | None) -> Row:
    """No rules of its own."""
    return changes


RULES: dict[str, Rule] = {
    "person": person,
    "organization": plain,
    "activity": activity,
    "deal": deal,
    "product": product,
    "pipeline": ordered("pipeline"),
    "stage": ordered("stage"),
}
