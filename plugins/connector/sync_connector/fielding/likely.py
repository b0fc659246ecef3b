"""Pairs that suggest themselves: names alike, and types that fit."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence

from sync_core.text import snake_case

from sync_connector.fielding.model import Column

#: From here on two names are taken for the same.
_ALIKE = 0.8
#: Words that say what kind of value it is rather than what it is about.
_EMPTY_WORDS = frozenset({"at", "date", "time", "on", "the", "of", "customer", "user", "account"})
#: Kind of a journy property -> Pipedrive types that hold it whole.
_FITS = {
    "text": {"varchar", "varchar_auto", "text", "enum", "phone", "text-like"},
    "number": {"double", "number"},
    "yes/no": {"enum"},
    "date": {"date"},
    "list": {"set"},
}
_SHORT = 2


def pairs(journy: Sequence[Column], pipedrive: Sequence[Column]) -> list[tuple[Column, Column]]:
    """The best pairs; no field is in two of them.

    Args:
        journy: Properties that go nowhere yet.
        pipedrive: Fields that get nothing yet and can be written.
    """
    scored = sorted(_scored(journy, pipedrive), key=lambda each: -each[0])
    found: list[tuple[Column, Column]] = []
    for _, left, right in scored:
        if all(left is not a and right is not b for a, b in found):
            found.append((left, right))
    order = {column.name: at for at, column in enumerate(journy)}
    return sorted(found, key=lambda pair: order[pair[0].name])


def _scored(
    journy: Collection[Column], pipedrive: Collection[Column]
) -> Iterator[tuple[float, Column, Column]]:
    for left in journy:
        for right in pipedrive:
            score = alike(left, right)
            if score >= _ALIKE and fits(left, right):
                yield score, left, right


def fits(journy: Column, pipedrive: Column) -> bool:
    """Whether every value of a property has a place in a field; an unsettled kind hasn't."""
    if len(journy.kinds) != 1:
        return False
    kind = next(iter(journy.kinds))
    held = pipedrive.origin.get("type") or ("text-like" if "text" in pipedrive.kinds else "number")
    return held in _FITS.get(kind, ())


def alike(left: Column, right: Column) -> float:
    """How much two names say the same, from 0 to 1; a label counts as much as a name."""
    return max(_alike(a, b) for a in {left.name, left.label} for b in {right.name, right.label})


def _alike(left: str, right: str) -> float:
    first, second = snake_case(left), snake_case(right)
    if first == second:
        return 1.0
    words, others = _words(first), _words(second)
    if words == others and words:
        return 0.95
    if min(len(first), len(second)) <= _SHORT:
        return 0.0
    return difflib.SequenceMatcher(None, "_".join(sorted(words)), "_".join(sorted(others))).ratio()


def _words(name: str) -> frozenset[str]:
    words = frozenset(name.split("_"))
    return (words - _EMPTY_WORDS) or words
