"""A connection to PostgreSQL that waits for no answer for ever.

Where a server vanishes without a word, TCP itself gives up after hours, and where something in
between still takes the bytes, never. How long a connection may take to be made, and how long one
may be silent, is a setting of libpq's, which the ledger's URL may set otherwise.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from time import monotonic
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa

#: No statement of the ledger's takes nearly as long, nor does any wait for another run.
LONGEST_ANSWER_SECONDS = 300.0
#: The server counts as gone a minute after it has last answered on the wire.
_WIRE: Mapping[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
#: What psycopg tells a generator that nothing has come.
_NOTHING = 0

R = TypeVar("R")


def limit(engine: sa.Engine) -> None:
    """Let an engine's connections, which are psycopg's, give up at some time."""
    sa.event.listen(engine, "do_connect", _connect)


def _connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
    return _Impatient.connect(*arguments, **{**_WIRE, **options})


class _Impatient(psycopg.Connection[Any]):
    """Ends itself where an answer doesn't come."""

    def wait(self, gen: Generator[Any, Any, R], *args: Any, **options: Any) -> R:
        """Wait for an answer as psycopg does, but not for ever."""
        return super().wait(self._limited(gen), *args, **options)

    def _limited(self, gen: Generator[Any, Any, R]) -> Generator[Any, Any, R]:
        end = monotonic() + LONGEST_ANSWER_SECONDS
        ready: Any = None
        while True:
            try:
                wanted = gen.send(ready)
            except StopIteration as done:
                answer: R = done.value
                return answer
            ready = yield wanted
            if ready == _NOTHING and monotonic() >= end:
                self.pgconn.finish()  # nobody knows what it would answer next
                raise psycopg.OperationalError(
                    f"connection lost: no answer for {LONGEST_ANSWER_SECONDS:g} s"
                )
