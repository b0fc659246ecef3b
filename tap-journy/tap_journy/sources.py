"""Where the records come from: an endpoint that the settings describe, or files."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import msgspec
from sync_core.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidError,
    NotFoundError,
    PermissionDeniedError,
    TransientError,
)
from sync_core.journy import JournyClient

from tap_journy.entities import Entity
from tap_journy.settings import SETTING, Settings

Raw = dict[str, Any]
SAMPLE_SIZE = 100


class Source(Protocol):
    """What the streams ask of a record source."""

    def incremental(self, entity: Entity, /) -> bool:
        """Whether the source can leave out what hasn't changed, and orders by update time."""
        ...

    def sample(self, entity: Entity, /) -> list[Raw]:
        """A few records, from which types are told."""
        ...

    def records(self, entity: Entity, since: str | None, /) -> Iterator[Raw]:
        """All records, or those that changed since then."""
        ...


def dig(value: Any, path: str | None) -> Any:
    """What stands at a dotted path; None where there is nothing."""
    for key in path.split(".") if path else ():
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value if path else None


class ApiSource:
    """Pages of an endpoint that the settings describe."""

    def __init__(self, client: JournyClient, settings: Settings) -> None:
        self._client = client
        self._listings = settings.listings

    def incremental(self, entity: Entity) -> bool:
        """Whether the endpoint takes a parameter for it."""
        listing = self._listings[entity.name]
        return bool(listing["since_param"] and listing["updated_at"])

    def sample(self, entity: Entity) -> list[Raw]:
        """The first page, kept short."""
        size = min(self._listings[entity.name]["page_size"], SAMPLE_SIZE)
        return next(self._pages(entity, None, size))

    def records(self, entity: Entity, since: str | None) -> Iterator[Raw]:
        """Walk the pages."""
        for page in self._pages(entity, since, self._listings[entity.name]["page_size"]):
            yield from page

    def _pages(self, entity: Entity, since: str | None, size: int) -> Iterator[list[Raw]]:
        listing = self._listings[entity.name]
        named = {listing["limit_param"]: size, listing["since_param"]: since}
        cursor: Any = None
        while True:
            query = {**named, listing["cursor_param"]: cursor}
            body = self._get(entity, {name: value for name, value in query.items() if name})
            yield self._records(entity, body)
            following = dig(body, listing["next"])
            if not following or not listing["cursor_param"]:
                return
            if following == cursor:
                raise TransientError(f"journy repeats the cursor of {listing['path']}: no end")
            cursor = following

    def _get(self, entity: Entity, query: Mapping[str, Any]) -> Any:
        path = self._listings[entity.name]["path"]
        try:
            return self._client.get(path, query)
        except (AuthenticationError, NotFoundError, PermissionDeniedError, InvalidError) as error:
            raise ConfigurationError(
                f"journy answered {error.status} to GET {path}: journy publishes no endpoint that "
                f"lists {entity.name}: {SETTING}.{entity.name} must describe one that your API key "
                f"opens, or use {SETTING}.type files"
            ) from error

    def _records(self, entity: Entity, body: Any) -> list[Raw]:
        listing = self._listings[entity.name]
        found = dig(body, listing["records"])
        if not isinstance(found, list):
            raise ConfigurationError(
                f"{SETTING}.{entity.name}.records: the answer to GET {listing['path']} has no "
                f"list at {listing['records']!r}"
            )
        return [each for each in found if isinstance(each, dict)]


class FileSource:
    """JSON Lines files with one record a line."""

    def __init__(self, settings: Settings, logger: logging.Logger) -> None:
        self._files = settings.files
        self._log = logger

    def incremental(self, _entity: Entity) -> bool:
        """A file is read whole."""
        return False

    def sample(self, entity: Entity) -> list[Raw]:
        """The first records."""
        found = (raw for _number, raw in self._lines(entity) if isinstance(raw, dict))
        return list(islice(found, SAMPLE_SIZE))

    def records(self, entity: Entity, _since: str | None) -> Iterator[Raw]:
        """Read the file; a broken line is reported and the rest read."""
        for number, raw in self._lines(entity):
            if isinstance(raw, dict):
                yield raw
            else:
                path = self._files[entity.name]
                self._log.warning("%s: line %d isn't a JSON object and is left out", path, number)

    def _lines(self, entity: Entity) -> Iterator[tuple[int, Any]]:
        path = self._files[entity.name]
        try:
            with Path(path).open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    if line.strip():
                        yield number, _decode(line)
        except OSError as error:
            raise ConfigurationError(
                f"{SETTING}.{entity.name}: {path} can't be read ({error.strerror})"
            ) from error


def _decode(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
