"""The streams from the record source: users, accounts, and who is in which account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING

from sync_core.errors import ConfigurationError, SyncError
from sync_core.times import comparable, earlier

from tap_journy.entities import USERS, Entity
from tap_journy.kinds import stamp
from tap_journy.layout import Layout, Record
from tap_journy.settings import SETTING, shown
from tap_journy.sources import Page, Position
from tap_journy.streams import JournyStream

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Context

    from tap_journy.tap import TapJourny

_FILES = "files"
#: A state that names thousands of files is long, and changes with whole files only.
_FILES_STATE_FREQUENCY = 10_000


class SourceStream(JournyStream):
    """A stream from the record source, which goes on where an earlier run ended."""

    def __init__(self, tap: TapJourny, name: str, entity: Entity, replication_key: str) -> None:
        super().__init__(tap, name)
        if not tap.source.sorted:
            self.STATE_MSG_FREQUENCY = _FILES_STATE_FREQUENCY
        self.entity = entity
        self._unsaid, self._has_news = 0, False
        self._began_at = ""
        self.replication_key = replication_key if tap.source.incremental(entity) else None

    @property
    def is_sorted(self) -> bool:
        """Whether records come in the order of their update time, so that a run can be resumed."""
        return self._is_incremental and self.journy.source.sorted

    @property
    def _is_incremental(self) -> bool:
        return self.replication_key is not None and self.replication_method == "INCREMENTAL"

    @cached_property
    def position(self) -> Position:
        """Where this run begins."""
        if not self._is_incremental:
            return Position(None, {})
        start = stamp(self.config.get("start_date"))
        self._began_at = self._bookmark
        if self.journy.source.sorted:
            # A later start date is for a first run: what changed in between would never come.
            return Position(self._looked_back or start or None, {})
        # Files are told from each other by what they are, not by the times in their records.
        return Position(start or None, dict(self.stream_state.get(_FILES) or {}))

    @property
    def _looked_back(self) -> str:
        """A little before the bookmark: what was stored late may be older than it."""
        mark = comparable(self._bookmark)
        seconds = self.journy.record_source.listings[self.entity.name]["lookback_seconds"]
        return stamp(earlier(mark, timedelta(seconds=seconds))) if mark else ""

    def say_odd(self, layout: Layout) -> None:
        """Say what records lacked, or had in a form that isn't understood."""
        for what, count in layout.odd.items():
            self.logger.warning("%s: %s: %s", self.name, what, f"{count:,}")

    def remember(self, page: Page) -> None:
        """Keep in state which files are read, and forget those that are gone."""
        before = self.stream_state.get(_FILES) or {}
        known = {**before, **page.files}
        if page.present is not None:
            known = {name: mark for name, mark in known.items() if name in page.present}
        if known != before:
            self.stream_state[_FILES] = known
            self.state_manager.is_flushed = False
            self._has_news = True

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
        """The run's start, by the earlier of two clocks: ours and journy's.

        What changes during a walk may have been passed already; only the next run sees it.
        """
        ours = datetime.fromtimestamp(self._tap.initialized_at / 1000, tz=timezone.utc)
        theirs = self.journy.client.http.usage.first_answer_at if self.journy.client else ""
        return min(stamp(ours), stamp(theirs) or stamp(ours))

    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        key = self.replication_key
        updated = latest_record.get(key) if key else None
        if key and updated and self.is_sorted:
            # An endpoint that overlooks `since_param` begins before the bookmark.
            mark = max(min(updated, self._latest_bookmark), self._bookmark)
            super()._increment_stream_state({key: mark}, context=context)
            self._has_news = True

    def move(self, latest: str) -> None:
        """Move the bookmark to the latest update time so far."""
        if self.replication_key and self.is_sorted:
            self._increment_stream_state({self.replication_key: latest})

    def go_back(self) -> None:
        """Say the bookmark with which this run began: it has passed records that are to come."""
        self.stream_state.pop("replication_key", None)
        self.stream_state.pop("replication_key_value", None)
        if self.replication_key and self._began_at:
            super()._increment_stream_state({self.replication_key: self._began_at})
        self.state_manager.is_flushed = False
        self._write_state_message()

    def offer(self, records: int) -> None:
        """After so many records say the state, if it is time; one by one, the SDK does that."""
        self._unsaid += records
        if self._whole_lists and self._has_news and self._unsaid >= self.STATE_MSG_FREQUENCY:
            self._unsaid, self._has_news = 0, False
            self._write_state_message()

    def in_order(self, records: Iterable[Record], latest: str) -> str:
        """The latest update time so far; a list in another order is refused."""
        for record in records if self.is_sorted else ():
            updated = record.get("updated_at") or latest
            if updated < latest:
                self.go_back()
                listing = self.journy.record_source.listings[self.entity.name]
                raise ConfigurationError(
                    f"{shown(listing['path'])} doesn't list records in ascending order of "
                    f"{listing['updated_at']}, so that a run can't go on where another ended: set "
                    f"{SETTING}.{self.entity.name}.since_param to null to read everything each time"
                )
            latest = updated
        return latest


