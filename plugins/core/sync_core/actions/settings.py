"""The `actions` setting, read strictly: everything that can't work is said at once, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sync_core.actions.conditions import Condition, Group, read_condition
from sync_core.actions.moments import Due, read_clock, read_length, read_span
from sync_core.errors import ConfigurationError
from sync_core.settings import collected, section
from sync_core.templates import Template, parse_template
from sync_core.text import near
from sync_core.zones import read_zone

#: What an action may watch, and the stream in which it comes.
STREAMS: Mapping[str, str] = {"user": "users", "account": "accounts"}
OWNER = "owner"
#: More than anyone plans ahead, and few enough for the calendar to hold.
_LONGEST_DAYS = 3650

_ACTION: Mapping[str, type] = {
    "name": str,
    "when": object,
    "activity": object,
    "fire_on_first_run": bool,
    "reenter_after": str,
}
_ACTIVITY: Mapping[str, type] = {
    "type": str,
    "subject": str,
    "note": str,
    "assignee": object,
    "priority": str,
    "due_in_days": object,
    "due_in_hours": object,
    "at": str,
    "zone": str,
    "duration": str,
    "open_deal": bool,
}


@dataclass(frozen=True)
class ActivitySettings:
    """The activity as the analyst wrote it.

    Attributes:
        type: Name or key of an activity type.
        subject: Plain text.
        note: HTML; None for none.
        assignee: E-mail address or id of a user, or `owner`; empty leaves it to Pipedrive.
        priority: Label of a priority; empty for none.
        due: When it is due.
        duration: `HH:MM`; empty for none.
        open_deal: Whether it is linked to the record's one open deal.
        setting: Where it stands, for messages.
    """

    type: str
    subject: Template
    note: Template | None
    assignee: str
    priority: str
    due: Due
    duration: str
    open_deal: bool
    setting: str


@dataclass(frozen=True)
class Action:
    """One action as the analyst wrote it.

    Attributes:
        name: Its name, by which it remembers.
        entity: `user` or `account`.
        when: Its condition.
        activity: What it creates.
        fire_on_first_run: Whether what is already so when a record is first seen counts.
        reenter_after: How long it keeps quiet for a record after firing.
        setting: Where it stands, for messages.
    """

    name: str
    entity: str
    when: Condition | Group
    activity: ActivitySettings
    fire_on_first_run: bool
    reenter_after: timedelta | None
    setting: str

    @property
    def stream(self) -> str:
        """The stream that it watches."""
        return STREAMS[self.entity]


def read_actions(given: Any) -> list[Action]:
    """Read the setting.

    Raises:
        ConfigurationError: Lists everything that can't be read.
    """
    if given is None:
        return []
    if not isinstance(given, list):
        raise ConfigurationError("actions: expected a list of {name, when, activity}")
    actions: list[Action] = collected(
        *(partial(_action, each, f"actions[{at}]") for at, each in enumerate(given))
    )
    names = [action.name for action in actions]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(
            f"actions: several are called {', '.join(map(repr, twice))}; an action remembers by "
            "its name, so each needs its own"
        )
    return actions


def _action(given: Any, setting: str) -> Action:
    values, bad, strictly = _values(given, setting, _ACTION)
    name = (values["name"] or "").strip()
    where = f"actions.{name}" if name else setting
    _, _, (entity, when), activity, quiet = collected(
        strictly,
        lambda: "name" in bad or _required(values, "name", setting),
        lambda: ("", None) if "when" in bad else _when(values["when"], f"{where}.when"),
        lambda: "activity" in bad or _activity(values["activity"], f"{where}.activity"),
        partial(_optional, read_span, values["reenter_after"], f"{where}.reenter_after"),
    )
    first = bool(values["fire_on_first_run"])
    return Action(name, entity, when, activity, first, quiet, where)


def _values(
    given: Any, setting: str, kinds: Mapping[str, type]
) -> tuple[dict[str, Any], frozenset[str], Callable[[], Any]]:
    """What can be read of an object, the keys that can't, and the check that refuses those."""
    about = {} if given is None else given
    entries = about if isinstance(about, Mapping) else dict.fromkeys(kinds, about)
    read = {key: entries.get(key) for key in kinds}
    bad = frozenset(k for k, v in read.items() if v is not None and not isinstance(v, kinds[k]))
    bad |= frozenset() if isinstance(about, Mapping) else frozenset(kinds)
    values = {key: None if key in bad else value for key, value in read.items()}
    return values, bad, lambda: section({setting: about}, setting, kinds)


