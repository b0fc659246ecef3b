"""A request as its caller means it, and a credential that can be renewed under way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

#: Kinds of reading calls by their paths; the first that fits. A new kind is a row.
_READS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("search", r"/(itemSearch|search)\b"),
        ("record", r"/[0-9]+$"),
        ("catalogue", r"(Fields|/users|/users/me|/activityTypes|/currencies|/pipelines|/stages)$"),
        ("list", r""),
    )
)


@dataclass(frozen=True)
class Call:
    """One request as its caller means it.

    Attributes:
        method: HTTP method.
        path: Path below the service's address, without a query.
        params: Query parameters; None values are left out.
        body: What is sent as JSON.
        form: What is sent as a form instead.
        repeatable: Whether sending it twice does no harm: a GET, a PATCH, an upsert.
        tokens: What the call costs of the daily budget.
        lane: The burst window that it counts in; a service may have several.
        decode: Makes of an answer's body what the caller gets, or `answers.UNREADABLE`; by default
            any JSON.
    """

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    repeatable: bool = True
    tokens: int = 0
    lane: str = ""
    form: Mapping[str, str] | None = None
    decode: Callable[[bytes], Any] | None = None

    @property
    def kind(self) -> str:
        """What sort of call it is, for the bill."""
        if self.method != "GET":
            return "write"
        if "ids" in self.params:
            return "ids"
        return next(kind for kind, pattern in _READS if pattern.search(self.path))

    @property
    def what(self) -> str:
        """The call for messages, without a query."""
        return f"{self.method} {self.path.partition('?')[0]}"


class RenewableAuth(requests.auth.AuthBase):
    """A credential that ends, and can be renewed; safe to use from several threads."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that must never be logged, as they are now."""
        raise NotImplementedError

    def ready(self) -> str:
        """Have a living credential before a request is made.

        Returns:
            The address that the service wants to be called at; empty where it doesn't say.
        """
        raise NotImplementedError

    def renew(self, used: requests.PreparedRequest) -> bool:
        """Replace the credential that a request was refused with.

        Returns:
            Whether the request may be sent again.
        """
        raise NotImplementedError
