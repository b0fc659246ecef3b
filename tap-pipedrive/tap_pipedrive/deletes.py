"""Which records vanished: all ids of a list, remembered in state and compared with today's."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from tap_pipedrive.bookmarks import State
from tap_pipedrive.ids import Ids

IDS = "known_ids"
SWEPT_AT = "swept_at"

#: Longest text of remembered ids in state, which targets and schedulers store with every message.
LONGEST = 64 * 1024

_SEVEN_BITS = 0x7F
_MORE = 0x80


def encode(ids: Iterable[int]) -> str:
    """Ids, from the smallest on, as short text: the steps between them, compressed."""
    packed, last = bytearray(), 0
    for each in ids:
        step, last = each - last, each
        while step > _SEVEN_BITS:
            packed.append(step & _SEVEN_BITS | _MORE)
            step >>= 7
        packed.append(step)
    return base64.b85encode(zlib.compress(packed, 9)).decode("ascii")


def decode(text: str) -> Ids:
    """The ids that `encode` was given.

    Raises:
        ValueError: The text wasn't made by it.
    """
    try:
        packed = zlib.decompress(base64.b85decode(text))
    except zlib.error as error:
        raise ValueError("not remembered ids") from error
    return Ids(_unpacked(packed))


def _unpacked(packed: bytes) -> Iterator[int]:
    last = step = shift = 0
    for byte in packed:
        step |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if not byte & _MORE:
            last += step
            yield last
            step = shift = 0


def known(state: State) -> Ids | None:
    """The ids that were there when the list was last swept; None if that isn't known."""
    text = state.get(IDS)
    if not isinstance(text, str):
        return None
    try:
        return decode(text)
    except ValueError:  # written by something else; the next sweep begins a new memory
        return None


def keep(state: State, ids: Ids, moment: str) -> bool:
    """Remember ids in state.

    Args:
        state: The stream's part of the Singer state; written to.
        ids: All that are there.
        moment: When the list was last swept; empty if it never was.

    Returns:
        Whether they fit; where they don't, nothing is remembered.
    """
    if moment:
        state[SWEPT_AT] = moment
    text = encode(ids)
    if len(text) > LONGEST:
        state.pop(IDS, None)
        return False
    state[IDS] = text
    return True


def tombstone(record_id: int, moment: str, columns: Iterable[str]) -> dict[str, Any]:
    """The record of something that vanished; nothing more is known of it."""
    empty: dict[str, Any] = dict.fromkeys(columns)
    return {**empty, "id": record_id, "is_deleted": True, "update_time": moment}
