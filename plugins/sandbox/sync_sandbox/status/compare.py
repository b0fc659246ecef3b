"""Which fields of both services mean the same, and whether they agree.

The pairs are the sandbox's own reading of its seeded fields. A custom field that was renamed or
removed shows as empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync_sandbox.journy.records import ACCOUNT, USER, Kind, Record

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row
    from sync_sandbox.world import World

Texts = list[str]
LONGEST = 400
DAY = len("2026-11-01")


def exact(text: str) -> str:
    """As it stands."""
    return text


def folded(text: str) -> str:
    """Without regard to case."""
    return text.strip().casefold()


def day(text: str) -> str:
    """The day of a moment."""
    return text[:DAY]


def host(text: str) -> str:
    """The host of an address."""
    return folded(text).removeprefix("https://").removeprefix("http://").split("/")[0]


def phone(text: str) -> str:
    """The digits of a number."""
    return "".join(filter(str.isdigit, text))


def equal(left: Texts, right: Texts) -> bool:
    """Both sides hold the same."""
    return left == right


def shared(left: Texts, right: Texts) -> bool:
    """One value stands on both sides, or none on either: lists agree when they meet."""
    return bool(set(left) & set(right)) or not (left or right)


@dataclass(frozen=True)
class Line:
    """One field on both sides.

    Attributes:
        label: what people call it.
        pipedrive: a built-in field's code or a custom field's name.
        journy: a property, or `external`, `contact` or `linked` of the record.
        as_compared: what is compared of a text.
        agree: when the two sides agree.
    """

    label: str
    pipedrive: str
    journy: str
    as_compared: Callable[[str], str] = exact
    agree: Callable[[Texts, Texts], bool] = equal


LINES: Mapping[str, tuple[Line, ...]] = {
    "person": (
        Line("Name", "name", "full_name"),
        Line("E-mail", "emails", "contact", folded, shared),
        Line("Company", "org_id", "linked", exact, shared),
        Line("Phone", "phones", "phone", phone, shared),
        Line("Support line", "Support line", "support_phone", phone),
        Line("Health", "Customer health", "health"),
        Line("Churn", "Churn score", "churn_score"),
        Line("Stage", "Lifecycle stage", "stage"),
        Line("Last seen", "Last seen", "last_seen_at", day),
    ),
    "organization": (
        Line("Name", "name", "name"),
        Line("Account ID", "Account ID", "external"),
        Line("Domain", "website", "contact", host),
        Line("Plan", "Plan", "plan"),
        Line("MRR", "MRR", "mrr"),
        Line("Health", "Customer health", "health"),
    ),
}


class Comparison:
    """Reads the fields of one pair's two sides; made once an answer, for it looks fields up."""

    def __init__(self, world: World, entity: str) -> None:
        self.lines = LINES[entity]
        self._state = world.pipedrive.state
        self._journy = world.journy.world
        self._kind: Kind = USER if entity == "person" else ACCOUNT
        self._custom = _custom_fields(self._state, entity)

    def cells(self, row: Row | None, record: Record | None) -> list[dict[str, Any]]:
        """What both sides hold, line by line. A side that isn't there holds None."""
        return [self._cell(line, row, record) for line in self.lines]

    def agree(self, row: Row, record: Record) -> bool:
        """Whether both sides hold the same in every line."""
        return all(
            _agree(line, self.ours(line, row), self.theirs(line, record)) for line in self.lines
        )

    def _cell(self, line: Line, row: Row | None, record: Record | None) -> dict[str, Any]:
        ours = None if row is None else self.ours(line, row)
        theirs = None if record is None else self.theirs(line, record)
        one_sided = ours is None or theirs is None
        return {
            "pipedrive": _shown(line, ours),
            "journy": _shown(line, theirs),
            "same": one_sided or _agree(line, ours or [], theirs or []),
        }

    def ours(self, line: Line, row: Row) -> Texts:
        """What the Pipedrive record holds, as texts."""
        if line.pipedrive == "org_id":
            organization = self._state.find("organization", row["org_id"])
            return _texts(organization and organization["name"])
        if line.pipedrive in row:
            return _texts(row[line.pipedrive])
        code, labels = self._custom.get(line.pipedrive, ("", {}))
        value = row["custom_fields"].get(code)
        return _texts(labels.get(value, value) if labels and not isinstance(value, list) else value)

    def theirs(self, line: Line, record: Record) -> Texts:
        """What the journy record holds, as texts."""
        if line.journy == "linked":
            others = self._journy.linked(self._kind, record)
            return [str(other.properties.get("name") or other.label()) for other in others]
        if line.journy in ("external", "contact"):
            return _texts(getattr(record, line.journy))
        return _texts(record.properties.get(line.journy))


def _custom_fields(state: State, entity: str) -> dict[str, tuple[str, dict[Any, str]]]:
    """Codes and option labels of the custom fields, by name."""
    return {
        field["field_name"]: (
            field["field_code"],
            {option["id"]: option["label"] for option in field["options"] or ()},
        )
        for field in state.fields[entity].all()
        if field["is_custom_field"]
    }


def _texts(value: Any) -> Texts:
    """A value as texts; nothing for no value."""
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    if isinstance(value, dict):
        return _texts(value.get("value"))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return [] if value in (None, "") else [str(value)]


def _agree(line: Line, ours: Texts, theirs: Texts) -> bool:
    return line.agree(*([line.as_compared(text) for text in side] for side in (ours, theirs)))


def _shown(line: Line, texts: Texts | None) -> str | None:
    if texts is None:
        return None
    text = ", ".join(map(day if line.as_compared is day else exact, texts))
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
