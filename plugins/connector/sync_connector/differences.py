"""Values before and after, in words; there are some only where the targets' setting keeps them."""

from __future__ import annotations

from collections.abc import Iterable

from sync_core.ledger import Difference

_NOTHING = "(empty)"
#: Characters of a value in a table.
SHORT = 80


def in_words(changes: Iterable[Difference], longest: int = 0) -> str:
    """What became of each field: its value before and after, or the two that were at odds.

    Args:
        changes: The fields.
        longest: Characters of a value at most; 0: all of them.
    """
    return "; ".join(f"{each.field}: {_one(each, longest)}" for each in changes)


def _one(change: Difference, longest: int) -> str:
    after = _value(change.after, longest)
    if change.lost is not None:
        return f"{after} stays, {_value(change.lost, longest)} gives way"
    if change.before is None:
        return f"→ {after}"
    return f"{_value(change.before, longest)} → {after}"


def _value(text: str | None, longest: int) -> str:
    if text is None:
        return "what is there"
    if longest and len(text) > longest:
        text = f"{text[: longest - 1]}…"
    return text or _NOTHING
