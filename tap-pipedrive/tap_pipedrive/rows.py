"""Pipedrive rows become records: flat, of the declared types, with custom fields as configured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sync_core.pipedrive.columns import Column, Schema, nullable

from tap_pipedrive.built_in import built_in_slot
from tap_pipedrive.filling import DECODED, Filler, Slot, converted

Row = Mapping[str, Any]
Record = dict[str, Any]
CUSTOM = "custom_fields"


class Layout:
    """The columns of one stream, and how a row fills them.

    Attributes:
        built_in: Schemas of the API's own top-level names.
        slots: The columns of these that are filled.
        custom_slots: The columns of custom fields that are filled.
        keys: Those of all custom fields of the catalogue.
        misfits: Column -> values that didn't fit the declared type and were left empty.
        unknown: Names in rows that the layout has no column for.
        unheard: Keys of custom fields that came up after the catalogue was read.
    """

    def __init__(
        self,
        built_in: Mapping[str, Schema],
        custom: Iterable[Column],
        mode: str,
        *,
        v1: bool = False,
    ) -> None:
        """Lay out the columns.

        Args:
            built_in: JSON Schemas of the API's own top-level names.
            custom: A column for each custom field.
            mode: `columns`, `object` or `raw`, as in the setting `custom_fields`.
            v1: Whether the rows are of API v1, with its own times.
        """
        self.built_in = built_in
        self._custom = list(custom)
        self._mode = mode
        self._v1 = v1
        self._known = {*built_in, CUSTOM}
        self.slots = [built_in_slot(name, schema, v1) for name, schema in built_in.items()]
        self._places = {slot.name: slot for slot in self.slots}
        self.custom_slots = [_custom_slot(column) for column in self._custom]
        self.keys = {column.key for column in self._custom}
        self.misfits: Counter[str] = Counter()
        self.unknown: set[str] = set()
        self.unheard: set[str] = set()
        self._make_fillers()

    @property
    def custom(self) -> list[Column]:
        """The columns of custom fields."""
        return self._custom

    @property
    def is_flat(self) -> bool:
        """Whether a record has the values of its row as they are, a column each."""
        return self._mode == "columns" and not self._v1

    @property
    def names(self) -> list[str]:
        """The columns that are filled."""
        custom = [slot.name for slot in self.custom_slots] if self._mode == "columns" else [CUSTOM]
        return [slot.name for slot in self.slots] + (custom if self._custom else [])

    @property
    def schema(self) -> Schema:
        """JSON Schema of a record."""
        marked = {n: {**s, "x-pipedrive": {"key": n}} for n, s in self.built_in.items()}
        return {"type": "object", "properties": {**marked, **self._custom_schemas()}}

    def _custom_schemas(self) -> dict[str, Schema]:
        each = {column.name: column.schema for column in self._custom}
        if self._mode == "columns":
            return each
        extra: Schema = {"x-pipedrive": {"key": CUSTOM}}
        if self._mode == "object":
            extra["properties"] = each
        return {CUSTOM: nullable("object", **extra)}

    def has_place(self, name: str, value: Any) -> bool:
        """Whether a value says something in a built-in column, as a key has to."""
        slot = self._places[name]
        if type(value) is slot.plain:
            return value != ""
        return value is not None and converted(slot, value, Counter()) is not None

    def keep(self, names: Collection[str]) -> None:
        """Fill only these columns from now on."""
        self.slots = [slot for slot in self.slots if slot.name in names]
        if self._mode == "columns":
            self.custom_slots = [slot for slot in self.custom_slots if slot.name in names]
        elif CUSTOM not in names:
            self._mode, self.custom_slots = "columns", []
        self._make_fillers()

    def _make_fillers(self) -> None:
        self._built_in_filler = Filler(self.slots, self.misfits)
        self._custom_filler = Filler(self.custom_slots, self.misfits)
        self._flat = self._built_in_filler.names + self._custom_filler.names

    def record(self, row: Row) -> Record:
        """The record of one row; a value that doesn't fit its column is counted and left empty."""
        custom = self._custom_of(row)
        values = self._built_in_filler.values(row)
        if self._mode == "columns":
            values += self._custom_filler.values(custom)
            record = dict(zip(self._flat, values, strict=True))
        else:
            record = dict(zip(self._built_in_filler.names, values, strict=True))
            record[CUSTOM] = self._nested(custom)
        if not row.keys() <= self._known:
            self.unknown |= row.keys() - self._known
        if not custom.keys() <= self.keys:
            self.unheard |= custom.keys() - self.keys
        return record

    def _custom_of(self, row: Row) -> Row:
        custom = row.get(CUSTOM) or {}
        if isinstance(custom, dict):
            return custom
        self.misfits[CUSTOM] += 1
        return {}

    def _nested(self, custom: Row) -> Any:
        if self._mode == "raw":
            return custom
        return dict(zip(self._custom_filler.names, self._custom_filler.values(custom), strict=True))


def _custom_slot(column: Column) -> Slot:
    shape = column.shape
    return Slot(column.name, column.key, shape.plain, shape.convert, DECODED.get(shape.plain, Any))


class Recent:
    """Remembers the last few rows, so that one that comes twice is passed on once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.keys: dict[Any, None] = {}

    def seen(self, key: Any) -> bool:
        """Whether this key came before; it is remembered from now on."""
        try:
            if key in self.keys:
                return True
        except TypeError:  # a row with something else in the place of its time can't be compared
            return False
        self.keys[key] = None
        if len(self.keys) > self._size:
            del self.keys[next(iter(self.keys))]
        return False
