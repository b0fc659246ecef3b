"""A Singer sink over the engine: collects one stream's records and hands them on in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import BatchSink
from sync_core.engine import Plan
from sync_core.mapping import SourceSchema
from sync_core.text import number_of

if TYPE_CHECKING:
    from sync_singer.target import EngineTarget

#: Records of a batch at most: what a run that dies repeats.
BATCH_SIZE = 500


class EngineSink(BatchSink):
    """Collects one stream's records and hands them to the engine."""

    target: EngineTarget

    def __init__(self, target: EngineTarget, *args: Any, **kwargs: Any) -> None:
        self.target = target
        self._plan: Plan | None = None
        self._unmapped = 0
        self._begun = False
        self._size = BATCH_SIZE
        super().__init__(target, *args, **kwargs)

    @property
    def source_schema(self) -> SourceSchema:
        """What the tap says of the stream."""
        return SourceSchema(self.stream_name, self.schema)

    def prepare(self, plan: Plan | None) -> None:
        """Take the stream's plan, before its first record."""
        self._plan = plan
        if plan is None:
            self.logger.warning(
                "No mapping of %s knows the stream %s: its records are skipped; "
                "add it under `streams`, or deselect it in the tap",
                self.target.name,
                self.stream_name,
            )

    def get_validator(self) -> None:
        """Leave types to the engine: what doesn't fit is refused field by field, not fatally."""
        return

    def _parse_timestamps_in_record(self, *args: Any, **kwargs: Any) -> None:
        """Leave times as text; the engine reads those that it needs."""

    def _singer_validate_message(self, record: dict[str, Any]) -> None:
        """Leave a mapped stream's malformed records to the engine, which rejects them singly."""
        if self._plan is None:
            super()._singer_validate_message(record)

    def _remove_sdc_metadata_from_record(self, record: dict[str, Any]) -> None:
        """Keep `_sdc_deleted_at`, which says that a record is gone."""

    @property
    def max_size(self) -> int:
        """Records of a batch: what the user asks for, or what ends with the burst window."""
        return self.batch_size_rows or self._size

    def start_batch(self, context: dict[str, Any]) -> None:  # noqa: ARG002
        """Note how many records the batch may have, as far as the service's limit is known."""
        if self._plan is not None:
            self._size = self.target.session.engine.destination.whole_windows(BATCH_SIZE)

    @property
    def is_full(self) -> bool:
        """Whether a batch is due; never for a stream whose records are skipped."""
        return self._plan is not None and bool(super().is_full)

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Keep a record for the next batch; one of an unmapped stream is only counted."""
        if self._plan is None:
            self._unmapped += 1
            return
        if not self._begun:
            self._begun = True
            self.target.finish_earlier(self)
        super().process_record(record, context)

    def _after_process_record(self, context: dict[str, Any]) -> None:
        """Log nothing: the SDK would put every record of the batch into the debug log."""

    def process_batch(self, context: dict[str, Any]) -> None:
        """Bring a batch to its outcomes; when this returns, they are durable."""
        if self._plan is not None:
            self.target.session.engine.process(self._plan, context.get("records", ()))
            self.target.progress.tick()

    def clean_up(self) -> None:
        """Try again what earlier runs kept, if no record came that did so; say what was skipped."""
        if self._plan is not None:
            self.target.session.engine.process(self._plan, ())
        elif self._unmapped and self.target.enabled:
            skipped = number_of(self._unmapped, "record")
            self.logger.warning("%s: %s skipped", self.stream_name, skipped)
        super().clean_up()
