"""Creates that got no answer: whether another one would make the same record again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sync_core.pipedrive.index import Key, MatchField


class Doubtful:
    """What may have been made in this run, though no answer told so.

    Nothing that was read in this run is sure to show it, so it isn't made again before the next.
    """

    def __init__(self) -> None:
        """Start with nothing in doubt."""
        self._sent: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self._keys: set[tuple[str, Key]] = set()

    def add(self, entity: str, keys: Collection[Key], values: Mapping[str, Any]) -> None:
        """Note a create without an answer.

        Args:
            entity: What it would have made.
            keys: The keys by which its record is matched.
            values: What was sent, flat, by field key.
        """
        self._sent[entity].append(values)
        self._keys.update((entity, key) for key in keys)

    def holds(self, entity: str, keys: Collection[Key], fields: Sequence[MatchField]) -> bool:
        """Whether one of them may have made a record with one of these keys.

        Args:
            entity: What is to be made.
            keys: The keys that are looked for.
            fields: The fields in which they stand; another stream's may be others.
        """
        if any((entity, key) in self._keys for key in keys):
            return True
        return any(
            (field.key, text) in keys
            for values in self._sent.get(entity, ())
            for field in fields
            for text in field.normal(values.get(field.key))
        )
