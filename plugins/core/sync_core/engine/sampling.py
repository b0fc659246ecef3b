"""A few values before and after, for the preview that a dry run leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from sync_core.canonical import in_words
from sync_core.engine.dreaming import is_made_up
from sync_core.engine.model import Change, Plan
from sync_core.ledger import Sample
from sync_core.mapping import TargetField

#: So many of each field of each stream, and so many characters of a value.
EACH = 3
_LONGEST = 120


class Sampler:
    """Takes the first few changes of every field."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[str, str, str]] = Counter()

    def take(self, plan: Plan, changes: Iterable[Change]) -> list[Sample]:
        """The samples of a batch."""
        fields = {rule.field.key: rule.field for rule in plan.rules}
        return [sample for change in changes for sample in self._of(plan, change, fields)]

    def _of(self, plan: Plan, change: Change, fields: dict[str, TargetField]) -> Iterator[Sample]:
        ids = {"pipedrive": "", "journy": "", plan.side: change.item.source_id}
        if change.item.link is not None:
            known = {side: change.item.link.on(side) for side in ids}
            ids |= {side: each for side, each in known.items() if each and not is_made_up(each)}
        for key, value in change.values.items():
            name = (plan.stream, change.kind.value, key)
            if self._taken[name] >= EACH or key not in fields or is_made_up(value):
                continue
            self._taken[name] += 1
            yield Sample(
                entity=plan.stream,
                outcome=change.kind.value,
                key=change.item.key,
                pipedrive_id=ids["pipedrive"],
                journy_id=ids["journy"],
                field=fields[key].label,
                before=_before(change, fields[key]),
                after=shown(fields[key].plain(value)),
            )


def _before(change: Change, field: TargetField) -> str | None:
    """What is there; None where the destination can't be read."""
    match = change.item.match
    if match is None or not match.ids:
        return ""
    stored = None if match.current is None else match.current.get(field.key)
    if is_made_up(stored):
        return ""
    return None if match.current is None else shown(field.plain(stored))


def shown(value: Any) -> str:
    """A value as a short text; empty for none."""
    text = in_words(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
