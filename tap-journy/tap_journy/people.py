"""The streams users and accounts, whose columns are journy's properties."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk.helpers._catalog import get_selected_schema
from sync_core.errors import ConfigurationError, NotFoundError, PermissionDeniedError, SyncError
from sync_singer.border import border

from tap_journy.columns import Definition, Widened
from tap_journy.entities import USERS, Entity
from tap_journy.kinds import text
from tap_journy.layout import Layout, Record
from tap_journy.records import Memberships, SourceStream
from tap_journy.sources import Page

if TYPE_CHECKING:
    from tap_journy.tap import TapJourny

_COLUMNS = "columns"


class EntityStream(SourceStream):
    """Users or accounts.

    The types of the columns are remembered in state, so that a column never gets narrower; where a
    value needs a wider one, a schema that has it goes ahead of the record.
    """

    def __init__(self, tap: TapJourny, entity: Entity) -> None:
        super().__init__(tap, entity.name, entity, "updated_at")
        self.primary_keys = (entity.id_column,)
        self._unlisted: SyncError | None = None
        self._told: dict[str, Any] | None = None

    @cached_property
    def layout(self) -> Layout:
        """Columns from the documented catalogue and a few records; read when needed."""
        with border():
            rows = self.journy.known(self.entity.properties_path)
            listing = self.journy.record_source.listings[self.entity.name]
            definitions = [
                Definition(
                    text(row["name"]),
                    text(row.get("label") or row["name"]),
                    computed=row.get("isComputed") is True,
                )
                for row in rows
                if row.get("name")
            ]
            try:
                sample = self.journy.source.sample(self.entity)
                return Layout(self.entity, listing, definitions, sample)
            except (ConfigurationError, NotFoundError, PermissionDeniedError) as error:
                # The catalogues can be read all the same: only a run that selects this stream
                # fails.
                self.logger.warning("%s", error)
                self._unlisted = error
                return Layout(self.entity, listing, definitions, ())

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of a record, as far as a first look tells."""
        schema = self.layout.schema
        with border():
            rows = self._wanted_segments()
        if rows:
            names = [text(row["name"]) for row in rows if row.get("name")]
            ids = {text(row["id"]): text(row["name"]) for row in rows
                   if row.get("id") and row.get("name")}  # fmt: skip
            schema["properties"]["segments"]["x-journy"] = {"segments": names, "ids": ids}
        return schema

    def _wanted_segments(self) -> list[dict[str, Any]]:
        """Definitions of segments; not asked for where their column isn't selected."""
        catalog = self._tap_input_catalog
        if catalog and catalog.get_stream(self.name) and not self.mask["properties", "segments"]:
            return []
        return self.journy.known(self.entity.segments_path)

    @property
    def effective_schema(self) -> dict[str, Any]:
        """The catalog's schema with the types that the columns have by now."""
        return super().effective_schema if self._told is None else self._told

    def _write_schema_message(self) -> None:
        given = super().effective_schema.get("properties", {})
        if self._unlisted:
            return  # it is left out, and columns of no known type would keep that for good
        self.layout.columns.expect(
            {name: given[name] for name in given if isinstance(given[name], dict)}
        )
        for widened in self.layout.columns.recall(self._memory):
            self._report_widened(widened)
        self._announce()

    @property
    def _memory(self) -> dict[str, Any]:
        """Property -> kind, of all that this run and earlier ones know."""
        memory = self.stream_state.get(_COLUMNS)
        return memory if isinstance(memory, dict) else {}

    def _announce(self) -> None:
        """Tell the columns' types to the targets, and to the next run."""
        self.layout.columns.settle_rest()
        given = super().effective_schema
        own = self.layout.schema["properties"]
        typed = {
            name: {**column, **{k: v for k, v in own.get(name, {}).items() if k in _TYPING}}
            for name, column in given.get("properties", {}).items()
        }
        self._told = {**given, "properties": typed}
        selected = get_selected_schema(self.name, self._told, self.mask)
        self.journy.mapper.register_raw_stream_schema(self.name, selected, self.primary_keys)
        self._stream_maps = []
        if self.layout.columns.settled:
            # A property that no record has for a while may come again.
            self.stream_state[_COLUMNS] = {**self._memory, **self.layout.columns.settled}
            self.state_manager.is_flushed = False
        super()._write_schema_message()

    def _report_widened(self, widened: Widened) -> None:
        text = "%s: the column %s held %s values and takes %s from now on, as other values came"
        self.logger.warning(text, self.name, *widened)

    def _lists(self) -> Iterator[list[Record]]:
        self.layout.keep({name for name in self._names() if self.mask["properties", name]})
        if self._unlisted:
            raise self._unlisted
        latest = ""
        for page in self.journy.source.pages(self.entity, self.position):
            self._learn(page)
            for part in page.parts():
                records = self.layout.records(part)
                latest = self.in_order(records, latest)
                yield records
                self.move(latest)
                self._share(part)
                self.offer(len(records))
            self._finish(page)
        self._report()

    def _learn(self, page: Page) -> None:
        """Make room for a page's values before its records leave."""
        if self.journy.source.samples_all:
            return  # there is
        if changed := self.layout.learn(page):
            for widened in changed:
                self._report_widened(widened)
            self._announce()

    @property
    def _memberships(self) -> Memberships | None:
        found = self.journy.streams.get("memberships") if self.entity is USERS else None
        return found if isinstance(found, Memberships) else None

    def _refused(self, error: SyncError) -> None:
        """Leave out the memberships that would have come with the users, too."""
        super()._refused(error)
        if self._memberships:
            self._memberships.strand(error)

    def go_back(self) -> None:
        """Say the bookmark with which this run began, of the memberships, too."""
        super().go_back()
        if self._memberships:
            self._memberships.ride_back()

    def _share(self, page: Page) -> None:
        if self._memberships:
            self._memberships.ride(page)

    def _finish(self, page: Page) -> None:
        self.remember(page)
        if self._memberships:
            self._memberships.ride_files(page)

    def _names(self) -> set[str]:
        """Names in the catalog that the targets were told of."""
        names: set[str] = set(self.effective_schema.get("properties", {}))
        if missing := sorted(self.schema["properties"].keys() - names):
            text = (
                "%s: columns that the catalog doesn't have are left out: %s (run discovery again)"
            )
            self.logger.warning(text, self.name, ", ".join(missing))
        return names

    def _report(self) -> None:
        layout = self.layout
        if self._memberships:
            self._memberships.arrive()
        self.say_odd(layout)
        if layout.unknown:
            text = (
                "%s: properties that discovery didn't find have no column, and their values were "
                "left out: %s (the README says how to get one)"
            )
            self.logger.warning(text, self.name, ", ".join(sorted(layout.unknown)))


#: Keywords of JSON Schema that say what a column holds.
_TYPING = frozenset({"type", "format", "items"})
