"""The endpoints as a table, with the cost and the scopes that the vendor's OpenAPI files give."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import (
    deal_products,
    fields,
    itemsearch,
    reads,
    routes_v1,
    search,
    writes,
)
from sync_sandbox.pipedrive.calls import Endpoint
from sync_sandbox.pipedrive.entities import ACTIVITY, ORGANIZATION, PERSON
from sync_sandbox.pipedrive.entities_sales import DEAL, PIPELINE, PRODUCT, STAGE
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
    from sync_sandbox.pipedrive.entity import Entity

Scopes = tuple[str, ...]
CONTACTS = ("contacts:read", "contacts:full")
CONTACTS_WRITE = ("contacts:full",)
ACTIVITIES = ("activities:read", "activities:full")
ACTIVITIES_WRITE = ("activities:full",)
FIELDS_READ = (*CONTACTS, "admin", "contact-fields:full")
FIELDS_WRITE = ("admin", "contact-fields:full")
OPTIONS_WRITE = ("contacts:full", *FIELDS_WRITE)
SEARCH = ("search:read",)
DEALS = ("deals:read", "deals:full")
PRODUCTS = ("products:read", "products:full")
STATUSES = ("open", "won", "lost", "deleted")
FILTER_KINDS = {"lead_id": text, "done": boolean}
FIELD_NAMESPACES = ("ui_visibility", "important_fields", "required_fields")


def list_params(entity: Entity) -> Params:
    """What a v2 list takes."""
    filters: Params = {name: Param(FILTER_KINDS.get(name, integer)) for name in entity.filters}
    return {
        **PAGE,
        **filters,
        **{name: Param(seconds) for name in entity.times},
        **({"ids": Param(ids)} if entity.by_ids else {}),
        **({"filter_id": Param(integer)} if entity.filter_type else {}),
        **({"deal_id": Param(integer)} if entity.name == "person" else {}),
        **({"status": Param(several(*STATUSES))} if entity.name == "deal" else {}),
        "sort_by": Param(choice(*entity.sort)),
        "sort_direction": Param(choice("asc", "desc")),
        **shape_params(entity),
    }


def shape_params(entity: Entity) -> Params:
    """What decides how a row looks."""
    params: Params = {}
    if entity.include:
        params["include_fields"] = Param(several(*entity.include))
    if entity.custom:
        params["custom_fields"] = Param(keys)
    if entity.custom and entity.labelled:
        params["include_option_labels"] = Param(boolean)
        params["include_labels"] = Param(boolean)
    return params


def records(
    entity: Entity, read: Scopes, write: Scopes, *, listing: int = 10, created: int = 200
) -> list[Endpoint]:
    """The five operations on one entity."""
    many = f"/api/v2/{entity.path}"
    one = f"{many}/{{}}"
    shape = shape_params(entity) if entity.narrow_one else {}
    page = partial(reads.get_page, entity=entity)
    create = partial(writes.create, entity=entity)
    return [
        Endpoint("GET", many, listing, read, page, list_params(entity)),
        Endpoint("GET", one, 1, read, partial(reads.get_one, entity=entity), shape),
        Endpoint("POST", many, 5, write, create, body="json", status=created),
        Endpoint("PATCH", one, 5, write, partial(writes.change, entity=entity), body="json"),
        Endpoint("DELETE", one, 3, write, partial(writes.delete, entity=entity)),
    ]


def definitions(
    entity: Entity,
    read: Scopes,
    write: Scopes,
    options: Scopes,
    namespaces: tuple[str, ...] = FIELD_NAMESPACES,
) -> list[Endpoint]:
    """The Fields API of one entity."""
    many = f"/api/v2/{entity.fields_path}"
    one, choices = f"{many}/{{}}", f"{many}/{{}}/options"
    shown: Params = {"include_fields": Param(several(*namespaces))}
    rows: tuple[tuple[str, str, int, Scopes, Any, Params, str], ...] = (
        ("GET", many, 10, read, fields.list_fields, {**PAGE, **shown}, ""),
        ("GET", one, 1, read, fields.get_field, shown, ""),
        ("POST", many, 5, write, fields.create_field, {}, "json"),
        ("PATCH", one, 5, options, fields.change_field, {}, "json"),
        ("DELETE", one, 3, write, fields.delete_field, {}, ""),
        ("POST", choices, 5, options, fields.add_options, {}, "json"),
        ("PATCH", choices, 5, options, fields.change_options, {}, "json"),
        ("DELETE", choices, 3, options, fields.delete_options, {}, "json"),
    )
    return [
        Endpoint(method, path, cost, scopes, partial(work, entity=entity), params, body)
        for method, path, cost, scopes, work, params, body in rows
    ]


def entity_search(entity: Entity, scopes: Scopes, extra: Params) -> Endpoint:
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
    "entity_type": Param(choice(*search.ENTITY_TYPES), required=True),
    "match": Param(choice(*search.MATCHES)),
    "field": Param(text, required=True),
}
ITEM_SEARCH: Params = {
    **PAGE,
    "term": Param(text, required=True),
    "item_types": Param(several(*itemsearch.ITEM_TYPES)),
    "fields": Param(several(*itemsearch.FIELDS)),
    "search_for_related_items": Param(boolean),
    "exact_match": Param(boolean),
    "include_fields": Param(several(*itemsearch.INCLUDE)),
}
PERSON_SEARCH: Params = {
    "organization_id": Param(integer),
    "include_fields": Param(several("person.picture")),
}
DEAL_SEARCH: Params = {
    "person_id": Param(integer),
    "organization_id": Param(integer),
    "status": Param(choice("open", "won", "lost")),
    "include_fields": Param(several("deal.cc_email")),
}
PRODUCT_SEARCH: Params = {"include_fields": Param(several("product.price"))}
ARCHIVED: Params = {
    name: param
    for name, param in list_params(DEAL).items()
    if name not in ("include_option_labels", "include_labels")
}
ACTIVITY_FIELDS = [
    endpoint
    for endpoint in definitions(ACTIVITY, ("admin",), ("admin",), ("admin",), ("ui_visibility",))
    if endpoint.method == "GET"
]
DEAL_FIELDS_WRITE = ("admin", "deal-fields:full")
PRODUCT_FIELDS_WRITE = ("products:full", "product-fields:full")
SALES_SETUP = (*DEALS, "admin")
ATTACHED: Params = {
    **PAGE,
    "sort_by": Param(choice("id", "add_time", "update_time", "order_nr")),
    "sort_direction": Param(choice("asc", "desc")),
}
ATTACHED_READ = (*PRODUCTS, *DEALS)
ATTACHED_WRITE = ("products:full", "deals:full")
OF_DEAL = "/api/v2/deals/{}/products"
ONE_OF_DEAL = f"{OF_DEAL}/{{}}"
DEAL_PRODUCTS = [
    Endpoint("GET", OF_DEAL, 10, ATTACHED_READ, deal_products.list_of_deal, ATTACHED),
    Endpoint(
        "GET",
        "/api/v2/deals/products",
        10,
        ATTACHED_READ,
        deal_products.list_of_deals,
        {"deal_ids": Param(ids, required=True), **ATTACHED},
    ),
    Endpoint("POST", OF_DEAL, 5, ATTACHED_WRITE, deal_products.attach, body="json", status=201),
    Endpoint("PATCH", ONE_OF_DEAL, 5, ATTACHED_WRITE, deal_products.change, body="json"),
    Endpoint("DELETE", ONE_OF_DEAL, 3, ATTACHED_WRITE, deal_products.detach),
]
# Paths of the vendor that the sandbox does not serve, and that a variable segment would swallow.
CLOSED = (
    "/api/v2/deals/installments",
    "/v1/filters/helpers",
    "/v1/leads/search",
)

ENDPOINTS: list[Endpoint] = [
    *records(PERSON, CONTACTS, CONTACTS_WRITE),
    *records(ORGANIZATION, CONTACTS, CONTACTS_WRITE),
    *records(ACTIVITY, ACTIVITIES, ACTIVITIES_WRITE),
    *records(DEAL, DEALS, ("deals:full",)),
    *records(PRODUCT, PRODUCTS, ("products:full",), created=201),
    *records(PIPELINE, SALES_SETUP, ("admin",), listing=5),
    *records(STAGE, SALES_SETUP, ("admin",), listing=5),
    Endpoint(
        "GET", "/api/v2/deals/archived", 20, DEALS, partial(reads.get_page, entity=DEAL), ARCHIVED
    ),
    *DEAL_PRODUCTS,
    *definitions(PERSON, FIELDS_READ, FIELDS_WRITE, OPTIONS_WRITE),
    *definitions(ORGANIZATION, FIELDS_READ, FIELDS_WRITE, OPTIONS_WRITE),
    *definitions(
        DEAL, (*DEALS, *DEAL_FIELDS_WRITE), DEAL_FIELDS_WRITE, ("deals:full", *DEAL_FIELDS_WRITE)
    ),
    *definitions(
        PRODUCT,
        ("products:read", *PRODUCT_FIELDS_WRITE),
        PRODUCT_FIELDS_WRITE,
        PRODUCT_FIELDS_WRITE,
        FIELD_NAMESPACES[:1],
    ),
    *ACTIVITY_FIELDS,
    entity_search(PERSON, CONTACTS, PERSON_SEARCH),
    entity_search(ORGANIZATION, CONTACTS, {}),
    entity_search(DEAL, DEALS, DEAL_SEARCH),
    entity_search(PRODUCT, PRODUCTS, PRODUCT_SEARCH),
    Endpoint(
        "GET", "/api/v2/itemSearch", 20, SEARCH, itemsearch.search_items, ITEM_SEARCH, search=True
    ),
    Endpoint(
        "GET",
        "/api/v2/itemSearch/field",
        20,
        SEARCH,
        search.search_field,
        FIELD_SEARCH,
        search=True,
    ),
    *routes_v1.ENDPOINTS,
]
