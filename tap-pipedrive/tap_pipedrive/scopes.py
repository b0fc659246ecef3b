"""Which OAuth scopes each list needs, so that a missing one is named before a call is spent."""

from __future__ import annotations

from collections.abc import Mapping

from sync_core.errors import ApiError, MissingScopeError
from sync_core.pipedrive import PipedriveClient

from tap_pipedrive.table import (
    ACTIVITY_FIELDS,
    DEAL_FIELDS,
    ORGANIZATION_FIELDS,
    PERSON_FIELDS,
    PRODUCT_FIELDS,
    STREAMS,
    StreamSpec,
)

Scopes = tuple[str, ...]

_CONTACTS: Scopes = ("contacts:read", "contacts:full")
_CONTACT_FIELDS: Scopes = (*_CONTACTS, "contact-fields:full", "admin")
_DEALS: Scopes = ("deals:read", "deals:full")
_ACTIVITIES: Scopes = ("activities:read", "activities:full")
_PRODUCTS: Scopes = ("products:read", "products:full")
_LEADS: Scopes = ("leads:read", "leads:full")
_MOST: Scopes = (*_DEALS, *_ACTIVITIES, *_CONTACTS)

#: Path -> the scopes of which any one opens it, as Pipedrive's OpenAPI files list them. What isn't
#: here needs no scope beyond `base`, which every app has.
OPENED_BY: Mapping[str, Scopes] = {
    "/api/v2/persons": _CONTACTS,
    "/api/v2/organizations": _CONTACTS,
    "/api/v2/deals": _DEALS,
    "/api/v2/deals/archived": _DEALS,
    "/api/v2/deals/products": (*_PRODUCTS, *_DEALS),
    "/api/v2/activities": _ACTIVITIES,
    "/api/v2/products": _PRODUCTS,
    "/api/v2/pipelines": (*_DEALS, "admin"),
    "/api/v2/stages": (*_DEALS, "admin"),
    PERSON_FIELDS: _CONTACT_FIELDS,
    ORGANIZATION_FIELDS: _CONTACT_FIELDS,
    DEAL_FIELDS: (*_DEALS, "deal-fields:full", "admin"),
    ACTIVITY_FIELDS: ("admin",),
    PRODUCT_FIELDS: (*_PRODUCTS, "product-fields:full"),
    "/v1/notes": (*_DEALS, *_CONTACTS),
    "/v1/leads": _LEADS,
    "/v1/leadLabels": _LEADS,
    "/v1/leadSources": _LEADS,
    "/v1/files": _MOST,
    "/v1/filters": _MOST,
    "/v1/users": ("users:read",),
    "/v1/activityTypes": (*_ACTIVITIES, "admin"),
}


def check(client: PipedriveClient, spec: StreamSpec) -> None:
    """Find a missing scope before anything is asked for; an API token needs none.

    Raises:
        MissingScopeError: The OAuth app lacks what the stream, its field catalogue or the list of
            its parents needs.
    """
    granted = client.scopes()
    for path in _paths(spec):
        scopes = OPENED_BY.get(path, ())
        if granted and scopes and granted.isdisjoint(scopes):
            raise MissingScopeError(
                f"{needed(spec, path)}, which the OAuth app wasn't granted; it has "
                f"{', '.join(sorted(granted))}. Add it to the app in Pipedrive's Developer Hub, "
                "then connect again",
                status=403,
            )


def named(error: ApiError, spec: StreamSpec) -> ApiError:
    """An error with the scope in its text, where one is missing that isn't named yet."""
    if not isinstance(error, MissingScopeError) or "needs the scope" in str(error):
        return error
    text = "; ".join(
        [str(error), *(needed(spec, path) for path in _paths(spec) if path in OPENED_BY)]
    )
    return MissingScopeError(text, status=error.status, detail=error.detail)


def needed(spec: StreamSpec, path: str) -> str:
    """Which scope a stream needs for a path."""
    first, *others = OPENED_BY[path]
    choice = f"{first} (or {', '.join(others)})" if others else first
    return f"{spec.name} needs the scope {choice}" + (f" for {path}" if path != spec.path else "")


def _paths(spec: StreamSpec) -> list[str]:
    parent = STREAMS[spec.parent].path if spec.parent else ""
    return [path for path in (spec.path, spec.fields_path, parent) if path]
