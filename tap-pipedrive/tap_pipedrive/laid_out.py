"""Streams whose columns are the built-in ones of a schema file and those of a field catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

from sync_core.errors import ApiError
from sync_core.pipedrive.columns import Column, columns
from sync_core.pipedrive.fields import Field, parse
from sync_singer.border import border
from sync_singer.pages import PageStream

from tap_pipedrive import memory, scopes
from tap_pipedrive.left_out import is_left_out
from tap_pipedrive.rows import CUSTOM, Layout
from tap_pipedrive.table import Since, StreamSpec

if TYPE_CHECKING:
    from tap_pipedrive.tap import TapPipedrive


class LaidOutStream(PageStream):
    """A stream that knows its columns, and keeps the names of custom ones in state."""

    def __init__(self, tap: TapPipedrive, spec: StreamSpec) -> None:
        super().__init__(tap, name=spec.name)
        self.tap = tap
        self.client = tap.client
        self.spec = spec
        self.primary_keys = spec.keys
        self.replication_key = None if spec.since is Since.NEVER else "update_time"

    @cached_property
    def layout(self) -> Layout:
        """Columns from the field catalogue; read when needed, so not for a deselected stream."""
        built_in = self._built_in
        custom = self._custom({*built_in, CUSTOM}) if self.needed.fields_path else []
        strange = [f"{c.name} ({c.field.type})" for c in custom if not c.known]
        if strange:
            self.logger.warning(
                "%s: fields of a type that this version doesn't know are kept as any JSON: %s",
                self.name,
                ", ".join(strange),
            )
        mode = self.config["custom_fields"] if self.spec.fields_path else "columns"
        return Layout(built_in, custom, mode, v1=self.spec.v1)

    @cached_property
    def _built_in(self) -> dict[str, Any]:
        return _built_in(self.spec.schema_file or self.name)

    @cached_property
    def needed(self) -> StreamSpec:
        """What is read: no field catalogue where the catalog deselects each custom column."""
        if self._input_schema is not None:
            columns = self._input_schema.get("properties", {}).keys() - self._built_in.keys()
            if columns and not any(self.mask["properties", name] for name in columns):
                return replace(self.spec, fields_path="")
        return self.spec

    def _custom(self, reserved: set[str]) -> list[Column]:
        """A column for each custom field; none where the catalogue may not be read."""
        with border():
            fields = {field.key: field for field in self._fields() if field.custom}
        return columns(
            fields.values(),
            reserved,
            option_labels=self.config["option_labels"],
            option_ids=self.config["option_ids"],
            remembered={
                **self.tap.given_names.get(self.name, {}),
                **memory.names(self._remembered),
            },
        )

    def _fields(self) -> list[Field]:
        try:
            scopes.check(self.client, self.spec)
            return [parse(row) for row in self.tap.catalogues.rows(self.spec.fields_path)]
        except ApiError as error:
            if not is_left_out(error):
                raise
            self.tap.left_out[self.name] = scopes.named(error, self.spec)
            return []

    @property
    def _remembered(self) -> Mapping[str, Any]:
        """Which names the custom fields had in earlier runs."""
        entries: Mapping[str, Any] = self.tap.given_bookmarks.get(self.name, {}).get(
            memory.COLUMNS, {}
        )
        return entries

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of a record."""
        return self.layout.schema

    def _remember(self) -> None:
        """Keep the names of columns in state, and say what has changed since the last run."""
        if not self.needed.fields_path or self.config["custom_fields"] == "raw":
            return
        entries, news = memory.remember(self._remembered, self.layout.custom)
        for each in news:
            self.logger.warning("%s: %s", self.name, each)
        if entries != self._remembered:
            self.stream_state[memory.COLUMNS] = entries
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


def _built_in(schema: str) -> dict[str, Any]:
    text = resources.files("tap_pipedrive.schemas").joinpath(f"{schema}.json").read_text("utf-8")
    properties: dict[str, Any] = json.loads(text)["properties"]
    return properties
