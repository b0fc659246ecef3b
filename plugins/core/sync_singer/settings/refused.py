"""Settings of a wrong kind or value, a sentence each: which, what was expected, what is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from numbers import Number
from typing import Any

from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR

#: JSON type -> what people call it; null is what isn't set.
_KINDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "settings by name",
}
_LIMITS = {"exclusiveMinimum": "above", "minimum": "at least", "maximum": "at most"}


def refusals(schema: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    """What is wrong with the values of a configuration.

    Args:
        schema: The plugin's settings.
        config: What is set.
    """
    secrets = {name for name, each in schema["properties"].items() if each.get("secret")}
    errors = DEFAULT_JSONSCHEMA_VALIDATOR(schema).iter_errors(config)
    return [_sentence(error, secrets) for error in errors]


def _sentence(error: Any, secrets: Iterable[str]) -> str:
    path = [*error.absolute_path]
    if error.validator not in {"type", "enum", *_LIMITS}:
        return f"{_named(path)}: {error.message}"
    shown = "" if path[0] in secrets else _shown(error.instance)
    return f"{_named(path)}: expected {_wanted(error.schema)}{shown}"


def _named(path: Iterable[str | int]) -> str:
    parts = (f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
    return "".join(parts).removeprefix(".")


def _wanted(schema: Any) -> str:
    if "enum" in schema:
        return f"one of {', '.join(repr(each) for each in schema['enum'] if each is not None)}"
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kinds = " or ".join(_KINDS[each] for each in types if each in _KINDS)
    limits = " and ".join(_limits(schema))
    return f"{kinds}, {limits}" if limits else kinds


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    return (f"{word} {schema[key]}" for key, word in _LIMITS.items() if key in schema)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return f", got {str(value).lower()}"
    if isinstance(value, Number):
        return f", got {value}"
    return f", got {value!r}" if isinstance(value, str) else ""
