"""The streams: one class, one row of the table each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from sync_core.errors import ApiError, NotFoundError
from sync_singer.border import border

from tap_pipedrive import reading, scopes, v1
from tap_pipedrive.laid_out import LaidOutStream
from tap_pipedrive.report import Report
from tap_pipedrive.rows import Recent, Record
from tap_pipedrive.sweep import Sweep
from tap_pipedrive.table import STREAMS
from tap_pipedrive.times import stamp
from tap_pipedrive.typed import Reader, Row, fits
from tap_pipedrive.walks import Decode, Page
from tap_pipedrive.ways import Way

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Context

__all__ = ["STREAMS", "EntityStream"]

#: Rows within which a repeated one is recognised, for each page that is fetched side by side: two
#: pages, since a row that is edited while a cursor walks can appear on a later page again.
RECENT_ROWS = 1000
INCREMENTAL = "INCREMENTAL"


class EntityStream(LaidOutStream):
    """The records of one list of Pipedrive."""

    #: How pages are decoded, where the SDK needs no dictionaries.
    decode: Decode | None = None
    STATE_MSG_FREQUENCY = 1_000_000  # `_page_done` offers the state, where it can be resumed from

    def _write_schema_message(self) -> None:
        """Announce the columns, unless the catalogue that tells them may not be read.

        A target would miss the custom fields of a stream that brings no record either.
        """
        if self.schema and self.name not in self.tap.left_out:
            super()._write_schema_message()

    @property
    def is_incremental(self) -> bool:
        """Whether later runs read only what changed."""
        return self.replication_method == INCREMENTAL

    def run_start(self) -> str:
        """The run's start, by the earlier of two clocks: ours, and Pipedrive's once it is known."""
        ours = stamp(datetime.fromtimestamp(self._tap.initialized_at / 1000, tz=timezone.utc))
        return min(ours, stamp(self.client.http.usage.first_answer_at) or ours)

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """No signpost: the ways of reading cap the bookmark themselves."""

    def compare_start_date(self, value: str, start_date_value: str) -> str:  # noqa: ARG002
        """The bookmark, also where the start date is later, which counts for a first run alone.

        The SDK takes the later of both, and what changed between them would never come.
        """
        return value

    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        """Nothing: `_page_done` moves the bookmark."""

    def record_lists(self, context: Context | None, *, plain: bool = False) -> Iterator[list[Any]]:
        """Walk the list; what may not be read is left out and doesn't end the run."""
        report = Report(self)
        try:
            if self.name in self.tap.left_out:
                raise self.tap.left_out[self.name]
            scopes.check(self.client, self.needed)
            self._prepare(plain)
            yield from self._record_lists(context, report)
        except ApiError as error:
            report.price()
            self._offer_state()  # whether the run ends or goes on: none of it is read again
            with border():
                self.tap.leave_out(self.name, scopes.named(error, self.needed))
            return
        report.price()
        report.losses()

    def _prepare(self, plain: bool) -> None:
        self.layout.keep(self._wanted())
        self._remember()
        self._reader = Reader(self.layout)
        self.decode = self._reader.decode if plain and fits(self.layout) else None

    def _record_lists(self, context: Context | None, report: Report) -> Iterator[list[Any]]:
        changes = reading.asks_for_changes(self)
        way = reading.way(self, self.get_starting_timestamp(context) if changes else None)
        recent = Recent(RECENT_ROWS * self.config["concurrency"])

        def make(page: Page) -> list[Any]:
            return self._records(recent, self._rows(page, report))

        whole = not changes and not way.resumed
        sweep = Sweep(self, make, whole=whole, resumed=way.resumed)
        with closing(way.pages()) as pages:
            for page in pages:
                sweep.saw(page.rows)
                records = make(page)
                report.records += len(records)
                yield records
                sweep.delivered()
                self._page_done(way, page)
                del page, records  # before the next ones are waited for
        yield from self._finish(way, sweep, report)

    def _records(self, recent: Recent, rows: Iterable[Row]) -> list[Any]:
        key, make = self.spec.keys[0], self._record
        return [make(row) for row in rows if not recent.seen((row[key], row.get("update_time")))]

    def _record(self, row: Row) -> Any:
        return self.layout.record(row) if isinstance(row, dict) else self._reader.record(row)

    def _rows(self, page: Page, report: Report) -> Iterable[Row]:
        (key,) = self.spec.keys
        rows = [row for row in page.rows if self.layout.has_place(key, row.get(key))]
        report.keyless += len(page.rows) - len(rows)
        if not (self.spec.v1 and self.layout.custom):
            return rows
        return (v1.nested(row, self.layout.custom) for row in rows if isinstance(row, dict))

    def skip(self, parent: int, error: ApiError) -> None:
        """Go on without the children of a parent that may not be read.

        One that isn't there any more has none: only others make the stream an incomplete one.
        """
        self.logger.warning("%s: those of %s are left out: %s", self.name, parent, error)
        if not isinstance(error, NotFoundError):
            self.tap.left_out[self.name] = error

    def _page_done(self, way: Way, page: Page) -> None:
        """Offer the state, so that a target that dies keeps what it delivered up to here."""
        if self.is_incremental:
            way.delivered(page)
            self.state_manager.is_flushed = False
            self._offer_state()

    def _offer_state(self) -> None:
        if not self.config.get("batch_config"):  # a batch is announced before the state behind it
            self._write_state_message()

    def _finish(self, way: Way, sweep: Sweep, report: Report) -> Iterator[list[Any]]:
        if self.is_incremental:
            way.finish()
            self.state_manager.is_flushed = False
            for records in sweep.found():
                report.records += len(records)
                yield records
