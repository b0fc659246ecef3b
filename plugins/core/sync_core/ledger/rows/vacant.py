"""Lines that said nothing on either side, in a few letters each: most records have many of them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import lru_cache

from sync_core.ledger.values import Pair

#: Letters of each field's name. Two lines of a mapping hardly share eight of them; where lines of
#: one field share four, a mark may be lost, which is as if the field hadn't been looked at.
_LETTERS = 4


@lru_cache(maxsize=4096)
def name(pair: Pair) -> str:
    """A line's short name: its field's in Pipedrive, then the other one's."""
    return _short(pair[0]) + _short(pair[1])


def _short(field: str) -> str:
    known = hashlib.blake2b(field.encode(), digest_size=_LETTERS).digest()
    return base64.urlsafe_b64encode(known).decode()[:_LETTERS]


def holds(vacant: str, pair: Pair) -> bool:
    """Whether a line is among some."""
    return bool(vacant) and name(pair) in vacant.split()


def plus(vacant: str, pair: Pair) -> str:
    """The same lines, and one more."""
    return _text({*vacant.split(), name(pair)})


def minus(vacant: str, pair: Pair) -> str:
    """The same lines without one."""
    return _text(each for each in vacant.split() if each != name(pair))


def beside(vacant: str, pair: Pair) -> str:
    """The same lines without those of a line's field in Pipedrive."""
    field = _short(pair[0])
    return _text(each for each in vacant.split() if not each.startswith(field))


def merged(ours: str, before: str, theirs: str) -> str:
    """What two runs know that have read the same lines and stored their own."""
    mine, then, other = (set(each.split()) for each in (ours, before, theirs))
    return _text((other | (mine - then)) - (then - mine))


def _text(names: Iterable[str]) -> str:
    return " ".join(sorted(names))
