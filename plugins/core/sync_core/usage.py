"""Counting the calls of a run, and what they cost."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from sync_core import times

if TYPE_CHECKING:
    import requests

NO_ANSWER = "no answer"


class _Priced(Protocol):
    @property
    def method(self) -> str: ...
    @property
    def tokens(self) -> int: ...
    @property
    def kind(self) -> str: ...


class Usage:
    """Calls and tokens of one run; every call that left is counted.

    Whether a refused call costs tokens isn't documented, and one without an answer may have been
    carried out: we count both as if they did. A refused connection is no call.

    Attributes:
        foretold: Calls and tokens of what a dry run left out.
        first_answer_at: When the run began by the service's clock, as comparable text; empty if it
            doesn't say.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.calls = 0
        self.tokens = 0
        self.by_method: Counter[str] = Counter()
        self.by_kind: Counter[str] = Counter()
        self.foretold = (0, 0)
        self.first_answer_at = ""

    def foretell(self, tokens: int) -> None:
        """Count one call that a dry run leaves out."""
        with self._lock:
            calls, spent = self.foretold
            self.foretold = (calls + 1, spent + tokens)

    def add(self, call: _Priced, response: requests.Response | None) -> None:
        """Count one call, with its answer or, where none came, without."""
        kind = call.kind
        end = NO_ANSWER if response is None else response.status_code
        with self._lock:
            self.calls += 1
            self.tokens += call.tokens
            self.by_kind[kind] += call.tokens
            self.by_method[f"{call.method} {end}"] += 1
            if response is not None and not self.first_answer_at:
                self.first_answer_at = times.from_http_date(response.headers.get("Date"))
