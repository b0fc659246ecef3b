"""Which OAuth scopes a configuration needs, and what for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.pipedrive.endpoints import ENTITIES, PERSON
from sync_core.pipedrive.scopes import (
    ADMIN,
    BASE,
    CHANGED_BY,
    OPENED_BY,
    SEARCH,
    STREAMS,
    WRITTEN_BY,
    Scopes,
    opening,
)

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Need:
    """Something that is configured, and the scopes of which any one opens it.

    Attributes:
        scopes: The least first.
        why: What it is for, as people read it.
    """

    scopes: Scopes
    why: str


def needs(settings: Mapping[str, Settings]) -> list[Need]:
    """What the configuration of both Pipedrive plugins needs.

    Args:
        settings: Role -> settings, as `Project.settings` gives them.
    """
    found = [Need((BASE,), "asking whose credential it is")]
    if (tap := settings.get("tap-pipedrive")) is not None:
        found += _tap(tap)
    if (target := settings.get("target-pipedrive")) is not None:
        found += _target(target)
    return found


def _tap(settings: Settings) -> Iterator[Need]:
    for stream in settings.get("streams") or STREAMS:
        for scopes in opening(stream):
            yield Need(scopes, f"reading {stream}")


def _target(settings: Settings) -> Iterator[Need]:
    yield Need(WRITTEN_BY["person"], "writing persons (users)")
    yield Need(WRITTEN_BY["organization"], "writing organizations (accounts)")
    yield Need(SEARCH, "finding organizations by the account id")
    written = [PERSON]
    for stream, about in _objects(settings.get("streams")):
        if (entity := ENTITIES.get(str(about.get("entity")))) is not None:
            written.append(entity)
            yield Need(WRITTEN_BY[entity.name], f"writing {entity.plural} (the stream {stream})")
            if entity.fields_path:
                yield Need(OPENED_BY[entity.fields_path], f"reading the fields of {entity.plural}")
    if settings.get("owner"):
        yield Need(OPENED_BY["/v1/users"], "finding the owner of what is created")
    if settings.get("create_missing_fields"):
        for scopes in dict.fromkeys(CHANGED_BY[e.fields_path] for e in written if e.fields_path):
            yield Need(scopes, "making missing fields (create_missing_fields)")
    for action in settings.get("actions") or ():
        if isinstance(action, Mapping):
            yield from _action(action)


def _objects(found: Any) -> Iterable[tuple[str, Settings]]:
    entries = found.items() if isinstance(found, Mapping) else ()
    return [(name, about) for name, about in entries if isinstance(about, Mapping)]


def _action(action: Settings) -> Iterator[Need]:
    name, activity = action.get("name"), action.get("activity")
    about = activity if isinstance(activity, Mapping) else {}
    yield Need(WRITTEN_BY["activity"], f"making the activities of {name}")
    if str(about.get("assignee") or "owner") != "owner":
        yield Need(OPENED_BY["/v1/users"], f"finding the assignee of {name}")
    if about.get("priority"):
        # The list of activity fields, which holds the priorities, opens to administrators alone.
        yield Need((ADMIN,), f"finding the priority of {name}")
    if about.get("open_deal"):
        yield Need(OPENED_BY["/api/v2/deals"], f"finding the open deal of {name}")


def least(wanted: Iterable[Need]) -> dict[str, list[str]]:
    """The fewest scopes that serve all needs: scope -> what for, in the order of the needs.

    What has a choice comes last: a scope that is needed anyway serves it.
    """
    chosen: dict[str, list[str]] = {}
    for need in sorted(wanted, key=lambda need: len(_areas(need))):
        scope = next((each for each in need.scopes if each in chosen), None)
        if scope is None:
            scope = need.scopes[0]
            full = scope.replace(":read", ":full")
            scope = full if full in chosen else scope
        chosen.setdefault(scope, []).append(need.why)
    for scope in [each for each in chosen if each.endswith(":read")]:
        full = scope.replace(":read", ":full")
        if full in chosen:
            chosen[full] += chosen.pop(scope)
    return chosen


def _areas(need: Need) -> set[str]:
    return {scope.partition(":")[0] for scope in need.scopes}


def missing(wanted: Iterable[Need], granted: Iterable[str]) -> list[Need]:
    """The needs that nothing granted serves."""
    held = set(granted)
    return [need for need in wanted if not held & set(need.scopes)]
