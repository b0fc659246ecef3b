"""What a stream tells at its end: its price, and what could not be taken over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from singer_sdk import metrics
from sync_core.pipedrive import PipedriveClient
from sync_core.text import number_of

if TYPE_CHECKING:
    import logging

    from tap_pipedrive.streams import EntityStream

#: Begins each name of a custom field, and of its parts, in a row of API v1.
_OF_FIELD = re.compile("[0-9a-f]{40}")


class Report:
    """Counts one stream's records, calls and tokens."""

    def __init__(self, stream: EntityStream) -> None:
        """Begin to count."""
        self._stream = stream
        usage = stream.client.http.usage
        self._calls, self._tokens = usage.calls, usage.tokens
        self.records = 0
        self.keyless = 0

    def price(self) -> None:
        """Log calls and tokens as a metric, however the stream ended."""
        stream, usage = self._stream, self._stream.client.http.usage
        calls, tokens = usage.calls - self._calls, usage.tokens - self._tokens
        stream.logger.info(
            "%s: %s, %s", stream.name, number_of(self.records, "record"), _cost(calls, tokens)
        )
        tags = {metrics.Tag.STREAM: stream.name, "tokens": tokens}
        point = metrics.Point("counter", metrics.Metric.HTTP_REQUEST_COUNT, calls, tags)
        metrics.log(stream.metrics_logger, point=point)

    def losses(self) -> None:
        """Log what was left out or left empty."""
        for each in self._losses():
            self._stream.logger.warning("%s: %s", self._stream.name, each)

    def _losses(self) -> Iterator[str]:
        layout = self._stream.layout
        for name, misfits in layout.misfits.items():
            yield number_of(
                misfits,
                f"value of {name} wasn't of its type and was left empty",
                f"values of {name} weren't of its type and were left empty",
            )
        if self.keyless:
            yield f"{number_of(self.keyless, 'row')} without {self._stream.spec.keys[0]} left out"
        unread = self._stream.spec.fields_path and not self._stream.needed.fields_path
        unknown = [name for name in layout.unknown if not (unread and _OF_FIELD.match(name))]
        if unknown:
            yield f"names unknown to this version left out: {', '.join(sorted(unknown))}"
        if layout.unheard and not unread and self._stream.config["custom_fields"] != "raw":
            keys = ", ".join(sorted(layout.unheard))
            yield f"fields that came up during the run get columns in the next: {keys}"


def bill(client: PipedriveClient, logger: logging.Logger) -> None:
    """Log the calls and tokens of a whole run as a metric."""
    usage, left = client.http.usage, client.budget.left
    known = "" if left is None else f"; {number_of(left, 'is', 'are')} left today"
    logger.info("This run: %s%s", _cost(usage.calls, usage.tokens), known)
    tags = {"run": "all streams", "tokens": usage.tokens, "tokens_left": left}
    metrics.log(
        logger,
        point=metrics.Point("counter", metrics.Metric.HTTP_REQUEST_COUNT, usage.calls, tags),
    )


def _cost(calls: int, tokens: int) -> str:
    return f"{number_of(calls, 'call')}, {number_of(tokens, 'token')}"
