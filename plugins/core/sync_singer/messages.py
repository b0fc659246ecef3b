"""Records and schemas become messages, without the SDK's walk through every value of each."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

from singer_sdk import Stream
from singer_sdk.contrib.msgspec import encoder
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.singerlib import RecordMessage, SchemaMessage
from sync_core.extensions import restore

#: Length of the path of a column in a catalog: `("properties", name)`.
_TOP = 2


class MessageStream(Stream):
    """A stream whose records have the declared types, and whose schema has keywords of ours."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    @cached_property
    def _deselected(self) -> list[str]:
        """Columns that aren't selected; a record may have them all the same."""
        return [path[-1] for path, chosen in self.mask.items() if len(path) == _TOP and not chosen]

    @cached_property
    def _parts_deselected(self) -> bool:
        return not all(chosen for path, chosen in self.mask.items() if len(path) > _TOP)

    def _generate_record_messages(
        self, record: dict[str, Any]
    ) -> Generator[RecordMessage, None, None]:
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

    @cached_property
    def _known(self) -> dict[str, bytes]:
        """Stream in the output -> its schema as the target knows it."""
        return {}

    def _write_schema_message(self) -> None:
        """Announce the stream, unless the target knows it so already."""
        for message in self._generate_schema_messages():
            line = encoder.encode(message.to_dict())
            if self._known.get(message.stream) != line:
                self._known[message.stream] = line
                self._tap.write_message(message)

    def _generate_schema_messages(self) -> Generator[SchemaMessage, None, None]:
        # The SDK rebuilds schemas from the keywords it knows; targets map by ours.
        for message in super()._generate_schema_messages():
            restore(message.schema, self.schema)
            yield message
