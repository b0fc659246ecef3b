"""Single and multiple options, by label or id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sync_core.canonical import canon, is_empty
from sync_core.mapping import TargetField, ValueMisfitError
from sync_core.mapping.fields import replaced
from sync_core.pipedrive.fields import Field
from sync_core.pipedrive.values.how import How
from sync_core.pipedrive.values.kinds import kind, same
from sync_core.pipedrive.values.scalars import SHORT
from sync_core.text import fold, has_control, length, near

Id = int | str


@dataclass(frozen=True)
class NewOption:
    """An option that is made once it is certain that it gets written."""

    label: str


Choice = Id | NewOption


def option(value: Any, field: Field, how: How) -> Choice:
    """The option with this label, regardless of case and outer blanks; else the one of this id."""
    if isinstance(value, bool):
        value = "Yes" if value else "No"
    if not isinstance(value, (str, int, float, Decimal)):
        raise ValueMisfitError(f"expected the label of one option, got {kind(value)}")
    label = str(canon(value) or "")
    found = field.option(label)
    if found is not None:
        return found.id
    labels = [each.label for each in field.options]
    if fold(label) in map(fold, labels):
        raise ValueMisfitError("several options of the field have this label; rename one")
    by_id = next((each.id for each in field.options if str(each.id) == label), None)
    if by_id is not None:
        return by_id
    if how.add_option is not None and 0 < length(label) <= SHORT and not has_control(label):
        return NewOption(label)
    # The suggestion comes without the value: labels aren't personal, values may be.
    hint = near(label, labels, "the field has no options")
    raise ValueMisfitError(f"no option of the field fits the value; {hint}")


def _made(choice: Choice, field: Field, how: How) -> Id:
    if not isinstance(choice, NewOption):
        return choice
    assert how.add_option is not None  # noqa: S101 - without it there are no new options
    return how.add_option(field, choice.label)


def _label(stored: Any, field: Field) -> Any:
    return None if stored is None else field.label_of(stored) or stored


def single(field: Field, how: How) -> TargetField:
    """Single-option fields."""
    return TargetField(
        key=field.key,
        label=field.label,
        convert=lambda value: option(value, how.current(field), how),
        plain=lambda stored: _label(stored, how.current(field)),
        holds=lambda stored, wanted: not isinstance(wanted, NewOption) and same(stored, wanted),
        combine=(lambda _stored, wanted: _made(wanted, field, how)) if how.add_option else replaced,
        clearable=True,
    )


def multiple(field: Field, how: How) -> TargetField:
    """Multiple-option fields; with `merge: add` nothing that is stored is taken away."""
    adds = how.merge == "add"

    def convert(value: Any) -> list[Choice]:
        values = value if isinstance(value, list) else [value]
        now = how.current(field)
        chosen = {option(each, now, how) for each in values if not is_empty(each)}
        return sorted(chosen, key=str)

    def plain(stored: Any) -> Any:
        now = how.current(field)
        return [_label(each, now) for each in stored] if isinstance(stored, list) else None

    def holds(stored: Any, wanted: list[Choice]) -> bool:
        if any(isinstance(each, NewOption) for each in wanted):
            return False
        there = set(_listed(stored))
        return set(wanted) <= there if adds else set(wanted) == there

    def combine(stored: Any, wanted: Iterable[Choice]) -> list[Id]:
        ids = {_made(each, field, how) for each in wanted}
        kept = _listed(stored) if adds else []
        return [*kept, *sorted(ids - set(kept), key=str)]

    return TargetField(
        key=field.key,
        label=field.label,
        convert=convert,
        plain=plain,
        holds=holds,
        combine=combine if adds or how.add_option else replaced,
        adds=adds,
        clearable=not adds,
    )


def _listed(stored: Any) -> list[Id]:
    return stored if isinstance(stored, list) else []
