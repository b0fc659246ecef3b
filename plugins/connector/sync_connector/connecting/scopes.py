"""Which OAuth scopes a configuration needs, and what for; Pipedrive's OpenAPI files name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Need:
    """Something that is configured, and the scopes of which any one opens it.

    Attributes:
        scopes: The least first.
        why: What it is for, as people read it.
    """

    scopes: tuple[str, ...]
    why: str


BASE = "base"
ADMIN = "admin"
USERS = ("users:read",)
SEARCH = ("search:read",)
FIELDS = ("contact-fields:full", ADMIN)


def _reading(*areas: str) -> tuple[str, ...]:
    return (*(f"{area}:read" for area in areas), *(f"{area}:full" for area in areas))


_ANYTHING = _reading("contacts", "deals", "activities")

#: Stream of tap-pipedrive -> what opens it; several where it needs several. No row: `base` does.
STREAMS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "persons": (_reading("contacts"),),
    "organizations": (_reading("contacts"),),
    "person_fields": (_reading("contacts"),),
    "organization_fields": (_reading("contacts"),),
    "activities": (_reading("activities"),),
    "activity_types": (_reading("activities"),),
    "activity_fields": ((ADMIN,),),
    "deals": (_reading("deals"),),
    "archived_deals": (_reading("deals"),),
    "deal_fields": (_reading("deals"),),
    "deal_products": (_reading("deals", "products"),),
    "pipelines": (_reading("deals"),),
    "stages": (_reading("deals"),),
    "products": (_reading("products"),),
    "product_fields": (_reading("products"),),
    "leads": (_reading("leads"), _reading("deals")),  # leads have the custom fields of deals
    "lead_labels": (_reading("leads"),),
    "lead_sources": (_reading("leads"),),
    "users": (USERS,),
    "notes": (_reading("contacts", "deals"),),
    "files": (_ANYTHING,),
    "filters": (_ANYTHING,),
    "currencies": (),
}

#: Entity that target-pipedrive writes -> what lets it.
ENTITIES: Mapping[str, tuple[str, ...]] = {
    "person": ("contacts:full",),
    "organization": ("contacts:full",),
    "activity": ("activities:full",),
    "deal": ("deals:full",),
    "lead": ("leads:full",),
    "note": ("contacts:full", "deals:full"),
}


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
        for scopes in STREAMS.get(stream, ()):
            yield Need(scopes, f"reading {stream}")


def _target(settings: Settings) -> Iterator[Need]:
    yield Need(ENTITIES["person"], "writing persons (users)")
    yield Need(ENTITIES["organization"], "writing organizations (accounts)")
    yield Need(SEARCH, "finding organizations by the account id")
    for stream, about in _objects(settings.get("streams")):
        entity = str(about.get("entity"))
        if entity in ENTITIES:
            yield Need(ENTITIES[entity], f"writing a {entity} for each record of {stream}")
    if settings.get("owner"):
        yield Need(USERS, "finding the owner of what is created")
    if settings.get("create_missing_fields"):
        yield Need(FIELDS, "making missing fields (create_missing_fields)")
    for action in settings.get("actions") or ():
        if isinstance(action, Mapping):
            yield from _action(action)


def _objects(found: Any) -> Iterable[tuple[str, Settings]]:
    entries = found.items() if isinstance(found, Mapping) else ()
    return [(name, about) for name, about in entries if isinstance(about, Mapping)]


def _action(action: Settings) -> Iterator[Need]:
    name, activity = action.get("name"), action.get("activity")
    about = activity if isinstance(activity, Mapping) else {}
    yield Need(ENTITIES["activity"], f"making the activities of {name}")
    if str(about.get("assignee") or "owner") != "owner":
        yield Need(USERS, f"finding the assignee of {name}")
    if about.get("priority"):
        # The list of activity fields, which holds the priorities, opens to administrators alone.
        yield Need((ADMIN,), f"finding the priority of {name}")
    if about.get("open_deal"):
        yield Need(_reading("deals"), f"finding the open deal of {name}")


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
