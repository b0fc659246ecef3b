"""The streams: one class, one row of the table each."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, metrics
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.singerlib import RecordMessage
from sync_core.errors import ApiError
from sync_core.extensions import restore
from sync_core.pipedrive.columns import Column, columns
from sync_core.pipedrive.fields import Field, parse
from sync_singer.border import border

from tap_pipedrive import memory, v1
from tap_pipedrive.bookmarks import FirstProgress, Progress, bookmark
from tap_pipedrive.children import children
from tap_pipedrive.left_out import is_left_out
from tap_pipedrive.rows import CUSTOM, Layout, Recent, Record
from tap_pipedrive.sweep import Sweep
from tap_pipedrive.table import STREAMS, Since, StreamSpec
from tap_pipedrive.times import stamp
from tap_pipedrive.walks import Page, Row, pages, steady

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Context
    from singer_sdk.singerlib import SchemaMessage

    from tap_pipedrive.tap import TapPipedrive

__all__ = ["STREAMS", "EntityStream"]

#: Rows within which a repeated one is recognised: two pages, since a row that is edited while a
#: cursor walks can appear on a later page again.
RECENT_ROWS = 1000
INCREMENTAL = "INCREMENTAL"
#: Length of the path of a column in a catalog: `("properties", name)`.
_TOP = 2


class EntityStream(Stream):
    """The records of one list of Pipedrive."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # `Layout` produces the declared types
    STATE_MSG_FREQUENCY = 1_000_000  # `_page_done` offers the state, where it can be resumed from

    def __init__(self, tap: TapPipedrive, spec: StreamSpec) -> None:
        super().__init__(tap, name=spec.name)
        self.tap = tap
        self.client = tap.client
        self.spec = spec
        self.primary_keys = spec.keys
        self.replication_key = None if spec.since is Since.NEVER else "update_time"
        self._sweeping = False
        self._latest_row = ""
        self._keyless = 0

    @cached_property
    def layout(self) -> Layout:
        """Columns from the field catalogue; read when needed, so not for a deselected stream."""
        built_in = _built_in(self.spec.schema_file or self.name)
        custom = self._custom({*built_in, CUSTOM}) if self.spec.fields_path else []
        strange = [f"{c.name} ({c.field.type})" for c in custom if not c.known]
        if strange:
            self.logger.warning(
                "%s: fields of a type that this version doesn't know are kept as any JSON: %s",
                self.name,
                ", ".join(strange),
            )
        mode = self.config["custom_fields"] if self.spec.fields_path else "columns"
        return Layout(built_in, custom, mode, v1=self.spec.v1)

    def _custom(self, reserved: set[str]) -> list[Column]:
        """A column for each custom field; none where the catalogue may not be read."""
        with border():
            fields = self._fields()
        return columns(
            [field for field in fields if field.custom],
            reserved,
            option_labels=self.config["option_labels"],
            remembered=memory.names(self._remembered),
        )

    def _fields(self) -> list[Field]:
        try:
            return [parse(row) for row in self.tap.catalogues.rows(self.spec.fields_path)]
        except ApiError as error:
            if not is_left_out(error):
                raise
            self.tap.left_out[self.name] = error
            return []

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of a record."""
        return self.layout.schema

    @property
    def is_sorted(self) -> bool:
        """Whether this run walks in the order of `update_time`, and so can be resumed."""
        return self._asks_for_changes and self.spec.since is Since.SORTED

    @property
    def _incremental(self) -> bool:
        return self.replication_method == INCREMENTAL

    @property
    def _asks_for_changes(self) -> bool:
        start = self._bookmark or self.config.get("start_date")
        return self._incremental and bool(start)

    @property
    def _bookmark(self) -> str:
        """How far the state says that earlier runs, and this one, have come."""
        return bookmark(self.tap_state.get("bookmarks", {}).get(self.name, {}))

    @property
    def _remembered(self) -> Mapping[str, Any]:
        """Which names the custom fields had in earlier runs."""
        entries: Mapping[str, Any] = self.tap.given_bookmarks.get(self.name, {}).get(
            memory.COLUMNS, {}
        )
        return entries

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """No signpost: `Progress` caps the bookmark."""

    @cached_property
    def _latest_bookmark(self) -> str:
        """The run's start, by the earlier of two clocks: ours and Pipedrive's.

        What changes during a walk may have been passed already; only the next run sees it.
        """
        ours = datetime.fromtimestamp(self._tap.initialized_at / 1000, tz=timezone.utc)
        theirs = self.client.http.usage.first_answer_at
        return min(stamp(ours), stamp(theirs) or stamp(ours))

    def _increment_stream_state(
        self,
        latest_record: Record,
        *,
        context: Context | None = None,  # noqa: ARG002  # the SDK's signature
    ) -> None:
        if self._incremental and not self._sweeping:
            self._progress.saw(latest_record.get("update_time"))
            self.state_manager.is_flushed = False

    def _generate_schema_messages(self) -> Generator[SchemaMessage, None, None]:
        # The SDK rebuilds schemas from the keywords it knows; targets map by ours.
        for message in super()._generate_schema_messages():
            restore(message.schema, self.schema)
            yield message

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

    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Walk the list; what may not be read is left out and doesn't end the run."""
        usage = self.client.http.usage
        calls, tokens, count = usage.calls, usage.tokens, 0
        try:
            if self.name in self.tap.left_out:
                raise self.tap.left_out[self.name]
            for record in self._records(context):
                count += 1
                yield record
        except ApiError as error:
            self._write_state_message()  # whether the run ends or goes on: none of it is read again
            with border():
                self.tap.leave_out(self.name, error)
            return
        self._report(count, usage.calls - calls, usage.tokens - tokens)

    def _records(self, context: Context | None) -> Iterable[Record]:
        self.layout.keep(self._wanted())
        self._remember()
        sweep = self._sweep()
        recent = Recent(RECENT_ROWS)
        (key,) = self.spec.keys
        for page in self._pages(context):
            rows = [row for row in page.rows if row.get(key) is not None]
            self._keyless += len(page.rows) - len(rows)
            sweep.saw(rows)
            for row in self._flat(rows):
                if not recent.seen((row[key], row.get("update_time"))):
                    yield self.layout.record(row)
            self._page_done(page)
        yield from self._finish(sweep)

    def _flat(self, rows: list[Row]) -> Iterable[Row]:
        if not (self.spec.v1 and self.layout.custom):
            return rows
        return (v1.nested(row, self.layout.custom) for row in rows)

    def _remember(self) -> None:
        """Keep the names of columns in state, and say what has changed since the last run."""
        if not self.spec.fields_path or self.config["custom_fields"] == "raw":
            return
        entries, news = memory.remember(self._remembered, self.layout.custom)
        for each in news:
            self.logger.warning("%s: %s", self.name, each)
        if entries != self._remembered:
            self.stream_state[memory.COLUMNS] = entries
            self.state_manager.is_flushed = False

    def _pages(self, context: Context | None) -> Iterable[Page]:
        if self.spec.path in self.tap.catalogues.paths:
            yield Page(self.tap.catalogues.rows(self.spec.path))
        elif self.spec.parent:
            yield from children(self.client, self.spec, STREAMS[self.spec.parent], self._skip)
        elif not self._incremental:
            yield from pages(self.client, self.spec, self._by_id)
        else:
            start = self.get_starting_timestamp(context)
            yield from self._incremental_pages(start)

    def _skip(self, parent: int, error: ApiError) -> None:
        if not is_left_out(error):
            raise error
        self.logger.warning("%s: those of %s are left out: %s", self.name, parent, error)

    def _incremental_pages(self, start: datetime | None) -> Iterable[Page]:
        def query() -> dict[str, Any]:
            return self._since(start) if start else self._by_id

        cursor = None if self.is_sorted else self._first_cursor
        for page in steady(self.client, self.spec, query, cursor):
            if self.is_sorted:
                self._check_order(page)
            yield page

    @property
    def _first_cursor(self) -> str | None:
        progress = self._progress
        return progress.cursor if isinstance(progress, FirstProgress) else None

    @cached_property
    def _progress(self) -> Progress:
        state = self.stream_state
        if self._asks_for_changes or self.spec.since is Since.UNSORTED:
            return Progress(state, lambda: self._latest_bookmark, rises=self.is_sorted)
        return FirstProgress(state, lambda: self._latest_bookmark)

    @property
    def _by_id(self) -> dict[str, Any]:
        """Old rows can have no update_time; filtering or sorting by it would lose them."""
        return {} if self.spec.v1 else {"sort_by": "id", "sort_direction": "asc"}

    def _since(self, start: datetime) -> dict[str, Any]:
        since = stamp(start - timedelta(seconds=self.config["lookback_seconds"]))
        if self.spec.since is Since.UNSORTED:
            return {"updated_since": since}
        begin = max(since, self._latest_row) if self._progress.rises else since
        return {"updated_since": begin, "sort_by": "update_time", "sort_direction": "asc"}

    def _check_order(self, page: Page) -> None:
        """Notice a list out of order before a row of the page can move the bookmark."""
        for row in page.rows:
            updated = stamp(row.get("update_time") or "")
            if updated and updated < self._latest_row and self._progress.rises:
                self._progress.hold()
                self.logger.warning(
                    "%s: the list isn't in the order of update_time; until all of it is read the "
                    "bookmark stays where it was before the run",
                    self.name,
                )
            self._latest_row = max(self._latest_row, updated)

    def _page_done(self, page: Page) -> None:
        if self._incremental:
            self._progress.page(page.cursor)
            self.state_manager.is_flushed = False
            self._offer_state()

    def _offer_state(self) -> None:
        """A target that dies keeps what it delivered up to here."""
        if not self.config.get("batch_config"):  # a batch is announced before the state behind it
            self._write_state_message()

    def _sweep(self) -> Sweep:
        if not (self.spec.swept and self._incremental and self.config["detect_deletes"]):
            return Sweep(None)
        first = not self._asks_for_changes
        resumed = self._first_cursor is not None
        return Sweep(self, whole=first and not resumed, resumed=resumed)

    def _finish(self, sweep: Sweep) -> Iterable[Record]:
        if self._incremental:
            self._progress.finish()
            self._sweeping = True
            yield from sweep.vanished()
            self.state_manager.is_flushed = False

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
        if self._keyless:
            self.logger.warning(
                "%s: %d rows without %s left out", self.name, self._keyless, self.spec.keys[0]
            )
        if self.layout.unknown:
            names = ", ".join(sorted(self.layout.unknown))
            self.logger.warning("%s: names unknown to this version left out: %s", self.name, names)
        if self.layout.unheard and self.config["custom_fields"] != "raw":
            keys = ", ".join(sorted(self.layout.unheard))
            self.logger.warning(
                "%s: fields that came up during the run get columns in the next: %s",
                self.name,
                keys,
            )


def _built_in(schema: str) -> dict[str, Any]:
    text = resources.files("tap_pipedrive.schemas").joinpath(f"{schema}.json").read_text("utf-8")
    properties: dict[str, Any] = json.loads(text)["properties"]
    return properties