class Memberships(SourceStream):
    """Which user is in which account, from the users of the record source.

    Where users are read as well, from the same point on, it is filled while they are.
    It says when the user last changed, too: target-duckdb fails on the second load of a table that
    has nothing but keys.
    """

    primary_keys = ("user_id", "account_id")
    schema = {  # noqa: RUF012  # the SDK reads it and never writes it
        "type": "object",
        "properties": {
            "user_id": {"type": "string"},
            "account_id": {"type": "string"},
            "user_updated_at": {"type": ["string", "null"], "format": "date-time"},
        },
    }

    def __init__(self, tap: TapJourny) -> None:
        super().__init__(tap, "memberships", USERS, "user_updated_at")
        self._count = 0

    @cached_property
    def _layout(self) -> Layout:
        layout = Layout(USERS, self.journy.record_source.listings[USERS.name], (), [])
        layout.keep({"user_id", "accounts", "updated_at"})
        return layout

    @cached_property
    def _rides(self) -> bool:
        """Whether the users' own walk brings all that is wanted."""
        users = self.journy.streams.get(USERS.name)
        together = isinstance(users, SourceStream) and users.selected and self.selected
        # In a batch, records go into files that belong to one stream.
        if not together or self.get_batch_config(self.config):
            return False
        return isinstance(users, SourceStream) and users.position == self.position

    def ride(self, page: Page) -> None:
        """Deliver the memberships of users who are being read."""
        if self._rides:
            users = self._layout.records(page)
            rows = self._rows(users)
            self._count += len(rows)
            self.write_list(rows)
            self.move(max((user["updated_at"] or "" for user in users), default=""))

    def ride_files(self, page: Page) -> None:
        """Keep in state what the users' walk has read."""
        if self._rides:
            self.remember(page)

    def arrive(self) -> None:
        """Say what came with the users."""
        if self._rides:
            self.say(self._count, 0)

    def ride_back(self) -> None:
        """Go back together with the users."""
        if self._rides:
            self.go_back()

    def strand(self, error: SyncError) -> None:
        """Leave the stream out together with the users."""
        if self._rides:
            self._refused(error)

    def _lists(self) -> Iterator[list[Record]]:
        if self._rides:
            return
        latest = ""
        for page in self.journy.source.pages(USERS, self.position):
            for part in page.parts():
                users = self._layout.records(part)
                latest = self.in_order(users, latest)
                yield self._rows(users)
                self.move(latest)  # past users who have no account at all, too
                self.offer(len(users))
            self.remember(page)
        self.say_odd(self._layout)

    @staticmethod
    def _rows(users: Iterable[Record]) -> list[Record]:
        return [
            {
                "user_id": user["user_id"],
                "account_id": account,
                "user_updated_at": user["updated_at"],
            }
            for user in users
            for account in dict.fromkeys(user["accounts"] or ())
        ]
