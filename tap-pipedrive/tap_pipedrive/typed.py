"""Rows that are decoded straight into the declared types, in half the time that objects take.

A page on which some value has another type, or some name isn't known, is decoded into dictionaries
instead: those are looked at value by value, so that the log can tell what is the matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec
from sync_core import answers

from tap_pipedrive.filling import Slot, converted
from tap_pipedrive.rows import CUSTOM, Layout

#: What the ways of reading look at, selected or not.
_ALWAYS = ("id", "update_time", "is_deleted")
#: Pages with values of other types, after which all are decoded into dictionaries.
_MOST_MISFITS = 10
#: Stands before names that aren't ours, so that none is that of a method.
_PREFIX = "x_"


class TypedRow(msgspec.Struct):
    """A row that has an attribute for each name; what the answer leaves out is None."""

    def get(self, name: str) -> Any:
        """The value of a built-in name."""
        return getattr(self, name, None)

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


#: A row as it is read: as it came, or typed.
Row = dict[str, Any] | TypedRow


class TypedBody(msgspec.Struct):
    """An answer with typed rows.

    Attributes:
        success: Whether the service calls it a success.
        data: The rows.
        additional_data: What it says of the pages behind.
    """

    success: bool
    data: list[Any]
    additional_data: Any = None

    @property
    def frame(self) -> dict[str, Any]:
        """What stands around the rows."""
        return {"additional_data": self.additional_data}


class _Alive(TypedRow):
    """What tells whether a record is there; all else of its row is passed over."""

    id: Any = None
    is_deleted: Any = None


class _Ids(TypedBody):
    data: list[_Alive]


_IDS = msgspec.json.Decoder(_Ids)


def ids(content: bytes) -> Any:
    """The answer in a body, of whose rows nothing but ids is wanted."""
    return _decoded(_IDS, content)


def _decoded(decoder: msgspec.json.Decoder[Any], content: bytes) -> Any:
    """A `TypedBody`, or any JSON where an answer doesn't fit."""
    try:
        body: TypedBody = decoder.decode(content)
    except (ValueError, RecursionError):
        return answers.decoded(content)
    return body if body.success else answers.decoded(content)


def fits(layout: Layout) -> bool:
    """Whether the rows of a layout can be typed: flat ones of API v2, with the usual keys."""
    return layout.is_flat and all(map(_is_usable, layout.keys))


def _is_usable(key: str) -> bool:
    """Whether an attribute can be called like a custom field's key; other pages don't fit."""
    return (_PREFIX + key).isidentifier()


class Reader:
    """Decodes the pages of one list, and makes records of their rows."""

    def __init__(self, layout: Layout) -> None:
        """Prepare for the columns that a layout fills now; no others later."""
        self._layout = layout
        self._misfits, self._ignored = 0, -1
        self._built_in = _getter([slot.key for slot in layout.slots])
        self._custom = _getter([_PREFIX + slot.key for slot in layout.custom_slots])
        self._empty = (None,) * len(layout.custom_slots)
        self._strange = _strange(layout.slots) + _strange(layout.custom_slots, len(layout.slots))
        columns = [slot.name for slot in (*layout.slots, *layout.custom_slots)]
        self._record = _struct(dict.fromkeys(columns, Any), msgspec.Struct, _PREFIX)

    def decode(self, content: bytes) -> Any:
        """The answer in a body: a `TypedBody`, or any JSON where it doesn't fit."""
        if self._misfits >= _MOST_MISFITS:
            return answers.decoded(content)
        self._learn()
        body = _decoded(self._decoder, content)
        self._misfits += not isinstance(body, TypedBody)
        return body

    def _learn(self) -> None:
        """Pass over the names that rows turned out to have and the layout has no column for."""
        ignored = len(self._layout.unknown) + len(self._layout.unheard)
        if ignored != self._ignored:
            self._decoder = msgspec.json.Decoder(_body(self._layout))
            self._misfits, self._ignored = 0, ignored

    def record(self, row: TypedRow) -> Any:
        """The record of one row; what encodes it takes it for a dictionary."""
        custom = row.get(CUSTOM)
        values = [*self._built_in(row), *(self._empty if custom is None else self._custom(custom))]
        for place, slot in self._strange:
            value = values[place]
            if value is not None:
                values[place] = converted(slot, value, self._layout.misfits)
        return self._record(*values)


def _body(layout: Layout) -> type[Any]:
    """The answer that a layout expects; what it has no column for is passed over."""
    unheard = {key for key in layout.unheard if _is_usable(key)}
    passed = dict.fromkeys(layout.keys | unheard, msgspec.Raw)
    custom = _struct({**passed, **_types(layout.custom_slots)}, msgspec.Struct, _PREFIX)
    unknown = [n for n in layout.unknown if n.isidentifier() and not hasattr(TypedRow, n)]
    row = _struct(
        {
            **dict.fromkeys([*unknown, *layout.built_in], msgspec.Raw),
            **dict.fromkeys(_ALWAYS, Any),
            **_types(layout.slots),
            CUSTOM: custom | None,
        },
        TypedRow,
    )
    rows: Any = list[row]  # type: ignore[valid-type]  # made just now
    body: type[Any] = msgspec.defstruct("Body", [("data", rows)], bases=(TypedBody,))
    return body


def _types(slots: Iterable[Slot]) -> dict[str, Any]:
    """Key -> the type that its values are decoded into; any, where a column converts them."""
    types: dict[str, Any] = {}
    for slot in slots:
        types[slot.key] = slot.decoded if types.get(slot.key, slot.decoded) == slot.decoded else Any
    return types


def _strange(slots: Sequence[Slot], first: int = 0) -> list[tuple[int, Slot]]:
    """The columns that convert their values, and their places."""
    types = _types(slots)
    return [(n, slot) for n, slot in enumerate(slots, first) if types[slot.key] is Any]


def _struct(types: Mapping[str, Any], base: type[msgspec.Struct], prefix: str = "") -> type[Any]:
    """A type that has an attribute for each name, behind a prefix."""
    fields = [(prefix + name, kind, None) for name, kind in types.items()]
    rename = {prefix + name: name for name in types}
    return msgspec.defstruct(
        "Row", fields, bases=(base,), rename=rename, forbid_unknown_fields=True, gc=False
    )


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Gives the values of attributes, as `attrgetter` does for two and more."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda row: tuple(getattr(row, name) for name in names)
