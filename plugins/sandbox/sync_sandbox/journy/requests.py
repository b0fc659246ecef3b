"""What one row of the endpoint table is, and the checks that a request passes before its handler.

Documented: requests are validated against the OpenAPI description, and a 400 names the fields and
parameters that are wrong. Refusing unknown fields and parameters is the sandbox's strictness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_sandbox.journy.access import Key
    from sync_sandbox.journy.validation import Rule
    from sync_sandbox.journy.world import World


@dataclass(frozen=True)
class Call:
    """One request after its key, parameters and body were checked."""

    world: World
    key: Key
    query: Mapping[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What goes back, before the envelope is put around it."""

    status: int
    content: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Endpoint:
    """One row of the table of endpoints."""

    method: str
    path: str
    permission: str | None
    handle: Handler
    body: Rule | None = None
    parameters: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


class BadRequest(Exception):  # noqa: N818  # named like the answer that it becomes
    """The request is refused with 400 and these errors."""

    def __init__(
        self,
        *,
        fields: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        header: dict[str, str] | None = None,
    ) -> None:
        super().__init__("bad request")
        parameters = {"header": header or {}, "query": query or {}, "path": {}}
        self.errors = {"fields": fields or {}, "parameters": parameters}


def read_query(endpoint: Endpoint, given: list[tuple[str, str]]) -> dict[str, str]:
    """Check that every parameter is known and stands once, and that none is missing.

    Raises:
        BadRequest: one is not.
    """
    query: dict[str, str] = {}
    errors: dict[str, str] = {}
    for name, value in given:
        if name not in endpoint.parameters:
            errors[name] = "This parameter is not known here."
        elif name in query:
            errors[name] = "This parameter was given twice."
        query[name] = value
    for name in endpoint.required - query.keys():
        errors[name] = "This parameter is required."
    if errors:
        raise BadRequest(query=errors)
    return query


def read_body(rule: Rule | None, content_type: str | None, body: bytes) -> dict[str, Any]:
    """Read a JSON body and check it against the endpoint's rule.

    Raises:
        BadRequest: it is not JSON, or not what the rule says.
    """
    if rule is None:
        return {}
    if (content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise BadRequest(header={"content-type": "Expected application/json."})
    errors: dict[str, str] = {}
    content: dict[str, Any] = _decode(body)
    rule(content, "", errors)
    if errors:
        raise BadRequest(fields=errors)
    return content


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest(fields={"body": "Expected JSON."}) from None
