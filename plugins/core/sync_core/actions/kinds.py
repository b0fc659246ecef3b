"""The kinds of condition, one row each: what is remembered of a record, and what is an edge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sync_core.canonical import canon, digest, is_empty
from sync_core.text import fold

YES, NO = "1", "0"
Test = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Kind:
    """One kind of condition.

    Attributes:
        name: Its key in settings.
        of: What it is about: a `segment` or a `property`.
        expects: What may stand beside the key, for messages.
        accepts: Whether something may stand there.
        state: (remembered state, value, argument) -> the state to remember; no personal data.
        blank: The state of a record that didn't exist before: what it is then can be an edge.
        momentary: Whether it holds only while its state changes, rather than from then on.
        numeric: Whether the property has to be able to hold a number.
    """

    name: str
    of: str
    expects: str
    accepts: Callable[[Any], bool]
    state: Callable[[str | None, Any, Any], str]
    blank: str | None
    momentary: bool = False
    numeric: bool = False

    def holds(self, before: str | None, after: str) -> bool:
        """Whether the condition holds in a state that followed another."""
        return before not in (None, after) if self.momentary else after == YES

    def happens(self, before: str | None, after: str) -> bool:
        """Whether it has come true just now; unknown without a state before."""
        known = before is not None
        return known and before != after and self.holds(before, after)


def _level(test: Test) -> Callable[[str | None, Any, Any], str]:
    return lambda _before, value, argument: YES if test(value, argument) else NO


def _once(before: str | None, value: Any, _argument: Any) -> str:
    """Stays true for good."""
    return YES if before == YES or not is_empty(value) else NO


def _fingerprint(_before: str | None, value: Any, _argument: Any) -> str:
    return digest(value)


def number(value: Any) -> Decimal | None:
    """A value as a number; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _said(value: Any) -> str:
    """What a value says, regardless of case, of blanks and of how a number is spelt."""
    found = number(value)
    return fold(str(canon(value if found is None else found)))


def _is(value: Any, wanted: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(_said(each) == _said(wanted) for each in values if not is_empty(each))


def _above(value: Any, limit: Any) -> bool:
    found = number(value)
    return found is not None and found > Decimal(str(limit))


def _below(value: Any, limit: Any) -> bool:
    found = number(value)
    return found is not None and found < Decimal(str(limit))


def _is_name(given: Any) -> bool:
    return isinstance(given, str) and bool(given.strip())


def _is_value(given: Any) -> bool:
    return isinstance(given, (str, int, float, bool)) and not is_empty(given)


def _is_number(given: Any) -> bool:
    return not isinstance(given, str) and number(given) is not None


_SEGMENT = ("segment", "the name of a segment", _is_name)
_VALUE = ("property", "a text, a number, or true or false", _is_value)
_LIMIT = ("property", "a number", _is_number)
_TRUE = ("property", "true", lambda given: given is True)

#: A new kind of condition is a row. What ends a state can't have ended for one that begins with it.
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("segment_entered", *_SEGMENT, _level(lambda names, name: name in names), NO),
        Kind("segment_left", *_SEGMENT, _level(lambda names, name: name not in names), YES),
        Kind("becomes", *_VALUE, _level(_is), NO),
        Kind("stops_being", *_VALUE, _level(lambda value, wanted: not _is(value, wanted)), YES),
        Kind("crosses_above", *_LIMIT, _level(_above), NO, numeric=True),
        Kind("crosses_below", *_LIMIT, _level(_below), NO, numeric=True),
        Kind("changes", *_TRUE, _fingerprint, None, momentary=True),
        Kind("set_first_time", *_TRUE, _once, NO),
    )
}
