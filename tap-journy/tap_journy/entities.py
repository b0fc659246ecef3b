"""Users and accounts, side by side as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)  # there is one of each, and it is a key
class Entity:
    """One of the two kinds of record.

    Attributes:
        name: Stream name, and the key in `record_source`.
        id_column: Primary key.
        contact: Column, and key in `record_source`, of the second identifier.
        properties_path: Where journy documents the definitions of its properties.
        segments_path: Where journy documents the definitions of its segments.
        links: Columns with lists of identifiers of the other entity.
        listing: The default description of the endpoint that lists the records.
    """

    name: str
    id_column: str
    contact: str
    properties_path: str
    segments_path: str
    links: tuple[str, ...]
    listing: Mapping[str, Any]

    @property
    def fixed(self) -> tuple[str, ...]:
        """The columns that don't come from properties."""
        times = ("created_at", "updated_at")
        return (self.id_column, self.contact, "segments", *self.links, *times)

    @property
    def places(self) -> tuple[str, ...]:
        """Keys of a description that say where something stands in a record."""
        own = ("id", self.contact, "properties", "segments", *self.links)
        return (*own, "created_at", "updated_at")


#: No documented endpoint of journy lists records. These names are an assumption, chosen after
#: journy's documented ones; whoever knows of an endpoint describes it in `record_source`.
_LISTING: Mapping[str, Any] = {
    "method": "GET",
    "records": "data",
    "pagination": "cursor",
    "next": "paging.next",
    "cursor_param": "cursor",
    "page_param": "page",
    "first_page": 1,
    "offset_param": "offset",
    "limit_param": "limit",
    "page_size": 500,
    "since_param": "updated_since",
    "since_format": "iso",
    "lookback_seconds": 60,
    "properties": "properties",
    "segments": "segments",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
}

USERS = Entity(
    name="users",
    id_column="user_id",
    contact="email",
    properties_path="/properties/users",
    segments_path="/segments/users",
    links=("accounts",),
    listing={
        "path": "/users",
        **_LISTING,
        "id": "userId",
        "email": "email",
        "accounts": "accounts",
    },
)
ACCOUNTS = Entity(
    name="accounts",
    id_column="account_id",
    contact="domain",
    properties_path="/properties/accounts",
    segments_path="/segments/accounts",
    links=(),
    listing={"path": "/accounts", **_LISTING, "id": "accountId", "domain": "domain"},
)
ENTITIES: tuple[Entity, ...] = (ACCOUNTS, USERS)
