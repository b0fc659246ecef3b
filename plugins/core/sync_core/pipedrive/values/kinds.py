"""Kinds of values, as messages and the table of rules call them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sync_core.canonical import canon

TEXT, NUMBER, FLAG, LIST, OBJECT = "text", "number", "true or false", "list", "object"

_SHOWN = {TEXT: "other text", NUMBER: "a number", LIST: "a list", OBJECT: "an object"}
_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, FLAG),
    (str, TEXT),
    (list, LIST),
    (dict, OBJECT),
    ((int, float, Decimal), NUMBER),
)


def kind(value: Any) -> str:
    """A value's kind, never the value itself, which may be personal."""
    name = next((name for of, name in _KINDS if isinstance(value, of)), "something else")
    return _SHOWN.get(name, name)


def same(stored: Any, wanted: Any) -> bool:
    """Whether two values say the same."""
    return bool(canon(stored) == canon(wanted))
