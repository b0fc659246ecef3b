"""Records from an endpoint that the settings describe."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from sync_core.calls import Call
from sync_core.errors import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    InvalidError,
    NotFoundError,
    PermissionDeniedError,
    SyncError,
    TransientError,
)
from sync_core.journy import JournyClient
from sync_core.text import number_of

from tap_journy.entities import Entity
from tap_journy.permissions import Permissions
from tap_journy.settings import SETTING, Settings, shown
from tap_journy.sources import SAMPLE_SIZE, Page, Position, Raw, dig

Listing = Mapping[str, Any]
Query = dict[str, Any]
_REFUSALS = (AuthenticationError, NotFoundError, PermissionDeniedError, InvalidError)


def _seconds(since: str) -> float:
    moment = datetime.fromisoformat(since.rstrip("Z"))
    return moment.replace(tzinfo=timezone.utc).timestamp()


#: Value of `since_format` -> how the parameter spells a moment. Rounded down: too much, never less.
_SPELLINGS: Mapping[str, Callable[[str], Any]] = {
    "iso": lambda since: since,
    "date": lambda since: since[: len("2026-01-31")],
    "seconds": lambda since: int(_seconds(since)),
    "milliseconds": lambda since: int(_seconds(since) * 1000),
}


def _next_cursor(listing: Listing, body: Any, _asked: Query, _rows: int) -> Query | None:
    cursor = dig(body, listing["next"])
    return {listing["cursor_param"]: cursor} if cursor and listing["cursor_param"] else None


# A service may cap the page size, so only an empty page is the end.
def _next_number(listing: Listing, _body: Any, asked: Query, rows: int) -> Query | None:
    name = listing["page_param"]
    number: int = asked.get(name) or listing["first_page"]
    return {name: number + 1} if rows else None


def _next_offset(listing: Listing, _body: Any, asked: Query, rows: int) -> Query | None:
    name = listing["offset_param"]
    return {name: int(asked.get(name, 0)) + rows} if rows else None


def _no_next(_listing: Listing, _body: Any, _asked: Query, _rows: int) -> Query | None:
    return None


_NEXT: Mapping[str, Callable[[Listing, Any, Query, int], Query | None]] = {
    "cursor": _next_cursor,
    "page": _next_number,
    "offset": _next_offset,
    "none": _no_next,
}


def _asked(listing: Listing) -> str:
    """The call for messages."""
    return f"{listing['method']} {shown(listing['path'])}"


class ApiSource:
    """Pages of a described endpoint."""

    sorted = True
    samples_all = False

    def __init__(
        self,
        client: JournyClient,
        permissions: Permissions,
        settings: Settings,
        logger: logging.Logger,
    ) -> None:
        self._client = client
        self._permissions = permissions
        self._listings = settings.listings
        self._log = logger

    def incremental(self, entity: Entity) -> bool:
        """Whether the endpoint takes a parameter for it."""
        listing = self._listings[entity.name]
        return bool(listing["since_param"] and listing["updated_at"])

    def sample(self, entity: Entity) -> list[Page]:
        """The first page, kept short."""
        size = min(self._listings[entity.name]["page_size"], SAMPLE_SIZE)
        return [Page(next(self._walk(entity, None, size))[0])]

    def pages(self, entity: Entity, position: Position) -> Iterator[Page]:
        """Walk the pages."""
        odd = 0
        size = self._listings[entity.name]["page_size"]
        for rows, strange in self._walk(entity, position.since, size):
            odd += strange
            yield Page(rows)
        if odd:
            text = number_of(odd, "entry isn't an object", "entries aren't objects")
            self._log.warning("%s: %s; left out", entity.name, text)

    def _walk(
        self, entity: Entity, since: str | None, size: int
    ) -> Iterator[tuple[list[Raw], int]]:
        """Each page's records, and how many of its entries are none."""
        listing = self._listings[entity.name]
        fixed = self._fixed(listing, since, size)
        place: Query = {}
        before: list[Any] = []
        been: set[str] = set()
        while True:
            body = self._get(entity, {**fixed, **place}, going_on=bool(place))
            found = self._found(entity, body)
            if found and found == before:
                raise TransientError(f"journy repeats a page of {shown(listing['path'])}: no end")
            rows = [each for each in found if isinstance(each, dict)]
            yield rows, len(found) - len(rows)
            following = _NEXT[listing["pagination"]](listing, body, place, len(found))
            if following is None:
                return
            if str(following) in been:  # perhaps pages ago
                path = shown(listing["path"])
                raise TransientError(f"journy repeats the cursor of {path}: no end")
            been.add(str(following))
            place, before = following, found

    @staticmethod
    def _fixed(listing: Listing, since: str | None, size: int) -> Query:
        spelled = since and _SPELLINGS[listing["since_format"]](since)
        named = {listing["limit_param"]: size, listing["since_param"]: spelled}
        if listing["pagination"] == "page":
            named[listing["page_param"]] = listing["first_page"]
        return {name: value for name, value in named.items() if name and value is not None}

    def _get(self, entity: Entity, query: Query, *, going_on: bool) -> Any:
        listing = self._listings[entity.name]
        path, asked = listing["path"], _asked(listing)
        try:
            if listing["method"] == "GET":
                return self._client.get(path, query)
            return self._client.http.send(Call(listing["method"], path, body=query))
        except _REFUSALS as error:
            if going_on and isinstance(error, (InvalidError, NotFoundError)):
                # The pages before were answered: it is the place in the list that isn't known.
                raise TransientError(
                    f"journy answered {error.status} to a later page of {asked}: its cursor may "
                    "have expired; the next run goes on from the last saved state"
                ) from error
            raise self._explained(entity, asked, error) from error

    def _explained(self, entity: Entity, asked: str, error: ApiError) -> SyncError:
        """A refusal of the first page; a wrong key stays what it is."""
        found = self._permissions.explained(error, asked)
        if isinstance(found, AuthenticationError):
            return found
        text = (
            f"{found}. journy publishes no endpoint that lists {entity.name}: "
            f"{SETTING}.{entity.name} must describe one that your API key opens, or use "
            f"{SETTING}.type files"
        )
        if isinstance(found, InvalidError):
            return ConfigurationError(text)
        return type(found)(text, status=found.status, detail=found.detail)

    def _found(self, entity: Entity, body: Any) -> list[Any]:
        listing = self._listings[entity.name]
        found = dig(body, listing["records"])
        if not isinstance(found, list):
            raise ConfigurationError(
                f"{SETTING}.{entity.name}.records: the answer to {_asked(listing)} has no "
                f"list at {listing['records']!r}"
            )
        return found
