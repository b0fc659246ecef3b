"""The tap: settings, streams, command line."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from singer_sdk import Stream
from singer_sdk import typing as th
from sync_core.errors import (
    AccountClosedError,
    ApiError,
    ConfigurationError,
    NotFoundError,
    PermissionDeniedError,
    SyncError,
)
from sync_core.journy import JournyClient
from sync_singer.settings import common, journy_access
from sync_singer.tap import SyncTap

from tap_journy.api import ApiSource
from tap_journy.described import record_source
from tap_journy.entities import ACCOUNTS, ENTITIES, USERS
from tap_journy.files import FileSource
from tap_journy.people import EntityStream
from tap_journy.permissions import Permissions
from tap_journy.records import Memberships
from tap_journy.segment import SegmentSource
from tap_journy.settings import Settings, read
from tap_journy.sources import Source
from tap_journy.storage import UnreadableError
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


#: Errors that concern one stream; the others go on.
_OF_ONE_STREAM = (NotFoundError, PermissionDeniedError, UnreadableError)


class TapJourny(SyncTap):
    """Reads users, accounts and the documented catalogues of journy.io."""

    name = "tap-journy"

    config_jsonschema = th.PropertiesList(
        *common("journy", "Address of journy's REST API; by default https://api.journy.io."),
        *journy_access(),
        th.Property(
            "start_date",
            th.DateTimeType,
            title="Start date",
            description="Reads only what changed since then: of an endpoint in the first run, of "
            "files in every run.",
        ),
        th.Property(
            "record_source",
            th.CustomType(record_source()),
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
        if self.record_source.type == "api" and self.client and self.permissions:
            self.logger.info(
                "journy publishes no endpoint that lists users or accounts: they are read from the "
                "one that the setting record_source describes"
            )
            return ApiSource(self.client, self.permissions, self.record_source, self.logger)
        kind = SegmentSource if self.record_source.format == "segment" else FileSource
        return kind(self.record_source, self.logger)

    @property
    def calls(self) -> int:
        """How many requests this run has sent."""
        return self.client.http.usage.calls if self.client else 0

    @cached_property
    def permissions(self) -> Permissions | None:
        """What the key may do; None without a connection."""
        return Permissions(self.client) if self.client else None

    @cached_property
    def _catalogues(self) -> dict[str, list[dict[str, Any]] | ApiError]:
        return {}

    def catalogue(self, path: str) -> list[dict[str, Any]]:
        """A documented list of definitions, read once a run; empty without a connection.

        Raises:
            ApiError: journy refuses it, now or when it was asked before.
        """
        if path not in self._catalogues:
            self._catalogues[path] = self._asked(path)
        found = self._catalogues[path]
        if isinstance(found, ApiError):
            raise found
        return found

    def _asked(self, path: str) -> list[dict[str, Any]] | ApiError:
        if not self.client or not self.permissions:
            return []
        try:
            return self.client.catalogue(path)
        except ApiError as error:
            found = self.permissions.explained(error, f"GET {path}")
            if not self.is_left_out(found):
                raise
            return found

    def known(self, path: str) -> list[dict[str, Any]]:
        """A list of definitions that isn't indispensable; empty where the key may not read it."""
        try:
            return self.catalogue(path)
        except ApiError as error:
            if not self.is_left_out(error):
                raise
            self.logger.warning("Going on without: %s", error)
            return []

    def is_left_out(self, error: SyncError) -> bool:
        """Whether an error concerns one stream only, so that the others go on."""
        whole = isinstance(error, AccountClosedError)
        return isinstance(error, _OF_ONE_STREAM) and not whole

    def offered_streams(self) -> list[Stream]:
        """The streams; their columns are read when they are first needed."""
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

    def own_problems(self) -> list[str]:
        """What is wrong with the record source."""
        try:
            read(self.config.get("record_source"))
        except ConfigurationError as error:
            return error.problems
        return []

    def check(self) -> None:
        """The connection test: what the key may do, then one record of each selected stream."""
        for stream in self.streams.values():
            if self.permissions and stream.selected and isinstance(stream, CatalogueStream):
                refusal = self.permissions.missing(stream.path)
                if refusal:
                    self.leave_out(stream.name, refusal)
        super().check()
