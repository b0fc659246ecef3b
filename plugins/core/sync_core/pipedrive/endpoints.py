"""Paths, token costs and habits of the Pipedrive endpoints in use; a new entity is a row.

Costs are the `x-token-cost` values of Pipedrive's published OpenAPI files, per request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Numbers, but text where an entity's ids are UUIDs.
RecordId = int | str

PAGE_SIZE = 500
IDS_PER_CALL = 100

#: Searches have a burst window of their own, by Pipedrive's page on rate limits.
SEARCH_LANE = "search"

GET_ONE, LIST, SEARCH, WRITE, DELETE = 1, 10, 20, 5, 3
#: Costs twice as much as other lists.
ARCHIVE_TOKENS = 20


@dataclass(frozen=True)
class Prices:
    """Tokens per request.

    Attributes:
        listing: A page of the entity's list.
        archive: A page of its archive.
        one: One record.
        write: One that is made or changed.
        delete: One that is deleted.
        search: A page of a search.
        by_ids: How many records a list gives by their ids at once; 1: each is read alone.
    """

    listing: int = LIST
    archive: int = ARCHIVE_TOKENS
    one: int = GET_ONE
    write: int = WRITE
    delete: int = DELETE
    search: int = SEARCH
    by_ids: int = IDS_PER_CALL


#: API v1 costs twice as much, and no list of it takes ids.
V2_PRICES = Prices()
V1_PRICES = Prices(listing=20, archive=40, one=2, write=10, delete=6, by_ids=1)


@dataclass(frozen=True)
class Offsets:
    """How a list of API v1 is read: by the position of a page's first row.

    Attributes:
        order: Keeps rows in their places while they change, so that no page leaves one out.
        newest: The same, backwards.
    """

    order: str
    newest: str


@dataclass(frozen=True)
class Entity:
    """One kind of record.

    Attributes:
        name: Singular name, as in settings and messages.
        path: Collection path.
        fields_path: Path of the field catalogue; empty where there is none.
        fields_scope: What lets an OAuth app make fields, and options of them.
        needs: Groups of fields of each of which a new record needs one; what people call them
            stands first.
        archive: Path of a list of further records, which the collection leaves out.
        prices: What its requests cost.
        offsets: How its list is read; None: by cursor.
        numbered: Whether ids are numbers; if not, they are text.
        change: The method that changes some fields of a record.
        nested: Whether custom fields stand in `custom_fields`, or beside the others.
        owner: The field that says whose a record is; empty where it has no owner.
        later: Fields that a new record can't be given, only one that is there.
        own_fields: (Key, name, type) of the built-in fields, where no catalogue lists them. The
            names are English: a company's own words for them can't be asked for.
        custom_types: Types of custom fields that it holds; None: all.
        reference: The text field whose last line may name the record; empty where there is none.
        along: Fields that are written together with another one.
    """

    name: str
    path: str
    fields_path: str = ""
    fields_scope: str = "contact-fields:full"
    needs: tuple[tuple[str, ...], ...] = (("name",),)
    archive: str | None = None
    prices: Prices = field(default=V2_PRICES)
    offsets: Offsets | None = None
    numbered: bool = True
    change: str = "PATCH"
    nested: bool = True
    owner: str = "owner_id"
    later: frozenset[str] = frozenset()
    own_fields: tuple[tuple[str, str, str], ...] = ()
    custom_types: frozenset[str] | None = None
    reference: str = ""
    along: Mapping[str, str] = field(default_factory=dict)

    @property
    def plural(self) -> str:
        """What people call several of them."""
        return f"{self.name[:-1]}ies" if self.name.endswith("y") else f"{self.name}s"

    def record_id(self, value: RecordId) -> RecordId:
        """An id as this entity has them; what was noted as text may be a number."""
        return int(value) if self.numbered else str(value)


PERSON = Entity(
    "person",
    "/api/v2/persons",
    "/api/v2/personFields",
    needs=(("name", "first_name", "last_name"),),
)
ORGANIZATION = Entity("organization", "/api/v2/organizations", "/api/v2/organizationFields")
DEAL = Entity(
    "deal",
    "/api/v2/deals",
    "/api/v2/dealFields",
    "deal-fields:full",
    needs=(("title",),),
    archive="/api/v2/deals/archived",
)
#: Leads have the custom fields of deals, flat in the row; Pipedrive OpenAPI v1.
LEAD = Entity(
    "lead",
    "/v1/leads",
    DEAL.fields_path,
    DEAL.fields_scope,
    needs=(("title",), ("person_id", "organization_id")),
    archive="/v1/leads/archived",
    prices=V1_PRICES,
    # Ids of leads aren't in the order in which leads are made, their add_time is.
    offsets=Offsets("add_time ASC, id ASC", "add_time DESC, id DESC"),
    numbered=False,
    nested=False,
    later=frozenset({"is_archived"}),
    own_fields=(
        ("title", "Title", "varchar"),
        ("value", "Value", "monetary"),
        ("label_ids", "Labels", "set"),
        ("expected_close_date", "Expected close date", "date"),
        ("person_id", "Contact person", "people"),
        ("organization_id", "Organization", "org"),
        ("owner_id", "Owner", "user"),
        ("is_archived", "Archived", "boolean"),
    ),
    # Of several parts or ids, deals hold the others; how they stand flat in a lead is undocumented.
    custom_types=frozenset({"varchar", "varchar_auto", "text", "phone", "double", "date", "enum"}),
)
#: The server's minimum isn't documented, so both are asked for.
ACTIVITY = Entity(
    "activity",
    "/api/v2/activities",
    needs=(("subject",), ("type",)),
    reference="note",
    own_fields=(
        ("subject", "Subject", "varchar"),
        ("type", "Type", "varchar"),
        ("due_date", "Due date", "date"),
        ("due_time", "Due time", "time"),
        ("duration", "Duration", "time"),
        ("done", "Done", "boolean"),
        ("busy", "Busy", "boolean"),
        ("priority", "Priority", "enum"),
        ("note", "Note", "text"),
        ("public_description", "Public description", "text"),
        ("location", "Location", "address"),
        ("person_id", "Contact person", "people"),
        ("org_id", "Organization", "org"),
        ("deal_id", "Deal", "deal"),
        ("lead_id", "Lead", "lead"),
        ("owner_id", "Owner", "user"),
    ),
)
#: What a note can hang on, and be pinned to.
PINS = {
    "pinned_to_person_flag": "person_id",
    "pinned_to_organization_flag": "org_id",
    "pinned_to_deal_flag": "deal_id",
    "pinned_to_lead_flag": "lead_id",
}
NOTE = Entity(
    "note",
    "/v1/notes",
    needs=(("content",), tuple(PINS.values())),
    prices=V1_PRICES,
    offsets=Offsets("id ASC", "id DESC"),
    # No field is required of it, so it is taken to change only those that are sent, as PATCH does.
    change="PUT",
    owner="",
    reference="content",
    along=PINS,
    own_fields=(
        ("content", "Content", "text"),
        ("person_id", "Contact person", "people"),
        ("org_id", "Organization", "org"),
        ("deal_id", "Deal", "deal"),
        ("lead_id", "Lead", "lead"),
        ("pinned_to_person_flag", "Pinned to person", "boolean"),
        ("pinned_to_organization_flag", "Pinned to organization", "boolean"),
        ("pinned_to_deal_flag", "Pinned to deal", "boolean"),
        ("pinned_to_lead_flag", "Pinned to lead", "boolean"),
    ),
)
#: What a mapping may write to.
ENTITIES = {entity.name: entity for entity in (PERSON, ORGANIZATION, DEAL, LEAD, ACTIVITY, NOTE)}

#: For OAuth apps it opens to administrators alone, so it is read only where priorities are named.
ACTIVITY_FIELDS = "/api/v2/activityFields"
ITEM_SEARCH_FIELD = "/api/v2/itemSearch/field"

USERS = "/v1/users"
USERS_TOKENS = 20
ME = "/v1/users/me"
ME_TOKENS = 2
ACTIVITY_TYPES = "/v1/activityTypes"
ACTIVITY_TYPES_TOKENS = 20
LEAD_LABELS = "/v1/leadLabels"
LEAD_LABELS_TOKENS = 10
DEALS = DEAL.path
