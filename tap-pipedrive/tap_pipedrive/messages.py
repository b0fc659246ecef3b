"""Records become messages, without the SDK's walk through every value of each."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timezone
from functools import cached_property

from singer_sdk import Stream
from singer_sdk.singerlib import RecordMessage

from tap_pipedrive.rows import Record

#: Length of the path of a column in a catalog: `("properties", name)`.
_TOP = 2


class MessageStream(Stream):
    """A stream whose records hold nothing but selected columns, or some of them."""

    @cached_property
    def _deselected(self) -> list[str]:
        """Columns that aren't selected; a record that doesn't come from a row can have them."""
        return [path[-1] for path, chosen in self.mask.items() if len(path) == _TOP and not chosen]

    @cached_property
    def _parts_deselected(self) -> bool:
        return not all(chosen for path, chosen in self.mask.items() if len(path) > _TOP)

    def _generate_record_messages(self, record: Record) -> Generator[RecordMessage, None, None]:
        """Spare each record the SDK's walk through all its values, unless parts are deselected."""
        if self._parts_deselected:
            yield from super()._generate_record_messages(record)
            return
        for name in self._deselected:
            record.pop(name, None)
        for stream_map in self.stream_maps:
            mapped = stream_map.transform(record)
            if mapped is not None:
                yield RecordMessage(
                    stream=stream_map.stream_alias,
                    record=mapped,
                    version=self._stream_version,
                    time_extracted=datetime.now(timezone.utc),
                )
