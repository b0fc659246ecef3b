"""Values of a row go into columns: those of the declared type as they are, others converted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sync_core.pipedrive.columns import Convert

#: Columns that are judged together by the types of their values. Few enough for most rows of a
#: list to show combinations that were met before, many enough to spare a look at each value.
_TOGETHER = 8
#: Combinations that are remembered of such columns.
_MOST_VERDICTS = 1000
#: Type whose values need no conversion -> what is decoded without one. A whole number stays one.
DECODED: Mapping[type | None, Any] = {
    **{plain: plain | None for plain in (str, int, bool, list, dict)},
    float: int | float | None,
}


class Slot(NamedTuple):
    """Where one value comes from and goes to.

    Attributes:
        name: The column.
        key: The value's name in a row.
        plain: A type whose values need no conversion.
        convert: Turns others into the declared type; raises `TypeError` or `ValueError` for one
            that has no place in the column.
        decoded: As what type JSON is read that needs no conversion; any where all does.
    """

    name: str
    key: str
    plain: type | None
    convert: Convert
    decoded: Any = Any


class Filler:
    """Makes values of columns from a row.

    Attributes:
        names: The columns.
    """

    def __init__(self, slots: Sequence[Slot], misfits: Counter[str]) -> None:
        """Prepare.

        Args:
            slots: The columns.
            misfits: Counts by column the values that had no place in it and were left empty.
        """
        self._slots = slots
        self._misfits = misfits
        self.names = [slot.name for slot in slots]
        self._keys = [slot.key for slot in slots]
        self._parts: list[tuple[slice, dict[tuple[type, ...], list[int]]]] = [
            (slice(start, start + _TOGETHER), {}) for start in range(0, len(slots), _TOGETHER)
        ]

    def values(self, row: Mapping[str, Any]) -> list[Any]:
        """The values of a row, in the order of the columns."""
        values = list(map(row.get, self._keys))
        kinds = tuple(map(type, values))
        for part, verdicts in self._parts:
            combination = kinds[part]
            strange = verdicts.get(combination)
            if strange is None:
                strange = self._judged(part, combination, verdicts)
            for place in strange:
                values[place] = converted(self._slots[place], values[place], self._misfits)
        return values

    def _judged(
        self,
        part: slice,
        combination: tuple[type, ...],
        verdicts: dict[tuple[type, ...], list[int]],
    ) -> list[int]:
        """The places whose values have to be converted."""
        if len(verdicts) >= _MOST_VERDICTS:
            verdicts.clear()
        verdicts[combination] = [
            place
            for place, kind in enumerate(combination, part.start)
            if kind is not type(None) and kind is not self._slots[place].plain
        ]
        return verdicts[combination]


def converted(slot: Slot, value: Any, misfits: Counter[str]) -> Any:
    """A value in the declared type; one that has no place in its column is counted, and None."""
    try:
        return slot.convert(value)
    except (TypeError, ValueError):
        misfits[slot.name] += 1
        return None
