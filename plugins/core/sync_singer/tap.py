"""What both taps share: the switch, the command line, and streams that a run goes on without."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from types import FrameType
from typing import Any, ClassVar

import click
import msgspec
from singer_sdk import Stream, Tap
from singer_sdk.exceptions import ConfigValidationError, FatalAPIError
from singer_sdk.singerlib import StateMessage
from sync_core.errors import SyncError
from sync_core.extensions import restore
from sync_core.times import comparable

from sync_singer.border import FAILED, border, plainly
from sync_singer.files import NamedFiles
from sync_singer.settings.known import KnownSettings
from sync_singer.writer import BlockWriter

#: The run finished, but not all was read: the log names the streams.
LEFT_OUT = 3
_WHOLE_TEST = "all"


class SyncTap(NamedFiles, KnownSettings, Tap):
    """A tap that goes on without a stream which can't be read, and ends with `LEFT_OUT` then.

    Attributes:
        left_out: Stream -> why it wasn't read, or not wholly.
    """

    dynamic_catalog = True  # columns come from the account's own catalogues
    message_writer_class = BlockWriter
    #: The tap that `invoke` has made, which the SDK doesn't give back.
    running: ClassVar[list[SyncTap]] = []

    def __init__(self, **options: Any) -> None:
        self.left_out: dict[str, SyncError] = {}
        self.running[:] = [self]
        super().__init__(**options)

    def is_left_out(self, error: SyncError) -> bool:
        """Whether an error concerns one stream only, so that the others go on."""
        raise NotImplementedError

    def offered_streams(self) -> Sequence[Stream]:
        """The streams of a connection that is switched on."""
        raise NotImplementedError

    def own_problems(self) -> list[str]:
        """What is wrong with the settings, beyond what JSON Schema tells; a sentence each."""
        return []

    def leave_out(self, stream: str, error: SyncError) -> None:
        """Go on without a stream that can't be read.

        Raises:
            SyncError: The error concerns the whole run.
        """
        if not self.is_left_out(error):
            raise error
        self.left_out[stream] = error
        self.logger.error("%s is left out: %s", stream, error)

    def _set_compatible_replication_methods(self) -> None:
        """Announce all selected streams, too: this is the SDK's last step before it reads.

        So a target knows what is wrong with any of them before it has written the first.
        """
        super()._set_compatible_replication_methods()
        self._announce()

    def _announce(self) -> None:
        for stream in self.streams.values():
            if stream.selected:
                try:
                    stream._write_schema_message()  # noqa: SLF001  # as the SDK's own `Tap` does
                except FatalAPIError:
                    return  # said when its turn comes, after those that can be read

    def sum_up(self) -> None:
        """Tell what the run took, however it ends; the last line is for what went wrong."""

    def end(self) -> None:
        """Say the state once more, and what was left out.

        Some targets forget a state when records follow it, and the SDK says none twice.

        Raises:
            SystemExit: Streams were left out.
        """
        if self.state:
            self.write_message(StateMessage(value=self.state))
        if self.left_out:
            names = sorted(self.left_out)
            # Meltano's own connection test shows a tap's last line and nothing else.
            self.logger.error(
                "Finished without all of these streams: %s. The first of them: %s",
                ", ".join(names),
                self.left_out[names[0]],
            )
            raise SystemExit(LEFT_OUT)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End at once, whatever threads still wait for, and not with the code of a whole run.

        The SDK's own would say the state once more; one that is ahead of what has left, as while a
        batch is filled, would lose records.
        """
        end = partial(self._end_now, signal.Signals(signum).name)
        if isinstance(self.message_writer, BlockWriter):
            self.message_writer.between_messages(end)
        else:
            end()

    def _end_now(self, name: str) -> None:
        try:
            self.sum_up()
            self.logger.error("Ended by %s; the next run goes on behind the last state", name)
            sys.stdout.flush()
        finally:
            os._exit(FAILED)

    def discover_streams(self) -> Sequence[Stream]:
        """The streams; their columns are read when they are first needed."""
        if self.config["enabled"] is False:
            self.logger.info(
                "Connection %s of %s is switched off (enabled: false): nothing is read",
                self.config["connection_name"],
                self.name,
            )
            return []
        with border():
            return self.offered_streams()

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

    def check(self) -> None:
        """The connection test: one record of each selected stream."""
        chosen = [stream for stream in self.streams.values() if stream.selected]
        self.run_sync_dry_run(1, chosen)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        problems = super()._validate_config(raise_errors=raise_errors)
        if self.config["enabled"] is not False:
            problems += _time_problems("start_date", self.config.get("start_date"))
            problems += self.own_problems()
        if problems and raise_errors:
            raise ConfigValidationError("\n".join(problems), errors=problems)
        return problems

    @classmethod
    def invoke(cls, **options: Any) -> None:
        """Run the tap from the command line."""
        cls.running.clear()
        with plainly(cls.logger):
            try:
                super().invoke(**options)
            finally:
                for tap in cls.running:
                    tap.sum_up()
            for tap in cls.running:
                tap.end()

    @classmethod
    def cb_discover(cls, ctx: click.Context, param: click.Option, value: bool) -> None:
        """Write the catalog."""
        with plainly(cls.logger):
            super().cb_discover(ctx, param, value)

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        """Run the connection test, of the catalog's selected streams where one is given before."""
        with plainly(cls.logger):
            if value != _WHOLE_TEST:
                super().cb_test(ctx, param, value)
                return
            tap = cls(
                config=ctx.params["config"].config,
                parse_env_config=ctx.params["config"].parse_env,
                catalog=_catalog(ctx.params.get("catalog")),
            )
            tap.check()
            tap.end()
        ctx.exit()


def _time_problems(setting: str, value: Any) -> list[str]:
    if not value or comparable(value):
        return []
    return [f"{setting}: expected a date or time such as 2026-01-31T00:00:00Z, got {value!r}"]


def _catalog(file: Any) -> Mapping[str, Any] | None:
    if file is None:
        return None
    with file:
        found: Mapping[str, Any] = msgspec.json.decode(file.read())
    return found
