"""The streams: one class, one row per Pipedrive entity."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, metrics
from singer_sdk.helpers.conform import TypeConformanceLevel
from sync_core.extensions import restore
from sync_core.pipedrive import FieldCatalogue
from sync_core.pipedrive.client import rows
from sync_core.pipedrive.columns import columns
from sync_core.pipedrive.endpoints import ORGANIZATION, PERSON, Entity
from sync_singer.border import border

from tap_pipedrive.rows import CUSTOM, Layout, Recent, Record
from tap_pipedrive.times import stamp

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Context
    from singer_sdk.singerlib import SchemaMessage

    from tap_pipedrive.tap import TapPipedrive

#: Stream name -> entity. The SDK runs streams in the order of their names, so organizations come
#: before the persons that refer to them; target-journy relies on that.
STREAMS: Mapping[str, Entity] = {"organizations": ORGANIZATION, "persons": PERSON}

#: Rows within which a repeated one is recognised: two pages, since a row that is edited while a
#: cursor walks can appear on a later page again.
RECENT_ROWS = 1000


class EntityStream(Stream):
    """The records of one Pipedrive entity."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # `Layout` produces the declared types
    STATE_MSG_FREQUENCY = 500  # a target that dies keeps what it delivered up to here
    primary_keys = ("id",)
    replication_key = "update_time"

    def __init__(self, tap: TapPipedrive, name: str, entity: Entity) -> None:
        super().__init__(tap, name=name)
        self.client = tap.client
        self.entity = entity

    @cached_property
    def layout(self) -> Layout:
        """Columns from the field catalogue; read when needed, so not for a deselected stream."""
        with border():
            catalogue = FieldCatalogue.load(self.client, self.entity)
        built_in = _built_in(self.name)
        labels = self.config["option_labels"]
        custom = columns(catalogue.custom, {*built_in, CUSTOM}, option_labels=labels)
        strange = [f"{c.name} ({c.field.type})" for c in custom if not c.known]
        if strange:
            self.logger.warning(
                "%s: fields of a type that this version doesn't know are kept as any JSON: %s",
                self.name,
                ", ".join(strange),
            )
        return Layout(built_in, custom, self.config["custom_fields"])

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of a record."""
        return self.layout.schema

    @property
    def is_sorted(self) -> bool:
        """Whether this run walks in the order of `update_time`, and so can be resumed."""
        return self.replication_method == "INCREMENTAL" and bool(
            self._bookmark or self.config.get("start_date")
        )

    @property
    def _bookmark(self) -> str:
        """How far the state says that earlier runs, and this one, have come."""
        mark = self.tap_state.get("bookmarks", {}).get(self.name, {})
        known = mark.get("replication_key") == self.replication_key
        return str((known and mark.get("replication_key_value")) or "")

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """No signpost: `_increment_stream_state` caps the bookmark, in sorted runs too."""

    @cached_property
    def _latest_bookmark(self) -> str:
        """The run's start, by the earlier of two clocks: ours and Pipedrive's.

        What changes during a walk may have been passed already; only the next run sees it.
        """
        ours = datetime.fromtimestamp(self._tap.initialized_at / 1000, tz=timezone.utc)
        theirs = self.client.http.usage.first_answer_at
        return min(stamp(ours), stamp(theirs) or stamp(ours))

    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        updated = stamp(latest_record.get("update_time") or "")
        if updated:
            # A run begins before its bookmark, so its first rows are older than that.
            mark = max(
                min(updated, self._latest_bookmark), self._bookmark if self.is_sorted else ""
            )
            super()._increment_stream_state({"update_time": mark}, context=context)

    def _generate_schema_messages(self) -> Generator[SchemaMessage, None, None]:
        # The SDK rebuilds schemas from the keywords it knows; targets map by ours.
        for message in super()._generate_schema_messages():
            restore(message.schema, self.schema)
            yield message

    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Walk the list by its cursor: by id the first time, by `update_time` afterwards."""
        usage = self.client.http.usage
        calls, tokens, count = usage.calls, usage.tokens, 0
        with border():
            for record in self._records(context):
                count += 1
                yield record
        self._report(count, usage.calls - calls, usage.tokens - tokens)

    def _records(self, context: Context | None) -> Iterable[Record]:
        self.layout.keep(self._wanted())
        recent = Recent(RECENT_ROWS)
        for row in rows(self.client.pages(self.entity.path, self._query(context))):
            if not recent.seen((row["id"], row.get("update_time"))):
                yield self.layout.record(row)

    def _wanted(self) -> set[str]:
        """Names that are selected, and in the catalog that the targets were told of."""
        names = self.effective_schema.get("properties", {})
        missing = sorted(self.schema["properties"].keys() - names)
        if missing:
            self.logger.warning(
                "%s: columns that the catalog doesn't have are left out: %s (run discovery again)",
                self.name,
                ", ".join(missing),
            )
        return {name for name in names if self.mask["properties", name]}

    def _query(self, context: Context | None) -> dict[str, str]:
        start = self.get_starting_timestamp(context)
        if start is None:
            # Old rows can have no update_time; filtering or sorting by it would lose them.
            return {"sort_by": "id", "sort_direction": "asc"}
        since = start - timedelta(seconds=self.config["lookback_seconds"])
        return {
            "updated_since": stamp(since),
            "sort_by": "update_time",
            "sort_direction": "asc",
        }

    def _report(self, count: int, calls: int, tokens: int) -> None:
        self.logger.info("%s: %d records, %d calls, %d tokens", self.name, count, calls, tokens)
        tags = {metrics.Tag.STREAM: self.name, "tokens": tokens}
        self._log_metric(metrics.Point("counter", metrics.Metric.HTTP_REQUEST_COUNT, calls, tags))
        for name, misfits in self.layout.misfits.items():
            self.logger.warning(
                "%s: %d values of %s weren't of its type and were left empty",
                self.name,
                misfits,
                name,
            )
        if self.layout.unknown:
            names = ", ".join(sorted(self.layout.unknown))
            self.logger.warning("%s: names unknown to this version left out: %s", self.name, names)


def _built_in(stream: str) -> dict[str, Any]:
    text = resources.files("tap_pipedrive.schemas").joinpath(f"{stream}.json").read_text("utf-8")
    properties: dict[str, Any] = json.loads(text)["properties"]
    return properties
