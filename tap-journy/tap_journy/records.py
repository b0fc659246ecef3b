"""The streams from the record source: users, accounts, and who is in which account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING

from sync_core.errors import ConfigurationError, SyncError

from tap_journy.entities import USERS, Entity
from tap_journy.kinds import stamp
from tap_journy.layout import Layout, Record
from tap_journy.settings import SETTING
from tap_journy.sources import Page, Position, Raw
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
        if self.journy.source.sorted:
            return Position(max(start, stamp(self._bookmark)) or None, {})
        # Files are told from each other by what they are, not by the times in their records.
        return Position(start or None, dict(self.stream_state.get(_FILES) or {}))

    def remember(self, page: Page) -> None:
        """Keep in state which files are read, and forget those that are gone."""
        before = self.stream_state.get(_FILES) or {}
        known = {**before, **page.files}
        if page.present is not None:
            known = {name: mark for name, mark in known.items() if name in page.present}
        if known != before:
            self.stream_state[_FILES] = known
            self.state_manager.is_flushed = False

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

    def in_order(self, updated: str | None, latest: str) -> str:
        """The latest update time so far; a list in another order is refused."""
        if self.is_sorted and updated and updated < latest:
            listing = self.journy.record_source.listings[self.entity.name]
            raise ConfigurationError(
                f"{listing['path']} doesn't list records in ascending order of "
                f"{listing['updated_at']}, so that a run can't go on where another ended: set "
                f"{SETTING}.{self.entity.name}.since_param to null to read everything each time"
            )
        return updated or latest


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

    def ride(self, raw: Raw) -> None:
        """Deliver the memberships of a user who is being read."""
        if self._rides:
            user = self._user(raw)
            for row in self._rows(user):
                self._count += 1
                self._write_record_message(row)
            self._pass(user)

    def ride_files(self, page: Page) -> None:
        """Keep in state what the users' walk has read."""
        if self._rides:
            self.remember(page)

    def arrive(self) -> None:
        """Say what came with the users."""
        if self._rides:
            self.say(self._count, 0)

    def strand(self, error: SyncError) -> None:
        """Leave the stream out together with the users."""
        if self._rides:
            self._refused(error)

    def _records(self) -> Iterator[Record]:
        if self._rides:
            return
        latest = ""
        for page in self.journy.source.pages(USERS, self.position):
            for raw in page.rows:
                user = self._user(raw)
                latest = self.in_order(user.get("updated_at"), latest)
                yield from self._rows(user)
                self._pass(user)
            self.remember(page)

    def _user(self, raw: Raw) -> Record:
        """What memberships need of a user; nothing of one without an identifier."""
        return self._layout.record(raw) or {}

    def _pass(self, user: Record) -> None:
        """Move the bookmark past a user, who may have no account at all."""
        self._increment_stream_state({"user_updated_at": user.get("updated_at")})

    @staticmethod
    def _rows(user: Record) -> Iterator[Record]:
        for account in dict.fromkeys(user.get("accounts") or ()):
            yield {
                "user_id": user["user_id"],
                "account_id": account,
                "user_updated_at": user["updated_at"],
            }