def _required(values: Mapping[str, Any], key: str, setting: str) -> str:
    if not (values[key] or "").strip():
        raise ConfigurationError(f"{setting}.{key}: expected a text, and there is none")
    return str(values[key]).strip()


def _optional(read: Any, given: Any, setting: str) -> Any:
    return None if given is None else read(given, setting)


def _when(given: Any, setting: str) -> tuple[str, Condition | Group]:
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{setting}: expected an object with entity and a condition")
    rest = {key: value for key, value in given.items() if key != "entity"}
    _, condition = collected(
        partial(_entity, given.get("entity"), f"{setting}.entity"),
        partial(read_condition, rest, setting),
    )
    return given["entity"], condition


def _entity(given: Any, setting: str) -> None:
    if given not in STREAMS:
        hint = near(str(given), STREAMS)
        raise ConfigurationError(f"{setting}: expected user or account, got {given!r}; {hint}")


def _activity(given: Any, setting: str) -> ActivitySettings:
    values, bad, strictly = _values(given, setting, _ACTIVITY)
    _, type_, subject, note, assignee, due, duration = collected(
        strictly,
        lambda: "type" in bad or _required(values, "type", setting),
        lambda: "subject" in bad or _subject(values, setting),
        partial(_optional, parse_template, values["note"], f"{setting}.note"),
        partial(_optional, _assignee, values["assignee"], f"{setting}.assignee"),
        partial(_due, values, setting),
        partial(_optional, read_length, values["duration"], f"{setting}.duration"),
    )
    return ActivitySettings(
        type=type_,
        subject=subject,
        note=note,
        assignee=assignee or "",
        priority=(values["priority"] or "").strip(),
        due=due,
        duration=duration or "",
        open_deal=bool(values["open_deal"]),
        setting=setting,
    )


def _subject(values: Mapping[str, Any], setting: str) -> Template:
    return parse_template(_required(values, "subject", setting), f"{setting}.subject")


def _assignee(given: Any, setting: str) -> str:
    if isinstance(given, bool) or not isinstance(given, (str, int)) or not str(given).strip():
        raise ConfigurationError(f"{setting}: expected an e-mail address, a user's id, or owner")
    return str(given).strip()


def _due(values: Mapping[str, Any], setting: str) -> Due:
    days, hours, at, zone = collected(
        partial(_optional, _whole, values["due_in_days"], f"{setting}.due_in_days"),
        partial(_optional, _some, values["due_in_hours"], f"{setting}.due_in_hours"),
        partial(_optional, read_clock, values["at"], f"{setting}.at"),
        partial(read_zone, values["zone"] or "UTC", f"{setting}.zone"),
    )
    if days is not None and hours is not None:
        raise ConfigurationError(f"{setting}: due_in_days and due_in_hours exclude each other")
    if at is not None and days is None:
        raise ConfigurationError(f"{setting}.at: needs due_in_days, which may be 0")
    return Due(days, hours, at, zone)


def _whole(given: Any, setting: str) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= _LONGEST_DAYS:
        raise ConfigurationError(f"{setting}: expected a whole number from 0 to {_LONGEST_DAYS}")
    return given


def _some(given: Any, setting: str) -> float:
    longest = _LONGEST_DAYS * 24
    if not isinstance(given, (int, float)) or isinstance(given, bool) or not 0 <= given <= longest:
        raise ConfigurationError(f"{setting}: expected a number from 0 to {longest}")
    return given
