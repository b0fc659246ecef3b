"""What all streams share, and the documented catalogues."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, metrics
from singer_sdk.helpers.conform import TypeConformanceLevel
from sync_core.errors import SyncError
from sync_core.extensions import restore
from sync_singer.border import border

from tap_journy.layout import Record

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Context
    from singer_sdk.singerlib import SchemaMessage

    from tap_journy.tap import TapJourny


class JournyStream(Stream):
    """What all streams share."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # our code produces the declared types
    STATE_MSG_FREQUENCY = 500  # a target that dies keeps what it delivered up to here

    def __init__(self, tap: TapJourny, name: str) -> None:
        super().__init__(tap, name=name)
        self.journy = tap

    def get_records(self, context: Context | None) -> Iterable[Record]:  # noqa: ARG002  # unpartitioned
        """Read, count, and say in the end what it took; a stream of its own can be left out."""
        before, count = self.journy.calls, 0
        if self.name in self.journy.left_out:
            return
        try:
            for record in self._records():
                count += 1
                yield record
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
        self.logger.info("%s: %d records, %d calls", self.name, count, calls)
        tags: dict[str, Any] = {metrics.Tag.STREAM: self.name}
        self._log_metric(metrics.Point("counter", metrics.Metric.HTTP_REQUEST_COUNT, calls, tags))

    def _records(self) -> Iterator[Record]:
        raise NotImplementedError

    def _generate_schema_messages(self) -> Generator[SchemaMessage, None, None]:
        # The SDK rebuilds schemas from the keywords it knows; targets map by ours.
        for message in super()._generate_schema_messages():
            restore(message.schema, self.schema)
            yield message


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
        kinds = {name: "boolean" if name == "is_computed" else "string" for name in self._columns}
        properties = {name: {"type": [kind, "null"]} for name, kind in kinds.items()}
        for key in self.primary_keys:
            properties[key] = {"type": ["string"]}
        return {"type": "object", "properties": properties}

    def _records(self) -> Iterator[Record]:
        for row in self.journy.catalogue(self.path):
            yield {column: _walk(row, keys) for column, keys in self._columns.items()}


def _walk(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
