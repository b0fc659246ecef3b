"""Keeps a JSON Schema's own keywords (`x-…`) where a framework rebuilds the schema without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def restore(schema: dict[str, Any], original: Mapping[str, Any]) -> None:
    """Copy the `x-` keywords of an object schema's properties into a rebuilt one, in place.

    Args:
        schema: The rebuilt schema; properties that it lacks stay away.
        original: The schema as it was written.
    """
    known = original.get("properties") or {}
    for name, rebuilt in (schema.get("properties") or {}).items():
        if name in known:
            rebuilt.update({k: v for k, v in known[name].items() if k.startswith("x-")})
            restore(rebuilt, known[name])
