"""Whole pages become messages at once."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.exceptions import FatalAPIError
from singer_sdk.mapper import SameRecordTransform

from sync_singer.messages import MessageStream
from sync_singer.writer import BlockWriter

if TYPE_CHECKING:
    from singer_sdk.helpers._batch import BatchConfig
    from singer_sdk.helpers.types import Context

Record = dict[str, Any]
#: Records that are encoded together: enough to spare calls, few enough to take little memory.
BLOCK = 100


class RecordLine(msgspec.Struct, tag_field="type", tag="RECORD", gc=False):
    """A RECORD message, as the Singer specification has it."""

    stream: str
    version: int | msgspec.UnsetType
    time_extracted: datetime
    record: Any


class PageStream(MessageStream):
    """A stream that gives its records in lists, and spares each the SDK's loop where it can.

    The SDK takes records one by one: through stream maps, flattening, batches, limits of a test.
    Where nothing of that is asked for, a list goes straight to the writer.
    """

    #: What ended the reading while a batch was filled.
    _failure: FatalAPIError | None = None

    def record_lists(self, context: Context | None, *, plain: bool = False) -> Iterator[list[Any]]:
        """All records, in lists; what is asked for next has to wait until a list has left.

        Args:
            context: The SDK's.
            plain: Whether records needn't be dictionaries, as long as they are encoded like them.
        """
        raise NotImplementedError

    def get_records(self, context: Context | None) -> Iterable[Record]:
        """All records one by one, for the SDK."""
        for records in self.record_lists(context):
            yield from records

    @cached_property
    def _is_plain(self) -> bool:
        maps = self.stream_maps
        return (
            len(maps) == 1
            and isinstance(maps[0], SameRecordTransform)
            and not (maps[0].flattening_options and maps[0].flattening_enabled)
            and not self._parts_deselected
            and not self.child_streams
            and self.ABORT_AT_RECORD_COUNT is None
            and isinstance(self._tap.message_writer, BlockWriter)
        )

    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Read and write all records, as the SDK's method of this name does."""
        if not write_messages:
            yield from self._until_failure(super()._sync_records(context, write_messages=False))
            return
        if not (self._is_plain and context is None):
            yield from super()._sync_records(context, write_messages=write_messages)
            return
        with self.get_record_counter() as counter, self.get_sync_timer():
            self._write_starting_replication_value(None)
            for records in self.record_lists(None, plain=True):
                self._write_list(records)
                counter.increment(len(records))
                self.state_manager.is_flushed = False
        self._finalize_state(self.stream_state)
        self._write_state_message()

    def _until_failure(self, records: Iterator[Record]) -> Generator[Record, Any, Any]:
        try:
            yield from records
        except FatalAPIError as failure:
            self._failure = failure

    def _sync_batches(self, batch_config: BatchConfig, context: Context | None = None) -> None:
        """Announce also the batch that a failure cut short: the state says that it has left."""
        super()._sync_batches(batch_config, context)
        if self._failure is not None:
            raise self._failure

    def write_list(self, records: list[Any]) -> None:
        """Write records that come with those of another stream."""
        if self._is_plain:
            self._write_list(records)
            return
        for record in records:
            self._write_record_message(record)

    def _write_list(self, records: list[Any]) -> None:
        for start in range(0, len(records), BLOCK):
            self._write_block(records[start : start + BLOCK])

    def _write_block(self, records: list[Any]) -> None:
        for record in records if self._deselected else ():
            self._prune(record)
        stream, now = self.stream_maps[0].stream_alias, datetime.now(timezone.utc)
        version = msgspec.UNSET if self._stream_version is None else self._stream_version
        writer = self._tap.message_writer
        if isinstance(writer, BlockWriter):
            writer.write_block([RecordLine(stream, version, now, record) for record in records])

    def _prune(self, record: Any) -> None:
        """Take away what isn't selected; other records than dictionaries never had it."""
        if isinstance(record, dict):
            for name in self._deselected:
                record.pop(name, None)
