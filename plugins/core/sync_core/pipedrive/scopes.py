"""Which OAuth scopes open what of Pipedrive, for reading and for writing, as one table.

Scopes are those that Pipedrive's OpenAPI files list for each operation, the least first. Any one of
them opens it; several needs are several rows. An API token needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Scopes = tuple[str, ...]

#: Every app has it; it opens what the table has no row for.
BASE = "base"
ADMIN = "admin"
SEARCH: Scopes = ("search:read",)


@dataclass(frozen=True)
class Access:
    """What opens one list.

    Attributes:
        path: The list's path.
        reading: Scopes of which any one lets its records be read.
        writing: Scopes of which any one lets a record be made, changed and deleted; empty where
            the product writes none.
        entity: What settings call one record, where the product writes them.
    """

    path: str
    reading: Scopes
    writing: Scopes = ()
    entity: str = ""


def _reading(*areas: str) -> Scopes:
    return (*(f"{area}:read" for area in areas), *(f"{area}:full" for area in areas))


def _writing(*areas: str) -> Scopes:
    return tuple(f"{area}:full" for area in areas)


_CONTACTS, _DEALS, _LEADS = _reading("contacts"), _reading("deals"), _reading("leads")
_PRODUCTS, _ACTIVITIES = _reading("products"), _reading("activities")
_ANYTHING = _reading("contacts", "deals", "activities")
_CONTACT_FIELDS, _DEAL_FIELDS = ("contact-fields:full", ADMIN), ("deal-fields:full", ADMIN)
_PRODUCT_FIELDS = ("product-fields:full",)

TABLE = (
    Access("/api/v2/persons", _CONTACTS, _writing("contacts"), "person"),
    Access("/api/v2/organizations", _CONTACTS, _writing("contacts"), "organization"),
    Access("/api/v2/activities", _ACTIVITIES, _writing("activities"), "activity"),
    Access("/api/v2/deals", _DEALS, _writing("deals"), "deal"),
    Access("/api/v2/deals/archived", _DEALS),
    Access("/api/v2/deals/products", _reading("deals", "products")),
    Access("/v1/leads", _LEADS, _writing("leads"), "lead"),
    Access("/v1/leads/archived", _LEADS),
    Access("/v1/notes", _reading("contacts", "deals"), _writing("contacts", "deals"), "note"),
    Access("/api/v2/products", _PRODUCTS),
    Access("/api/v2/pipelines", (*_DEALS, ADMIN)),
    Access("/api/v2/stages", (*_DEALS, ADMIN)),
    Access("/api/v2/personFields", (*_CONTACTS, *_CONTACT_FIELDS), _CONTACT_FIELDS),
    Access("/api/v2/organizationFields", (*_CONTACTS, *_CONTACT_FIELDS), _CONTACT_FIELDS),
    Access("/api/v2/dealFields", (*_DEALS, *_DEAL_FIELDS), _DEAL_FIELDS),
    Access("/api/v2/activityFields", (ADMIN,)),
    Access("/api/v2/productFields", (*_PRODUCTS, *_PRODUCT_FIELDS)),
    Access("/v1/leadLabels", _LEADS),
    Access("/v1/leadSources", _LEADS),
    Access("/v1/files", _ANYTHING),
    Access("/v1/filters", _ANYTHING),
    Access("/v1/users", ("users:read",)),
    Access("/v1/activityTypes", (*_ACTIVITIES, ADMIN)),
)

#: Path -> the scopes of which any one opens it for reading. What isn't here, `base` opens.
OPENED_BY: Mapping[str, Scopes] = {row.path: row.reading for row in TABLE}

#: Path -> the scopes of which any one opens it for writing.
CHANGED_BY: Mapping[str, Scopes] = {row.path: row.writing for row in TABLE if row.writing}

#: Entity -> the scopes of which any one lets its records be written.
WRITTEN_BY: Mapping[str, Scopes] = {row.entity: row.writing for row in TABLE if row.entity}

#: Stream of tap-pipedrive -> the paths that it reads: its list, its field catalogue, its parents.
STREAMS: Mapping[str, tuple[str, ...]] = {
    "persons": ("/api/v2/persons", "/api/v2/personFields"),
    "organizations": ("/api/v2/organizations", "/api/v2/organizationFields"),
    "activities": ("/api/v2/activities",),
    "deals": ("/api/v2/deals", "/api/v2/dealFields"),
    "archived_deals": ("/api/v2/deals/archived", "/api/v2/dealFields"),
    "deal_products": ("/api/v2/deals/products", "/api/v2/deals"),
    "leads": ("/v1/leads", "/api/v2/dealFields"),  # leads have the custom fields of deals
    "notes": ("/v1/notes",),
    "products": ("/api/v2/products", "/api/v2/productFields"),
    "pipelines": ("/api/v2/pipelines",),
    "stages": ("/api/v2/stages",),
    "person_fields": ("/api/v2/personFields",),
    "organization_fields": ("/api/v2/organizationFields",),
    "deal_fields": ("/api/v2/dealFields",),
    "activity_fields": ("/api/v2/activityFields",),
    "product_fields": ("/api/v2/productFields",),
    "lead_labels": ("/v1/leadLabels",),
    "lead_sources": ("/v1/leadSources",),
    "files": ("/v1/files",),
    "filters": ("/v1/filters",),
    "users": ("/v1/users",),
    "activity_types": ("/v1/activityTypes",),
    "currencies": ("/v1/currencies",),
}


def opening(stream: str) -> tuple[Scopes, ...]:
    """What a stream of tap-pipedrive needs: of each of these one scope; none where `base` does."""
    found = [set(OPENED_BY[path]) for path in STREAMS.get(stream, ()) if path in OPENED_BY]
    # What opens a list mostly opens its field catalogue as well, and need not be said twice.
    return tuple(
        OPENED_BY[path]
        for path in STREAMS.get(stream, ())
        if path in OPENED_BY and not any(each < set(OPENED_BY[path]) for each in found)
    )
