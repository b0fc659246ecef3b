"""The whole world as plain data: saved to a file, read back, and kept for quick resets."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sync_sandbox.journy.properties import Property
from sync_sandbox.journy.records import KINDS, Kind, Record

if TYPE_CHECKING:
    from sync_sandbox.journy.world import World


def dump(world: World) -> dict[str, Any]:
    """Copy the world into data that JSON can hold."""
    return {
        "records": {
            name: [_packed(record) for record in table.records.values()]
            for name, table in world.tables.items()
        },
        "catalogues": {
            name: [asdict(row) for row in catalogue.rows.values()]
            for name, catalogue in world.catalogues.items()
        },
        "event_names": list(world.event_names),
        "occurrences": list(world.occurrences),
        "devices": dict(world.devices),
        "pending": [[due, operation] for due, operation in world.pending],
    }


def restore(world: World, data: dict[str, Any]) -> None:
    """Make the world what it was when it was dumped; the data stays as it is."""
    world.clear()
    for name, rows in data["records"].items():
        world.fill(KINDS[name], [_unpacked(row) for row in rows])
    for name, rows in data["catalogues"].items():
        world.catalogues[name].rows = {row["name"]: Property(**row) for row in rows}
    world.event_names = list(data["event_names"])
    world.occurrences = list(data["occurrences"])
    world.devices = dict(data["devices"])
    world.pending.extend((due, operation) for due, operation in data["pending"])


def _packed(record: Record) -> list[Any]:
    links = [list(record.links), list(record.former)]
    times = [record.created, record.updated]
    return [record.key, record.external, record.contact, *times, dict(record.properties), *links]


def _unpacked(row: list[Any]) -> Record:
    key, external, contact, created, updated, properties, links, former = row
    record = Record(key, external, contact, created, updated, dict(properties))
    record.links, record.former = dict.fromkeys(links), dict.fromkeys(former)
    return record


def counts(world: World) -> dict[str, int]:
    """How many records of each kind there are."""
    plural: dict[Kind, str] = {kind: f"{kind.name}s" for kind in KINDS.values()}
    numbers = {plural[kind]: len(world.tables[kind.name].records) for kind in KINDS.values()}
    memberships = sum(len(user.links) for user in world.users.records.values())
    return numbers | {"memberships": memberships, "events": len(world.occurrences)}
