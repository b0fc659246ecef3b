"""The endpoints of v1 as a table, with cost and scopes of the vendor's OpenAPI file."""

from __future__ import annotations

from functools import partial
from typing import Any

from sync_sandbox.pipedrive import deal_products, filing, flow, lookups, merging, recents, v1
from sync_sandbox.pipedrive.calls import Endpoint
from sync_sandbox.pipedrive.entities import ACTIVITY, ENTITIES, ORGANIZATION, PERSON
from sync_sandbox.pipedrive.entities_sales import DEAL, PRODUCT
from sync_sandbox.pipedrive.entities_v1 import FILE, FILTER, LEAD, LEAD_LABEL, NOTE, PINS, WEBHOOK
from sync_sandbox.pipedrive.params import (
    Param,
    Params,
    boolean,
    choice,
    day,
    flag,
    ids,
    integer,
    offset,
    positive,
    seconds,
    text,
)

Scopes = tuple[str, ...]
NOTES: Scopes = ("deals:read", "deals:full", "contacts:read", "contacts:full")
NOTES_WRITE: Scopes = ("deals:full", "contacts:full")
LEADS: Scopes = ("leads:read", "leads:full")
FILING: Scopes = (*NOTES, "activities:read", "activities:full")
FILING_WRITE: Scopes = (*NOTES_WRITE, "activities:full")
ACTIVITIES: Scopes = ("activities:read", "activities:full")
ADMIN: Scopes = ("admin",)
RECENT: Scopes = ("recents:read", "search:read")
USERS: Scopes = ("users:read",)

PAGE: Params = {"start": Param(offset), "limit": Param(positive)}
SORTED: Params = {**PAGE, "sort": Param(text)}
NOTE_LIST: Params = {
    **SORTED,
    **{name: Param(integer) for name in NOTE.filters if name.endswith("_id")},
    "lead_id": Param(text),
    "start_date": Param(day),
    "end_date": Param(day),
    "updated_since": Param(seconds),
    **{f"pinned_to_{pin}_flag": Param(flag) for pin in PINS},
}
LEAD_FILTERS: Params = {
    **SORTED,
    "filter_id": Param(integer),
    "owner_id": Param(integer),
    "person_id": Param(integer),
    "organization_id": Param(integer),
}
CODES: Params = {"include_field_code": Param(boolean)}
# Operation: method, path, cost, scopes, handler, parameters, body, status.
Operation = tuple[str, str, int, Scopes, Any, Params, str, int]


def of(work: Any, entity: Any) -> Any:
    """A handler for one entity."""
    return partial(work, entity=entity)


