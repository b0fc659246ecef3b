"""The endpoints as a table, with the cost and the scopes that the vendor's OpenAPI files give."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import fields, lookups, reads, search, writes
from sync_sandbox.pipedrive.calls import Endpoint
from sync_sandbox.pipedrive.entities import ACTIVITY, ORGANIZATION, PERSON
from sync_sandbox.pipedrive.params import (
    PAGE,
    Param,
    Params,
    boolean,
    choice,
    ids,
    integer,
    keys,
    seconds,
    several,
    text,
)
from sync_sandbox.pipedrive.projections import PROJECTIONS

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.entities import Entity

CONTACTS = ("contacts:read", "contacts:full")
CONTACTS_WRITE = ("contacts:full",)
ACTIVITIES = ("activities:read", "activities:full")
ACTIVITIES_WRITE = ("activities:full",)
FIELDS_READ = (*CONTACTS, "admin", "contact-fields:full")
FIELDS_WRITE = ("admin", "contact-fields:full")
OPTIONS_WRITE = ("contacts:full", *FIELDS_WRITE)
SEARCH = ("search:read",)
FILTER_KINDS = {"lead_id": text, "done": boolean}
FIELD_NAMESPACES = ("ui_visibility", "important_fields", "required_fields")


def list_params(entity: Entity) -> Params:
    """What a v2 list takes."""
    filters: Params = {name: Param(FILTER_KINDS.get(name, integer)) for name in entity.filters}
    return {
        **PAGE,
        **filters,
        "ids": Param(ids),
        "updated_since": Param(seconds),
        "updated_until": Param(seconds),
        "sort_by": Param(choice(*entity.sort)),
        "sort_direction": Param(choice("asc", "desc")),
        **one_params(entity),
    }


def one_params(entity: Entity) -> Params:
    """What a v2 GET by id takes."""
    params: Params = {}
    if entity.include:
        params["include_fields"] = Param(several(*entity.include))
    if entity.custom:
        params["custom_fields"] = Param(keys)
        params["include_option_labels"] = Param(boolean)
        params["include_labels"] = Param(boolean)
    return params


def records(entity: Entity, read: tuple[str, ...], write: tuple[str, ...]) -> list[Endpoint]:
    """The five operations on one entity."""
    many = f"/api/v2/{entity.path}"
    one = f"{many}/{{}}"
    return [
        Endpoint(
            "GET", many, 10, read, partial(reads.get_page, entity=entity), list_params(entity)
        ),
        Endpoint("GET", one, 1, read, partial(reads.get_one, entity=entity), one_params(entity)),
        Endpoint("POST", many, 5, write, partial(writes.create, entity=entity), body=True),
        Endpoint("PATCH", one, 5, write, partial(writes.change, entity=entity), body=True),
        Endpoint("DELETE", one, 3, write, partial(writes.delete, entity=entity)),
    ]


def definitions(
    entity: Entity, read: tuple[str, ...], write: tuple[str, ...], options: tuple[str, ...]
) -> list[Endpoint]:
    """The Fields API of one entity."""
    many = f"/api/v2/{entity.fields_path}"
    one, choices = f"{many}/{{}}", f"{many}/{{}}/options"
    shown: Params = {"include_fields": Param(several(*FIELD_NAMESPACES))}
    rows: tuple[tuple[str, str, int, tuple[str, ...], Any, Params, bool], ...] = (
        ("GET", many, 10, read, fields.list_fields, {**PAGE, **shown}, False),
        ("GET", one, 1, read, fields.get_field, shown, False),
        ("POST", many, 5, write, fields.create_field, {}, True),
        ("PATCH", one, 5, options, fields.change_field, {}, True),
        ("DELETE", one, 3, write, fields.delete_field, {}, False),
        ("POST", choices, 5, options, fields.add_options, {}, True),
        ("PATCH", choices, 5, options, fields.change_options, {}, True),
        ("DELETE", choices, 3, options, fields.delete_options, {}, True),
    )
    return [
        Endpoint(method, path, cost, scopes, partial(work, entity=entity), params, body)
        for method, path, cost, scopes, work, params, body in rows
    ]


def entity_search(entity: Entity, scopes: tuple[str, ...], extra: Params) -> Endpoint:
    """The search of one entity."""
    params: Params = {
        **PAGE,
        "term": Param(text, required=True),
        "fields": Param(several(*PROJECTIONS[entity.name].fields)),
        "exact_match": Param(boolean),
        **extra,
    }
    handler = partial(search.search_entity, entity=entity)
    path = f"/api/v2/{entity.path}/search"
    return Endpoint("GET", path, 20, (*scopes, *SEARCH), handler, params, search=True)


FIELD_SEARCH: Params = {
    **PAGE,
    "term": Param(text, required=True),
    "entity_type": Param(choice("person", "organization"), required=True),
    "match": Param(choice(*search.MATCHES)),
    "field": Param(text, required=True),
}
PERSON_SEARCH: Params = {
    "organization_id": Param(integer),
    "include_fields": Param(several("person.picture")),
}
ACTIVITY_FIELDS = [
    endpoint
    for endpoint in definitions(ACTIVITY, ("admin",), ("admin",), ("admin",))
    if endpoint.method == "GET"
]

ENDPOINTS: list[Endpoint] = [
    *records(PERSON, CONTACTS, CONTACTS_WRITE),
    *records(ORGANIZATION, CONTACTS, CONTACTS_WRITE),
    *records(ACTIVITY, ACTIVITIES, ACTIVITIES_WRITE),
    *definitions(PERSON, FIELDS_READ, FIELDS_WRITE, OPTIONS_WRITE),
    *definitions(ORGANIZATION, FIELDS_READ, FIELDS_WRITE, OPTIONS_WRITE),
    *ACTIVITY_FIELDS,
    entity_search(PERSON, CONTACTS, PERSON_SEARCH),
    entity_search(ORGANIZATION, CONTACTS, {}),
    Endpoint(
        "GET",
        "/api/v2/itemSearch/field",
        20,
        SEARCH,
        search.search_field,
        FIELD_SEARCH,
        search=True,
    ),
    Endpoint("GET", "/v1/users", 20, ("users:read",), lookups.users),
    Endpoint("GET", "/v1/users/me", 2, ("base",), lookups.me),
    Endpoint("GET", "/v1/users/{}", 2, ("users:read",), lookups.user),
    Endpoint("GET", "/v1/activityTypes", 20, (*ACTIVITIES, "admin"), lookups.activity_types),
]
