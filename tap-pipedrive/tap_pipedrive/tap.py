"""The tap: settings, streams, command line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from singer_sdk import Stream
from singer_sdk import typing as th
from sync_core.errors import ApiError, SyncError
from sync_core.pipedrive import PipedriveClient
from sync_singer.border import border
from sync_singer.settings import common, pipedrive_access
from sync_singer.tap import SyncTap

from tap_pipedrive import catalogued, given, left_out, report
from tap_pipedrive.catalogues import Catalogues
from tap_pipedrive.streams import EntityStream
from tap_pipedrive.table import STREAMS


class TapPipedrive(SyncTap):
    """Reads Pipedrive: contacts, deals, activities and what belongs to them."""

    name = "tap-pipedrive"

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
            "concurrency",
            th.IntegerType(minimum=1, maximum=16),
            default=2,
            nullable=False,
            title="Pages side by side",
            description=(
                "How many pages of one list are asked for side by side. 2 halve a first run's time "
                "for at most a page more; more cost some calls. They share the burst limit."
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
            "option_ids",
            th.BooleanType,
            default=False,
            nullable=False,
            title="Option ids",
            description=(
                "Whether ids of options stand beside their labels, in columns with _id or _ids "
                "behind the name."
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

    def __init__(
        self,
        *,
        catalog: Any = None,
        state: Any = None,
        **options: Any,
    ) -> None:
        # The SDK asks for all schemas before it takes over the state, and names depend on that.
        with border():
            self.given_bookmarks: Mapping[str, Any] = given.bookmarks(state)
        #: Stream -> key of a field -> the name that its column has in the given catalog.
        self.given_names = (
            catalogued.follow(catalog, self.given_bookmarks) if isinstance(catalog, dict) else {}
        )
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

    def sum_up(self) -> None:
        """Tell what the run spent, however it ends."""
        if "client" in vars(self):
            report.bill(self.client, self.metrics_logger)

    def check(self) -> None:
        """The connection test, which can't see what Pipedrive hides from the credential's user."""
        super().check()
        self.logger.info(
            "The credential acts for one user: what this user doesn't see in Pipedrive is missing "
            "without a word, so a check that passes is no proof of completeness"
        )

    def is_left_out(self, error: SyncError) -> bool:
        """Whether a refusal concerns one stream only, so that the others go on."""
        return isinstance(error, ApiError) and left_out.is_left_out(error)

    def offered_streams(self) -> list[Stream]:
        """The streams; their columns are read when they are first needed."""
        wanted = self.config.get("streams") or STREAMS
        return [EntityStream(self, spec) for name, spec in STREAMS.items() if name in wanted]
