"""What a handler gets and gives, and what a row of the endpoint table says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_sandbox.pipedrive.auth import Identity
    from sync_sandbox.pipedrive.params import Params
    from sync_sandbox.pipedrive.state import State

NOTHING: Any = object()


@dataclass
class Call:
    """One authorised request with a known endpoint and checked parameters."""

    state: State
    identity: Identity
    path: str
    args: list[str]
    query: dict[str, Any]
    body: Any = None
    content_type: bytes = b""


@dataclass
class Raw:
    """An answer that is not JSON."""

    content: bytes
    content_type: bytes


@dataclass
class Answer:
    """What a handler gives: data, and where there is any, additional_data."""

    data: Any
    additional: Any = NOTHING
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Endpoint:
    """One operation.

    Attributes:
        method: HTTP method.
        path: below the service; `{}` stands for one variable segment.
        cost: its `x-token-cost`.
        scopes: OAuth scopes, any of which opens it.
        handler: what it does.
        params: the query parameters it takes.
        body: the body that it takes: "" for none, json, form or multipart.
        status: the status of a success.
        search: whether it counts in the search window.
    """

    method: str
    path: str
    cost: int
    scopes: tuple[str, ...]
    handler: Callable[[Call], Any]
    params: Params = field(default_factory=dict)
    body: str = ""
    status: int = 200
    search: bool = False
