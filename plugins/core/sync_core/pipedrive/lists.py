"""An entity's records by list: all of them, the newest, or those that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sync_core import times
from sync_core.pipedrive import envelope
from sync_core.pipedrive.client import PipedriveClient, Row
from sync_core.pipedrive.endpoints import PAGE_SIZE, Entity
from sync_core.pipedrive.offsets import by_offset


def every(client: PipedriveClient, entity: Entity) -> Iterator[list[Row]]:
    """Walk all records of an entity, the archived ones after the others."""
    yield from _walk(client, entity, {})
    yield from archived(client, entity)


def archived(
    client: PipedriveClient, entity: Entity, query: Mapping[str, Any] | None = None
) -> Iterator[list[Row]]:
    """Walk the records that the entity's own list leaves out, if it has an archive."""
    if entity.archive is not None:
        yield from _walk(client, entity, query or {}, archive=True)


def newest(client: PipedriveClient, entity: Entity) -> tuple[list[Row], bool]:
    """The first page of the latest, and whether there are more records than those."""
    query: dict[str, Any] = {"limit": PAGE_SIZE}
    if entity.offsets is None:
        query |= {"sort_by": "id", "sort_direction": "desc"}
    else:
        query |= {"sort": entity.offsets.newest, "start": 0}
    body = client.http.get(entity.path, query, tokens=entity.prices.listing)
    found = envelope.listed(envelope.records(body, entity.path), entity.path)
    if entity.offsets is None:
        return found, envelope.next_cursor(body, entity.path) is not None
    return found, envelope.more_items(body, entity.path)


def changed(client: PipedriveClient, entity: Entity, since: str) -> Iterator[list[Row]]:
    """Walk the records that changed since a comparable time; by cursor, oldest change first."""
    query = {"updated_since": f"{since[:19]}Z"}  # fractions are refused, as was seen live
    if entity.offsets is None:
        query |= {"sort_by": "update_time", "sort_direction": "asc"}
    yield from _walk(client, entity, query)
    if entity.offsets is None:
        yield from archived(client, entity, query)
        return
    # The archive of API v1 knows no `updated_since` (Pipedrive OpenAPI): newest change first.
    for page in archived(client, entity, {"sort": "update_time DESC"}):
        yield [row for row in page if times.comparable(row.get("update_time")) >= since]
        if page and times.comparable(page[-1].get("update_time")) < since:
            return


def _walk(
    client: PipedriveClient, entity: Entity, query: Mapping[str, Any], *, archive: bool = False
) -> Iterator[list[Row]]:
    path, tokens = entity.path, entity.prices.listing
    if archive and entity.archive is not None:
        path, tokens = entity.archive, entity.prices.archive
    if entity.offsets is None:
        pages = client.pages(path, query, tokens=tokens)
    else:
        pages = by_offset(client.http, path, {"sort": entity.offsets.order, **query}, tokens)
    return (envelope.listed(page, path) for page in pages)
