"""A Singer target over the engine: batches in, outcomes out, state as soon as it is earned."""

from __future__ import annotations

import copy
import gc
import signal
from collections.abc import Sequence
from functools import cached_property
from types import FrameType
from typing import Any, Protocol

from singer_sdk import Target
from sync_core.engine import Engine, Plan
from sync_core.errors import InterruptedRunError
from sync_core.mapping import SourceSchema

from sync_singer.border import UNAVAILABLE, leave_standard_output, plainly
from sync_singer.files import NamedFiles
from sync_singer.progress import Progress
from sync_singer.reader import Reader
from sync_singer.settings.known import KnownSettings
from sync_singer.sink import EngineSink

_UNREAD = "The state has no reader any more; what was written is recorded"


class Session(Protocol):
    """One run of a target: the engine, and what is done with which stream."""

    engine: Engine

    def plans(self, schemas: Sequence[SourceSchema]) -> list[Plan | None]:
        """The plans of streams that were announced together; None where no mapping knows one.

        Their order doesn't matter, and nothing is made at the destination unless all of them fit.

        Raises:
            ConfigurationError: Lists everything in which the mappings don't fit the streams.
        """
        ...


class EngineTarget(NamedFiles, KnownSettings, Target):
    """A target whose records go through the engine."""

    default_sink_class = EngineSink
    message_reader_class = Reader
    message_reader: Reader

    #: State is saved this often, in minutes; a run that dies repeats no more than that.
    _MAX_RECORD_AGE_IN_MINUTES = 0.1

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._saved_state: dict[str, Any] | None = None
        self._state_waits = False
        self._announced: list[EngineSink] = []
        self.max_parallelism = 1  # streams build on each other; the engine writes side by side
        self.message_reader.on_failure = self._end
        if not self.enabled:
            name = self.config.get("connection_name")
            self.logger.info("Connection %s of %s is off: nothing is written", name, self.name)

    @property
    def enabled(self) -> bool:
        """Whether this connection is switched on."""
        return bool(self.config.get("enabled", True))

    @cached_property
    def session(self) -> Session:
        """The run; opened when the first stream is announced."""
        return self.open_session()

    @cached_property
    def progress(self) -> Progress:
        """What the run says of itself."""
        return Progress(self.session.engine, self.logger)

    @property
    def user_agent(self) -> str:
        """How requests introduce themselves."""
        return str(self.config.get("user_agent") or f"{self.name}/{self.plugin_version}")

    def open_session(self) -> Session:
        """Check settings, credential and destination, before anything is written.

        Raises:
            SyncError: Nothing can go on.
        """
        raise NotImplementedError

    def sinks(self) -> list[EngineSink]:
        """Sinks of the streams that were announced so far, in that order."""
        sinks = [*self._sinks_to_clear, *self._sinks_active.values()]
        return [sink for sink in sinks if isinstance(sink, EngineSink)]

    def finish_earlier(self, sink: EngineSink) -> None:
        """Bring the records of all other streams to their outcomes, as one begins.

        Accounts have to be known before the users who belong to them.
        """
        for each in self.sinks():
            if each is not sink:
                self.drain_one(each)

    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        """Note what is announced; it is compiled when all that is announced with it is known."""
        earlier = self.sinks()
        super()._process_schema_message(message_dict)
        if not self.enabled:
            return
        self.progress.tick()
        for sink in self.sinks():
            if sink not in earlier:
                self.finish_earlier(sink)
                self._announced.append(sink)

    def _compile_announced(self) -> None:
        """Compile the mappings of the streams that were announced since the last other message.

        Raises:
            ConfigurationError: Lists what is wrong with any of them.
        """
        if not self._announced:
            return
        # One that was announced anew before it had a record is known by its latest schema alone.
        sinks = [sink for sink in self._announced if sink not in self._sinks_to_clear]
        self._announced = []
        plans = self.session.plans([sink.source_schema for sink in sinks])
        for sink, plan in zip(sinks, plans, strict=True):
            sink.prepare(plan)

    def _process_record_message(self, message_dict: dict[str, Any]) -> None:
        """Take a record that is no object for an empty one, which the engine rejects by itself."""
        self._compile_announced()
        if not isinstance(message_dict.get("record", {}), dict):
            message_dict = {**message_dict, "record": {}}
        super()._process_record_message(message_dict)

    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        self._compile_announced()
        super()._process_batch_message(message_dict)

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        self._compile_announced()
        super()._process_activate_version_message(message_dict)

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        """Keep a state until everything before it is durable, which may be so already."""
        self._compile_announced()
        super()._process_state_message(message_dict)
        self._state_waits = True
        self._save_earned_state()

    def _handle_max_record_age(self) -> None:
        """After each record: a batch may have ended with it, which earns the state before it."""
        self._save_earned_state()
        super()._handle_max_record_age()

    def _save_earned_state(self) -> None:
        if not self._state_waits or any(sink.current_size for sink in self.sinks()):
            return
        self._state_waits = False
        if self._latest_state:
            self._write_state_message(copy.deepcopy(self._latest_state))

    def process_endofpipe(self) -> None:
        """Finish what is pending; the run's end is recorded however it comes."""
        try:
            self._compile_announced()
            super().process_endofpipe()
        except BaseException as error:
            self._end(error)
            raise
        self._end(None)
        spent = self.session.engine.budget_spent if "session" in self.__dict__ else None
        if spent is not None:
            raise spent

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End behind what is being written, without a state that is ahead of it.

        The SDK's own would bring batches to their end in the middle of one, say the state of
        records that aren't recorded yet, and end with 0, as if all had been written.
        """
        name = signal.Signals(signum).name
        wish = InterruptedRunError(f"Ended by {name}; what was written is recorded")
        if "session" not in self.__dict__:
            raise wish
        self.session.engine.ending.ask(wish)

    def _end(self, error: BaseException | None) -> None:
        if "session" in self.__dict__:
            self.session.engine.finish(error)
            self.progress.finish(error)

    def _write_state_message(self, state: dict[str, Any]) -> None:
        """Emit state, unless nothing was delivered: a dry run mustn't make the next run skip.

        Raises:
            InterruptedRunError: Meltano, or whoever else keeps it, has ended.
        """
        if self.enabled and not self.config.get("dry_run") and state != self._saved_state:
            self._saved_state = state
            try:
                super()._write_state_message(state)
            except BrokenPipeError:
                leave_standard_output()
                raise InterruptedRunError(_UNREAD) from None

    @classmethod
    def invoke(cls, **options: Any) -> None:
        """Run the target from the command line."""
        if not gc.get_freeze_count():
            # What is loaded by now stays; looking through it for garbage again and again would
            # make all writes under way wait.
            gc.freeze()
        with plainly(cls.logger, outage=UNAVAILABLE):
            super().invoke(**options)
