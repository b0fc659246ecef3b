"""Query parameters of the status page's requests, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Query = Mapping[str, str]
Readers = Mapping[str, Callable[[str, str], Any]]


class QueryError(ValueError):
    """A parameter is unknown or can't be; the text says what is expected."""


def read(query: Query, readers: Readers) -> dict[str, Any]:
    """The given parameters, each through its reader.

    Raises:
        QueryError: a parameter is unknown, or its value can't be.
    """
    if unknown := sorted(set(query) - set(readers)):
        known = ", ".join(readers)
        raise QueryError(f"there is no parameter {unknown[0]!r}; there are: {known}")
    return {name: readers[name](name, text) for name, text in query.items()}


def whole(least: int, most: int) -> Callable[[str, str], int]:
    """A reader of whole numbers in a range."""

    def reader(name: str, text: str) -> int:
        if text.isascii() and text.isdigit() and least <= int(text[:20]) <= most:
            return int(text)
        raise QueryError(f"{name} must be a whole number from {least} to {most}, not {text!r}")

    return reader


def one_of(*choices: str) -> Callable[[str, str], str]:
    """A reader of a few words."""

    def reader(name: str, text: str) -> str:
        if text in choices:
            return text
        raise QueryError(f"{name} must be one of {', '.join(choices)}, not {text!r}")

    return reader


def words(_name: str, text: str) -> list[str]:
    """Read search words, as they are compared."""
    return text.casefold().split()
