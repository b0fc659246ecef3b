"""The streams: users, accounts and memberships from the record source, and the catalogues."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, metrics
from singer_sdk.helpers.conform import TypeConformanceLevel
from sync_core.errors import ConfigurationError
from sync_core.extensions import restore
from sync_singer.border import border

from tap_journy.entities import USERS, Entity
from tap_journy.layout import Definition, Layout, Record, stamp
from tap_journy.settings import SETTING
from tap_journy.sources import Raw

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
        """Read, count, and say in the end what it took."""
        before, count = self.journy.calls, 0
        with border():
            for record in self._records():
                count += 1
                yield record
        calls = self.journy.calls - before
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
        self._path = path
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
        for row in self.journy.catalogue(self._path):
            yield {column: _walk(row, keys) for column, keys in self._columns.items()}


class EntityStream(JournyStream):
    """Users or accounts."""

    def __init__(self, tap: TapJourny, entity: Entity) -> None:
        super().__init__(tap, entity.name)
        self.entity = entity
        self.primary_keys = (entity.id_column,)
        self.replication_key = "updated_at" if tap.source.incremental(entity) else None
        self._unlisted: ConfigurationError | None = None

    @cached_property
    def layout(self) -> Layout:
        """Columns from the documented catalogue and a few records; read when needed."""
        with border():
            rows = self.journy.catalogue(self.entity.properties_path)
            listing = self.journy.record_source.listings[self.entity.name]
            definitions = [
                Definition(
                    row["name"], row.get("label") or row["name"], bool(row.get("isComputed"))
                )
                for row in rows
                if row.get("name")
            ]
            return Layout(self.entity, listing, definitions, self._sample())

    def _sample(self) -> list[Raw]:
        try:
            return self.journy.source.sample(self.entity)
        except ConfigurationError as error:
            # The catalogues can be read all the same: only a run that selects this stream fails.
            self.logger.warning("%s", error)
            self._unlisted = error
            return []

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of a record."""
        schema = self.layout.schema
        with border():
            rows = self.journy.catalogue(self.entity.segments_path)
        if rows:
            names = [row["name"] for row in rows if row.get("name")]
            schema["properties"]["segments"]["x-journy"] = {"segments": names}
        return schema

    @property
    def is_sorted(self) -> bool:
        """Whether records come in the order of `updated_at`, so that a run can be resumed."""
        return self.replication_key is not None and self.replication_method == "INCREMENTAL"

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
        if latest_record.get("updated_at"):
            # An endpoint that overlooks `since_param` begins before the bookmark.
            mark = max(min(latest_record["updated_at"], self._latest_bookmark), self._bookmark)
            super()._increment_stream_state({"updated_at": mark}, context=context)

    def _records(self) -> Iterator[Record]:
        self.layout.keep({name for name in self._names() if self.mask["properties", name]})
        if self._unlisted:
            raise self._unlisted
        start = self.get_starting_timestamp(None)
        latest = ""
        for raw in self.journy.source.records(self.entity, stamp(start) or None):
            record = self.layout.record(raw)
            if record is not None:
                latest = self._in_order(record, latest)
                yield record
        self._report()

    def _names(self) -> set[str]:
        """Names in the catalog that the targets were told of."""
        names: set[str] = set(self.effective_schema.get("properties", {}))
        if missing := sorted(self.schema["properties"].keys() - names):
            text = (
                "%s: columns that the catalog doesn't have are left out: %s (run discovery again)"
            )
            self.logger.warning(text, self.name, ", ".join(missing))
        return names

    def _in_order(self, record: Record, latest: str) -> str:
        updated: str = record.get("updated_at") or latest
        if self.is_sorted and updated < latest:
            listing = self.journy.record_source.listings[self.entity.name]
            raise ConfigurationError(
                f"{listing['path']} doesn't list records in ascending order of "
                f"{listing['updated_at']}, so that a run can't go on where another ended: set "
                f"{SETTING}.{self.entity.name}.since_param to null to read everything each time"
            )
        return updated

    def _report(self) -> None:
        layout = self.layout
        for name, misfits in layout.misfits.items():
            text = "%s: %d values of %s weren't of its type and were left empty"
            self.logger.warning(text, self.name, misfits, name)
        if layout.nameless:
            text = "%s: %d records without %s and %s were left out"
            names = (self.entity.id_column, self.entity.contact)
            self.logger.warning(text, self.name, layout.nameless, *names)
        if layout.unknown:
            text = "%s: properties first seen in this run become columns in the next: %s"
            self.logger.warning(text, self.name, ", ".join(sorted(layout.unknown)))


class Memberships(JournyStream):
    """Which user is in which account, from the users of the record source; always whole.

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

    def _records(self) -> Iterator[Record]:
        layout = Layout(USERS, self.journy.record_source.listings[USERS.name], (), [])
        layout.keep({"user_id", "accounts", "updated_at"})
        for raw in self.journy.source.records(USERS, None):
            user = layout.record(raw) or {}
            for account in dict.fromkeys(user.get("accounts") or ()):
                yield {
                    "user_id": user["user_id"],
                    "account_id": account,
                    "user_updated_at": user["updated_at"],
                }


def _walk(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
