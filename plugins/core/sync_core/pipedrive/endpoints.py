"""Paths and token costs of the Pipedrive endpoints in use; a new entity is a row.

Costs are the `x-token-cost` values of Pipedrive's published OpenAPI files, per request.
"""

from __future__ import annotations

from dataclasses import dataclass

PAGE_SIZE = 500
IDS_PER_CALL = 100

#: Searches have a burst window of their own, by Pipedrive's page on rate limits.
SEARCH_LANE = "search"

GET_ONE, LIST, SEARCH, WRITE, DELETE = 1, 10, 20, 5, 3


@dataclass(frozen=True)
class Entity:
    """One kind of record in API v2.

    Attributes:
        name: Singular name, as in settings and messages.
        path: Collection path.
        fields_path: Path of the entity's field catalogue.
        search_fields: What its search endpoint can look at.
        needs: Fields of which a new record needs one; what people call them stands first.
        archive: Path of a list of further records, which the collection leaves out.
    """

    name: str
    path: str
    fields_path: str
    search_fields: frozenset[str]
    needs: tuple[str, ...] = ("name",)
    archive: str | None = None


PERSON = Entity(
    "person",
    "/api/v2/persons",
    "/api/v2/personFields",
    frozenset({"email", "phone"}),
    needs=("name", "first_name", "last_name"),
)
ORGANIZATION = Entity(
    "organization", "/api/v2/organizations", "/api/v2/organizationFields", frozenset()
)
ACTIVITY = Entity("activity", "/api/v2/activities", "/api/v2/activityFields", frozenset())
DEAL = Entity(
    "deal",
    "/api/v2/deals",
    "/api/v2/dealFields",
    frozenset({"title"}),
    needs=("title",),
    archive="/api/v2/deals/archived",
)
#: What a mapping may write to.
ENTITIES = {entity.name: entity for entity in (PERSON, ORGANIZATION, DEAL)}

ITEM_SEARCH_FIELD = "/api/v2/itemSearch/field"

USERS = "/v1/users"
USERS_TOKENS = 20
ME = "/v1/users/me"
ME_TOKENS = 2
ACTIVITY_TYPES = "/v1/activityTypes"
ACTIVITY_TYPES_TOKENS = 20
DEALS = DEAL.path
#: Costs twice as much as other lists.
ARCHIVE_TOKENS = 20
