"""The request journal as people and followers ask for it: a part of it, by id or by filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_sandbox.status.questions import Query, QueryError, one_of, read, whole, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_sandbox.journal import Entry, Journal

MOST = 10_000
FIRST_ERROR = 400
READING = frozenset({"GET", "HEAD", "OPTIONS"})
READERS = {
    "after": whole(0, 10**15),
    "limit": whole(1, MOST),
    "service": one_of("pipedrive", "journy"),
    "only": one_of("writes", "errors"),
    "text": words,
}
ONLY: dict[str, Callable[[Entry], bool]] = {
    "writes": lambda entry: entry["method"] not in READING,
    # No status: the connection was cut before an answer.
    "errors": lambda entry: entry["status"] is None or entry["status"] >= FIRST_ERROR,
}


def journal(kept: Journal, query: Query) -> list[Entry]:
    """All requests, or those that the query asks for; always oldest first.

    With `after`, the first `limit` requests behind that id, for followers that may miss none.
    Without it, the last `limit` requests that pass `service`, `only` and `text`.

    Raises:
        QueryError: a parameter is unknown or can't be.
    """
    if not query:
        return kept.entries()
    asked = read(query, READERS)
    limit = asked.get("limit", MOST)
    if "after" not in asked:
        return kept.latest(limit, _wanted(asked))
    if filters := sorted(set(asked) - {"after", "limit"}):
        raise QueryError(f"after gives every request; leave {', '.join(filters)} out")
    return kept.after(asked["after"], limit)


def _wanted(asked: dict[str, object]) -> Callable[[Entry], bool]:
    tests: list[Callable[[Entry], bool]] = []
    if only := asked.get("only"):
        tests.append(ONLY[str(only)])
    if service := asked.get("service"):
        tests.append(lambda entry: entry["service"] == service)
    if isinstance(texts := asked.get("text"), list):
        tests.append(lambda entry: all(text in _haystack(entry) for text in texts))
    return lambda entry: all(test(entry) for test in tests)


def _haystack(entry: Entry) -> str:
    return f"{entry['method']} {entry['path']} {entry['status']}".casefold()
