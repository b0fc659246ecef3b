"""How a report calls records: by their keys, or, where it is anonymous, by numbers of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sync_core.ledger import Difference

from sync_connector.differences import SHORT, in_words

_ADDRESS = re.compile(r"[^\s@<>,;:\"'()]+@[^\s@<>,;:\"'()]+")


class _Keyed(Protocol):
    @property
    def entity(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def pipedrive_id(self) -> str: ...
    @property
    def journy_id(self) -> str: ...


@dataclass
class Names:
    """What records are called on one page.

    Attributes:
        anonymous: Whether keys and ids stay out.
    """

    anonymous: bool = False
    _numbers: dict[tuple[str, ...], int] = field(default_factory=dict)

    def of(self, record: _Keyed) -> str:
        """A record's name; the same record is called the same throughout."""
        if not self.anonymous:
            return record.key or record.journy_id or record.pipedrive_id or "unknown"
        own = (record.key,) if record.key else (record.pipedrive_id, record.journy_id)
        return f"record {self._numbers.setdefault(own, len(self._numbers) + 1)}"

    def place(self, record: _Keyed) -> str:
        """A record's id in Pipedrive; empty where it has none, or where the page is anonymous."""
        return "" if self.anonymous else record.pipedrive_id

    def values(self, changes: Sequence[Difference]) -> str:
        """What values were and became; empty where the page is anonymous."""
        return "" if self.anonymous else in_words(changes, SHORT)

    def text(self, sentence: str) -> str:
        """A sentence of the log; what looks like an e-mail address goes where it is anonymous."""
        return _ADDRESS.sub("(address)", sentence) if self.anonymous else sentence
