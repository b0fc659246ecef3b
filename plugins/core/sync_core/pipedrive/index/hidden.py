"""Records that are there, but that the credential's user may not read.

Whether Pipedrive answers 403 or 404 for such isn't documented; what is answered with 404 counts as
gone.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync_core.errors import MissingScopeError, PermissionDeniedError
from sync_core.pipedrive.endpoints import Entity, RecordId
from sync_core.pipedrive.index.rows import Key, digest

#: So many refusals, and not one record that could be read: that is no matter of single records.
_MOST = 3


class Hidden:
    """What was refused in this run."""

    def __init__(self, entity: Entity) -> None:
        """Begin with none.

        Args:
            entity: What the records are.
        """
        self._entity = entity
        self._why: dict[RecordId, str] = {}
        self._by_key: dict[str, str] = {}

    def __contains__(self, record_id: object) -> bool:
        """Whether a record was refused."""
        return record_id in self._why

    def note(self, record_id: RecordId, error: PermissionDeniedError, *, alone: bool) -> None:
        """Take in a refusal.

        Args:
            record_id: Whom it concerns.
            error: What was answered.
            alone: Whether no record could be read so far.

        Raises:
            PermissionDeniedError: It concerns more than single records.
        """
        if isinstance(error, MissingScopeError) or (alone and len(self._why) + 1 >= _MOST):
            raise error
        self._why[record_id] = (
            f"{self._entity.name} {record_id} can't be read, so nothing is written to it and no "
            f"other is made: {error}"
        )

    def note_hits(self, key: Key, hits: Iterable[RecordId]) -> None:
        """Note what a search for a key has found, as far as it can't be read."""
        for each in hits:
            if each in self._why:
                self._by_key[digest(key)] = self._why[each]

    def why(self, record_id: RecordId | None, keys: Iterable[Key]) -> str:
        """Why a record, or who has one of some keys, can't be told; empty: no refusal is known."""
        if record_id is not None:
            return self._why.get(record_id, "")
        if not self._by_key:
            return ""
        return next((why for key in keys if (why := self._by_key.get(digest(key)))), "")
