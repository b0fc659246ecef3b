"""The tap: settings, streams, command line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import click
from singer_sdk import Stream, Tap
from singer_sdk import typing as th
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.singerlib import StateMessage
from sync_core.errors import ApiError
from sync_core.extensions import restore
from sync_core.pipedrive import PipedriveClient
from sync_core.times import comparable
from sync_singer.border import border, plainly
from sync_singer.settings import common, pipedrive_access
from sync_singer.writer import BlockWriter

from tap_pipedrive import left_out, memory
from tap_pipedrive.catalogues import Catalogues
from tap_pipedrive.streams import EntityStream
from tap_pipedrive.table import STREAMS


class TapPipedrive(Tap):
    """Reads Pipedrive: contacts, deals, activities and what belongs to them."""

    name = "tap-pipedrive"
    dynamic_catalog = True  # columns come from the company's own field catalogue
    message_writer_class = BlockWriter

    config_jsonschema = th.PropertiesList(
        *common(
            "Pipedrive",
            "Address up to where /api/v2 and /v1 begin; by default that of the company domain, "
            "or https://api.pipedrive.com.",
        ),
        *pipedrive_access(),
        th.Property(
            "start_date",
            th.DateTimeType,
            title="Start date",
            description=(
                "Reads only what changed since then in the first run; by default everything, "
                "including old records that have no update time."
            ),
        ),
        th.Property(
            "lookback_seconds",
            th.IntegerType(minimum=0),
            default=60,
            nullable=False,
            title="Look-back",
            description=(
                "How far before the last run's mark an incremental run begins, in seconds, "
                "since changes can take a while to appear in Pipedrive's lists."
            ),
        ),
        th.Property(
            "custom_fields",
            th.StringType,
            allowed_values=["columns", "object", "raw"],
            default="columns",
            nullable=False,
            title="Custom fields",
            description=(
                "columns: a column each, named after its label; object: one column with them "
                "by that name; raw: one column as Pipedrive sends them, by key."
            ),
        ),
        th.Property(
            "option_labels",
            th.BooleanType,
            default=True,
            nullable=False,
            title="Option labels",
            description=(
                "Whether single and multiple options appear as labels rather than as ids."
            ),
        ),
        th.Property(
            "detect_deletes",
            th.BooleanType,
            default=True,
            nullable=False,
            title="Detect deletes",
            description=(
                "Whether persons, organizations and activities that vanished are looked for, "
                "at 10 tokens for 500 records; they arrive with is_deleted true."
            ),
        ),
        th.Property(
            "delete_sweep_hours",
            th.NumberType(minimum=0),
            default=24,
            nullable=False,
            title="Hours between looks for deletes",
            description="How many hours lie at least between two looks for vanished records.",
        ),
        th.Property(
            "streams",
            th.ArrayType(th.StringType(allowed_values=list(STREAMS))),
            title="Streams",
            description=(
                "Offers only these streams; by default all. Discovery then reads the field "
                "catalogues of these alone."
            ),
        ),
    ).to_dict()

    #: The tap that `invoke` has made, which the SDK doesn't give back.
    running: ClassVar[TapPipedrive | None] = None

    def __init__(
        self,
        *,
        catalog: Any = None,
        state: Any = None,
        **options: Any,
    ) -> None:
        # The SDK asks for all schemas before it takes over the state, and names depend on that.
        given = state if isinstance(state, dict) else {}
        self.given_bookmarks: Mapping[str, Any] = given.get("bookmarks", {})
        self.left_out: dict[str, ApiError] = {}
        if isinstance(catalog, dict):
            memory.follow(catalog, self.given_bookmarks)
        type(self).running = self
        super().__init__(catalog=catalog, state=state, **options)

    @cached_property
    def client(self) -> PipedriveClient:
        """The connection with Pipedrive that all streams share."""
        return PipedriveClient.from_settings(
            self.config,
            user_agent=self.config.get("user_agent") or f"{self.name}/{self.plugin_version}",
        )

    @cached_property
    def catalogues(self) -> Catalogues:
        """The field catalogues that all streams share."""
        return Catalogues(self.client)

    def leave_out(self, stream: str, error: ApiError) -> None:
        """Go on without a stream that may not be read.

        Raises:
            ApiError: The error concerns the whole run.
        """
        if not left_out.is_left_out(error):
            raise error
        self.left_out[stream] = error
        self.logger.error("%s is left out: %s", stream, error)

    def end(self) -> None:
        """Say the state once more, and what was left out.

        Some targets forget a state when records follow it, and the SDK says none twice.

        Raises:
            SystemExit: Streams were left out.
        """
        if self.state:
            self.write_message(StateMessage(value=self.state))
        if self.left_out:
            names = ", ".join(sorted(self.left_out))
            self.logger.error("Finished without streams that may not be read: %s", names)
            raise SystemExit(left_out.EXIT_CODE)

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
            wanted = self.config.get("streams") or STREAMS
            return [EntityStream(self, spec) for name, spec in STREAMS.items() if name in wanted]

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
        start = self.config.get("start_date")
        if start and self.config["enabled"] is not False and not comparable(start):
            problem = (
                f"start_date: expected a date or time such as 2026-01-31T00:00:00Z, got {start!r}"
            )
            problems.append(problem)
            if raise_errors:
                raise ConfigValidationError(problem, errors=[problem])
        return problems

    @classmethod
    def invoke(cls, **options: Any) -> None:
        """Run the tap from the command line."""
        with plainly(cls.logger):
            super().invoke(**options)
            if cls.running is not None:
                cls.running.end()

    @classmethod
    def cb_discover(cls, ctx: click.Context, param: click.Option, value: bool) -> None:
        """Write the catalog."""
        with plainly(cls.logger):
            super().cb_discover(ctx, param, value)

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        """Read one record of each stream."""
        with plainly(cls.logger):
            super().cb_test(ctx, param, value)
