"""What all streams share, and the documented catalogues."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import metrics
from sync_core.errors import SyncError
from sync_core.text import number_of
from sync_singer.border import border
from sync_singer.pages import PageStream

from tap_journy.kinds import text
from tap_journy.layout import Record

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Context

    from tap_journy.tap import TapJourny


class JournyStream(PageStream):
    """What all streams share."""

    STATE_MSG_FREQUENCY = 500  # a target that dies keeps what it delivered up to here

    def __init__(self, tap: TapJourny, name: str) -> None:
        super().__init__(tap, name=name)
        self.journy = tap
        self._whole_lists = False

    def record_lists(
        self,
        context: Context | None,  # noqa: ARG002  # unpartitioned
        *,
        plain: bool = False,
    ) -> Iterator[list[Record]]:
        """Read, count, and say in the end what it took; a stream of its own can be left out."""
        self._whole_lists = plain
        before, count = self.journy.calls, 0
        if self.name in self.journy.left_out:
            return
        try:
            for records in self._lists():
                count += len(records)
                yield records
        except SyncError as error:
            with border():
                self._refused(error)
            return
        self.say(count, self.journy.calls - before)

    def _refused(self, error: SyncError) -> None:
        """Leave the stream out, or end the run where the error concerns all of it."""
        self.journy.leave_out(self.name, error)

    def say(self, count: int, calls: int) -> None:
        """Log what reading the stream took."""
        took = f"{number_of(count, 'record')}, {number_of(calls, 'call')}"
        self.logger.info("%s: %s", self.name, took)
        tags: dict[str, Any] = {metrics.Tag.STREAM: self.name}
        self._log_metric(metrics.Point("counter", metrics.Metric.HTTP_REQUEST_COUNT, calls, tags))

    def _lists(self) -> Iterator[list[Record]]:
        raise NotImplementedError


class CatalogueStream(JournyStream):
    """One of the documented lists of definitions; small, and read whole."""

    def __init__(
        self, tap: TapJourny, name: str, path: str, columns: dict[str, tuple[str, ...]]
    ) -> None:
        """Prepare a stream.

        Args:
            tap: The tap.
            name: Stream name.
            path: Documented path of the list.
            columns: Column -> where it stands in a definition.
        """
        super().__init__(tap, name)
        self.primary_keys = (next(iter(columns)),)
        self.path = path
        self._columns = columns

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of a definition."""
        kinds = {name: "boolean" if name in _TRUTHS else "string" for name in self._columns}
        properties = {name: {"type": [kind, "null"]} for name, kind in kinds.items()}
        for key in self.primary_keys:
            properties[key] = {"type": ["string"]}
        return {"type": "object", "properties": properties}

    def _lists(self) -> Iterator[list[Record]]:
        key = self.primary_keys[0]
        rows = [
            {column: _value(row, column, keys) for column, keys in self._columns.items()}
            for row in self.journy.catalogue(self.path)
        ]
        found = [row for row in rows if row[key]]
        yield found
        if keyless := len(rows) - len(found):
            rows_without = number_of(keyless, "row")
            self.logger.warning("%s: %s without %s left out", self.name, rows_without, key)


#: Columns of the definitions that aren't texts.
_TRUTHS = frozenset({"is_computed"})


def _value(value: Any, column: str, keys: tuple[str, ...]) -> Any:
    """What stands in a definition, as the type that its column has."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if column in _TRUTHS:
        return value if isinstance(value, bool) else None
    return None if value is None else text(value)
