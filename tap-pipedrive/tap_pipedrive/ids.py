"""Sets of record ids that take little memory: a bit for each id, in blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tap_pipedrive.typed import Row

_BLOCK_BYTES = 1024
_BLOCK_IDS = _BLOCK_BYTES * 8
#: Which bits a byte has.
_BITS = [tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256)]


class Ids:
    """Positive numbers, in the order of their size.

    Ids of one account lie close together, since it counts them up: a million of them take a few
    hundred kilobytes, where Python's own sets take a hundred times as much.
    """

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self._blocks: dict[int, bytearray] = {}
        self.update(ids)

    def update(self, ids: Iterable[int]) -> None:
        """Add some."""
        for each in ids:
            number, rest = divmod(each, _BLOCK_IDS)
            block = self._blocks.get(number)
            if block is None:
                block = self._blocks[number] = bytearray(_BLOCK_BYTES)
            block[rest >> 3] |= 1 << (rest & 7)

    def __contains__(self, each: int) -> bool:
        """Whether an id is there."""
        number, rest = divmod(each, _BLOCK_IDS)
        block = self._blocks.get(number)
        return block is not None and bool(block[rest >> 3] >> (rest & 7) & 1)

    def __len__(self) -> int:
        """How many there are."""
        return sum(int.from_bytes(block, "little").bit_count() for block in self._blocks.values())

    def __iter__(self) -> Iterator[int]:
        """The ids, from the smallest on."""
        for number in sorted(self._blocks):
            yield from self._of_block(number)

    def _of_block(self, number: int) -> Iterator[int]:
        first = number * _BLOCK_IDS
        for place, byte in enumerate(self._blocks[number]):
            if byte:
                for bit in _BITS[byte]:
                    yield first + place * 8 + bit

    def without(self, *others: Ids) -> Iterator[int]:
        """The ids that none of the others has."""
        return (each for each in self if not any(each in other for other in others))

    def between(self, border: int, end: int | None) -> Iterator[int]:
        """The ids behind a border, up to an end; without one, all behind it."""
        for number in sorted(self._blocks):
            first = number * _BLOCK_IDS
            if first + _BLOCK_IDS > border and (end is None or first <= end):
                for each in self._of_block(number):
                    if each > border and (end is None or each <= end):
                        yield each

    def missing(self, greatest: int) -> int:
        """How many of the numbers from 1 to this one aren't there; ids can be far apart."""
        return greatest - sum(1 for _ in self.between(0, greatest))

    def gaps(self, greatest: int) -> Iterator[int]:
        """The numbers from 1 to this one that aren't there."""
        last = 0
        for each in self:
            yield from range(last + 1, min(each, greatest + 1))
            last = each
        yield from range(last + 1, greatest + 1)


def ids(rows: Iterable[Row]) -> list[int]:
    """The ids of rows; what isn't a positive number counts as none."""
    found = (row.get("id") for row in rows)
    return [each for each in found if type(each) is int and each > 0]