OPERATIONS: tuple[Operation, ...] = (
    ("GET", "/v1/users", 20, USERS, lookups.users, {}, "", 200),
    ("GET", "/v1/users/me", 2, ("base",), lookups.me, {}, "", 200),
    ("GET", "/v1/users/find", 40, USERS, lookups.find_users, lookups.FIND, "", 200),
    ("GET", "/v1/users/{}", 2, USERS, lookups.user, {}, "", 200),
    ("GET", "/v1/permissionSets", 20, ADMIN, lookups.permission_sets, lookups.APP, "", 200),
    ("GET", "/v1/currencies", 20, ("base",), lookups.currencies, {"term": Param(text)}, "", 200),
    ("GET", "/v1/activityTypes", 20, (*ACTIVITIES, "admin"), lookups.activity_types, {}, "", 200),
    ("POST", "/v1/activityTypes", 10, ADMIN, lookups.create_type, {}, "json", 200),
    ("PUT", "/v1/activityTypes/{}", 10, ADMIN, lookups.change_type, {}, "json", 200),
    ("DELETE", "/v1/activityTypes/{}", 6, ADMIN, lookups.delete_type, {}, "", 200),
    ("GET", "/v1/notes", 20, NOTES, of(v1.get_page, NOTE), NOTE_LIST, "", 200),
    ("GET", "/v1/noteFields", 20, NOTES, lookups.note_fields, {}, "", 200),
    ("POST", "/v1/notes", 10, NOTES_WRITE, of(v1.create, NOTE), {}, "json", 200),
    ("GET", "/v1/notes/{}", 2, NOTES, of(v1.get_one, NOTE), {}, "", 200),
    ("PUT", "/v1/notes/{}", 10, NOTES_WRITE, of(v1.change, NOTE), {}, "json", 200),
    ("DELETE", "/v1/notes/{}", 6, NOTES_WRITE, of(v1.delete, NOTE), {}, "", 200),
    (
        "GET",
        "/v1/leads",
        20,
        LEADS,
        of(v1.get_page, LEAD),
        {**LEAD_FILTERS, "updated_since": Param(seconds)},
        "",
        200,
    ),
    ("GET", "/v1/leads/archived", 40, LEADS, of(v1.get_page, LEAD), LEAD_FILTERS, "", 200),
    ("POST", "/v1/leads", 10, LEADS[1:], of(v1.create, LEAD), {}, "json", 201),
    ("GET", "/v1/leads/{}", 2, LEADS, of(v1.get_one, LEAD), {}, "", 200),
    ("PATCH", "/v1/leads/{}", 10, LEADS[1:], of(v1.change, LEAD), {}, "json", 200),
    ("DELETE", "/v1/leads/{}", 6, LEADS[1:], of(v1.delete, LEAD), {}, "", 200),
    ("GET", "/v1/leadLabels", 10, LEADS, of(v1.get_page, LEAD_LABEL), {}, "", 200),
    ("POST", "/v1/leadLabels", 10, LEADS[1:], of(v1.create, LEAD_LABEL), {}, "json", 200),
    ("PATCH", "/v1/leadLabels/{}", 10, LEADS[1:], of(v1.change, LEAD_LABEL), {}, "json", 200),
    ("DELETE", "/v1/leadLabels/{}", 6, LEADS[1:], of(v1.delete, LEAD_LABEL), {}, "", 200),
    ("GET", "/v1/deals/{}/flow", 40, ("recents:read",), flow.flow, flow.PARAMS, "", 200),
    ("GET", "/v1/recents", 20, RECENT, recents.recents, recents.PARAMS, "", 200),
    ("GET", "/v1/leadSources", 2, LEADS, lookups.lead_sources, {}, "", 200),
    (
        "GET",
        "/v1/filters",
        20,
        FILING,
        filing.list_filters,
        {"type": Param(choice(*filing.TYPES))},
        "",
        200,
    ),
    ("POST", "/v1/filters", 10, FILING_WRITE, filing.create_filter, CODES, "json", 200),
    ("GET", "/v1/filters/{}", 2, FILING, filing.get_filter, CODES, "", 200),
    ("PUT", "/v1/filters/{}", 10, FILING_WRITE, filing.change_filter, CODES, "json", 200),
    ("DELETE", "/v1/filters/{}", 6, FILING_WRITE, of(v1.delete, FILTER), {}, "", 200),
    (
        "DELETE",
        "/v1/filters",
        10,
        FILING_WRITE,
        filing.delete_filters,
        {"ids": Param(ids, required=True)},
        "",
        200,
    ),
    ("GET", "/v1/files", 20, FILING, of(v1.get_page, FILE), SORTED, "", 200),
    ("POST", "/v1/files", 10, FILING_WRITE, filing.add_file, {}, "multipart", 200),
    ("GET", "/v1/files/{}", 2, FILING, of(v1.get_one, FILE), {}, "", 200),
    ("PUT", "/v1/files/{}", 10, FILING_WRITE, filing.change_file, {}, "form", 200),
    ("DELETE", "/v1/files/{}", 6, FILING_WRITE, of(v1.delete, FILE), {}, "", 200),
    ("GET", "/v1/files/{}/download", 20, FILING, filing.download, {}, "", 200),
    ("GET", "/v1/webhooks", 10, ADMIN, of(v1.get_page, WEBHOOK), {}, "", 200),
    ("POST", "/v1/webhooks", 10, ADMIN, of(v1.create, WEBHOOK), {}, "json", 201),
    ("DELETE", "/v1/webhooks/{}", 6, ADMIN, v1.delete_webhook, {}, "", 200),
    *(
        (
            "PUT",
            f"/v1/{entity.path}/{{}}/merge",
            40,
            ("deals:full",) if entity is DEAL else ("contacts:full",),
            of(merging.merge, entity),
            {},
            "json",
            200,
        )
        for entity in (PERSON, ORGANIZATION, DEAL)
    ),
)
FIELD_SCOPES: dict[str, Scopes] = {
    PERSON.name: ("contacts:read", "contacts:full", "contact-fields:full", "admin"),
    ORGANIZATION.name: ("contacts:read", "contacts:full", "contact-fields:full", "admin"),
    DEAL.name: ("deals:read", "deals:full", "deal-fields:full", "admin"),
    PRODUCT.name: ("products:read", "product-fields:full", "products:full"),
    ACTIVITY.name: ACTIVITIES,
}
# v1 still lists field definitions, and only there stand the numbers that filters name them by.
FIELD_LISTS: tuple[Operation, ...] = tuple(
    (
        "GET",
        f"/v1/{ENTITIES[name].fields_path}",
        20,
        scopes,
        of(lookups.numbered_fields, ENTITIES[name]),
        {} if name == ACTIVITY.name else PAGE,
        "",
        200,
    )
    for name, scopes in FIELD_SCOPES.items()
)

ENDPOINTS: list[Endpoint] = [
    Endpoint(method, path, cost, scopes, handler, params, body, status)
    for method, path, cost, scopes, handler, params, body, status in (*OPERATIONS, *FIELD_LISTS)
]
# Not in the vendor's file any more; a switch says whether they answer.
OUT_OF_SUPPORT: list[Endpoint] = [
    Endpoint(
        "GET",
        "/v1/deals/{}/products",
        20,
        ("deals:read", "deals:full"),
        deal_products.list_v1,
        PAGE,
    )
]
