"""The tap: settings, streams, command line."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import click
import msgspec
from singer_sdk import Stream, Tap
from singer_sdk import typing as th
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.exceptions import ConfigValidationError
from sync_core.errors import AuthenticationError, ConfigurationError, PermissionDeniedError
from sync_core.extensions import restore
from sync_core.journy import JournyClient
from sync_core.times import comparable
from sync_singer.border import border, plainly
from sync_singer.settings import common, journy_access

from tap_journy import permissions
from tap_journy.api import ApiSource
from tap_journy.entities import ACCOUNTS, ENTITIES, USERS
from tap_journy.files import FileSource
from tap_journy.people import EntityStream
from tap_journy.records import Memberships
from tap_journy.segment import SegmentSource
from tap_journy.settings import Settings, read
from tap_journy.sources import Source
from tap_journy.streams import CatalogueStream, JournyStream

_GROUP = {"group_id": ("group", "id"), "group_name": ("group", "name")}
_PROPERTY: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "label": ("label",),
    "is_computed": ("isComputed",),
    **_GROUP,
}
_SEGMENT: dict[str, tuple[str, ...]] = {"id": ("id",), "name": ("name",)}

#: Stream name -> documented path, and column -> where it stands in a definition.
CATALOGUES: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "user_properties": (USERS.properties_path, _PROPERTY),
    "account_properties": (ACCOUNTS.properties_path, _PROPERTY),
    "user_segments": (USERS.segments_path, _SEGMENT),
    "account_segments": (ACCOUNTS.segments_path, _SEGMENT),
    "events": ("/events", {"id": ("id",), "name": ("name",), **_GROUP}),
}


class TapJourny(Tap):
    """Reads users, accounts and the documented catalogues of journy.io."""

    name = "tap-journy"
    dynamic_catalog = True  # columns come from journy's own property catalogues
    message_writer_class = MsgSpecWriter

    config_jsonschema = th.PropertiesList(
        *common("journy", "Address of journy's REST API; by default https://api.journy.io."),
        *journy_access(),
        th.Property(
            "start_date",
            th.DateTimeType,
            title="Start date",
            description="Reads only what changed since then in the first run.",
        ),
        th.Property(
            "record_source",
            th.ObjectType(),
            title="Record source",
            description=(
                "Where users and accounts come from. journy publishes no endpoint that lists "
                "them: describe one that your API key opens (type: api), or name files (type: "
                "files) of JSON Lines or CSV (format: records) or of calls in Segment's "
                "specification (format: segment). The default describes a plausible endpoint."
            ),
        ),
    ).to_dict()

    @cached_property
    def client(self) -> JournyClient | None:
        """The connection with journy that all streams share; None where files are all there is."""
        if self.record_source.type == "files" and not self.config.get("api_key"):
            return None
        return JournyClient(
            api_key=self.config.get("api_key"),
            user_agent=self.config.get("user_agent") or f"{self.name}/{self.plugin_version}",
            api_url=self.config.get("api_url"),
        )

    @cached_property
    def record_source(self) -> Settings:
        """The setting, checked."""
        return read(self.config.get("record_source"))

    @cached_property
    def source(self) -> Source:
        """Where users and accounts come from."""
        if self.record_source.type == "api" and self.client:
            self.logger.info(
                "journy publishes no endpoint that lists users or accounts: they are read from the "
                "one that the setting record_source describes"
            )
            return ApiSource(self.client, self.record_source, self.logger)
        kind = SegmentSource if self.record_source.format == "segment" else FileSource
        return kind(self.record_source, self.logger)

    @property
    def calls(self) -> int:
        """How many requests this run has sent."""
        return self.client.http.usage.calls if self.client else 0

    @cached_property
    def _catalogues(self) -> dict[str, list[dict[str, Any]]]:
        return {}

    def catalogue(self, path: str) -> list[dict[str, Any]]:
        """A documented list of definitions, read once a run; empty without a connection."""
        if self.client and path not in self._catalogues:
            try:
                self._catalogues[path] = self.client.catalogue(path)
            except AuthenticationError as error:
                raise permissions.explained(error, self.client, path) from error
        return self._catalogues.get(path, [])

    def known(self, path: str) -> list[dict[str, Any]]:
        """A list of definitions that isn't indispensable; empty where the key may not read it."""
        try:
            return self.catalogue(path)
        except PermissionDeniedError as error:
            self.logger.warning("Going on without: %s", error)
            self._catalogues[path] = []
            return []

    def discover_streams(self) -> list[Stream]:
        """The streams; their columns are read when they are first needed."""
        if self.config["enabled"] is False:
            self.logger.info(
                "Connection %s of %s is switched off (enabled: false): nothing is read",
                self.config["connection_name"],
                self.name,
            )
            return []
        with border():
            return [*self._record_streams(), *self._catalogue_streams()]

    def _record_streams(self) -> list[JournyStream]:
        # The SDK runs streams in the order of their names, so accounts come before the users that
        # refer to them; target-pipedrive relies on that.
        files = self.record_source.files
        there = [each for each in ENTITIES if not files or each.name in files]
        streams: list[JournyStream] = [EntityStream(self, entity) for entity in there]
        return [*streams, Memberships(self)] if USERS in there else streams

    def _catalogue_streams(self) -> list[JournyStream]:
        if not self.client:
            self.logger.info("Without api_key the catalogue streams are left out")
            return []
        return [CatalogueStream(self, name, *each) for name, each in CATALOGUES.items()]

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over the state; a tap that is switched off says nothing about it."""
        if self.config["enabled"] is not False:
            super().load_state(state)

    @property
    def catalog_dict(self) -> dict[str, Any]:
        """The catalog, with the keywords of ours that the SDK leaves out."""
        catalog: dict[str, Any] = super().catalog_dict
        for entry in catalog["streams"]:
            restore(entry["schema"], self.streams[entry["tap_stream_id"]].schema)
        return catalog

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        problems = super()._validate_config(raise_errors=raise_errors)
        problems += self._own_problems() if self.config["enabled"] is not False else []
        if problems and raise_errors:
            raise ConfigValidationError("The settings can't work", errors=problems)
        return problems

    def _own_problems(self) -> list[str]:
        """What JSON Schema can't tell."""
        start = self.config.get("start_date")
        found = []
        if start and not comparable(start):
            found.append(
                f"start_date: expected a date or time such as 2026-01-31T00:00:00Z, got {start!r}"
            )
        try:
            read(self.config.get("record_source"))
        except ConfigurationError as error:
            found += error.problems
        return found

    @classmethod
    def invoke(cls, **options: Any) -> None:
        """Run the tap from the command line."""
        with plainly(cls.logger):
            super().invoke(**options)

    @classmethod
    def cb_discover(cls, ctx: click.Context, param: click.Option, value: bool) -> None:
        """Write the catalog."""
        with plainly(cls.logger):
            super().cb_discover(ctx, param, value)

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        """Check the key's permissions, and read one record of each selected stream."""
        if value != "all":
            with plainly(cls.logger):
                super().cb_test(ctx, param, value)
            return
        with plainly(cls.logger):
            tap = cls(
                config=ctx.params["config"].config,
                parse_env_config=ctx.params["config"].parse_env,
                catalog=_catalog(ctx.params.get("catalog")),
            )
            tap.check()
        ctx.exit()

    def check(self) -> None:
        """The connection test: what the key may do, then one record of each selected stream.

        Raises:
            ConfigurationError: A permission is missing.
        """
        chosen = [stream for stream in self.streams.values() if stream.selected]
        if self.client:
            catalogues = [each for each in chosen if isinstance(each, CatalogueStream)]
            permissions.check(self.client, {each.name: [each.path] for each in catalogues})
        self.run_sync_dry_run(1, chosen)


def _catalog(file: Any) -> dict[str, Any] | None:
    if file is None:
        return None
    with file:
        found: dict[str, Any] = msgspec.json.decode(file.read())
    return found
