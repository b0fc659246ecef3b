"""What has to be written for one item."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sync_core.engine.model.item import Item
from sync_core.engine.model.outcome import Kind


@dataclass
class Change:
    """What has to be written for one item.

    Attributes:
        item: The item.
        kind: Whether the record is created or updated.
        values: Field key -> value to send.
        labels: Field key -> label, for the log.
        digests: Pair -> (source, destination) digests to agree on once it is written.
        seen: Pair -> digest of the destination's value as it was read.
        refused: Keys of the fields that were left out of it, since the service doesn't take them.
    """

    item: Item
    kind: Kind
    values: dict[str, Any]
    labels: dict[str, str]
    digests: dict[tuple[str, str], tuple[str, str]]
    seen: dict[tuple[str, str], str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
