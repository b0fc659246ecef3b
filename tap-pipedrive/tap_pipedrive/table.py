"""The streams as one table: where each is read, how its pages follow, what a page costs.

Paths, parameters, page sizes and costs (`x-token-cost`) are those of Pipedrive's OpenAPI files: API
v2 wherever it has the list, v1 only where that is the supported path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from sync_core.pipedrive.endpoints import PAGE_SIZE


class Paging(Enum):
    """How the pages of a list follow each other."""

    CURSOR = "cursor"
    OFFSET = "start and limit"
    ONCE = "one page"


class Since(Enum):
    """Whether a list tells what changed since a point in time."""

    SORTED = "in the order of update_time"
    UNSORTED = "in another order"
    NEVER = "not at all"


@dataclass(frozen=True)
class StreamSpec:
    """One stream.

    Attributes:
        name: The stream's name.
        path: The list's path; API v2 begins with `/api/v2`, v1 with `/v1`.
        tokens: What one page costs.
        paging: How pages follow.
        page_size: Rows per page, the documented maximum.
        keys: The primary key.
        since: Whether and how changes can be asked for.
        order: The order of v1's `sort` that a row keeps when it changes.
        params: Sent with every page.
        fields_path: The field catalogue that its custom fields stand in.
        narrow: Whether the list takes `custom_fields`, the keys to send.
        windows: Whether the list takes `updated_until` too, so that it can be read side by side.
        swept: Whether deletions are found by comparing all ids.
        schema_file: The schema's file, where it isn't named like the stream.
        parent: The stream whose ids this one is asked by.
    """

    name: str
    path: str
    tokens: int = 10
    paging: Paging = Paging.CURSOR
    page_size: int = PAGE_SIZE
    keys: tuple[str, ...] = ("id",)
    since: Since = Since.NEVER
    order: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    fields_path: str = ""
    narrow: bool = False
    windows: bool = False
    swept: bool = False
    schema_file: str = ""
    parent: str = ""

    @property
    def v1(self) -> bool:
        """Whether API v1 serves it, with its own times and flags."""
        return self.path.startswith("/v1")


PERSON_FIELDS = "/api/v2/personFields"
ORGANIZATION_FIELDS = "/api/v2/organizationFields"
DEAL_FIELDS = "/api/v2/dealFields"
ACTIVITY_FIELDS = "/api/v2/activityFields"
PRODUCT_FIELDS = "/api/v2/productFields"

#: Without it the list leaves deleted deals out; with it, it has those of the last 30 days.
EVERY_STATUS = {"status": "open,won,lost,deleted"}


def _catalogue(name: str, path: str) -> StreamSpec:
    return StreamSpec(name, path, keys=("field_code",), schema_file="fields")


def _at_once(name: str, path: str, tokens: int, keys: tuple[str, ...] = ("id",)) -> StreamSpec:
    return StreamSpec(name, path, tokens, Paging.ONCE, keys=keys)


_TABLE = (
    StreamSpec(
        "organizations",
        "/api/v2/organizations",
        since=Since.SORTED,
        fields_path=ORGANIZATION_FIELDS,
        narrow=True,
        windows=True,
        swept=True,
    ),
    StreamSpec(
        "persons",
        "/api/v2/persons",
        since=Since.SORTED,
        fields_path=PERSON_FIELDS,
        narrow=True,
        windows=True,
        swept=True,
    ),
    StreamSpec(
        "deals",
        "/api/v2/deals",
        since=Since.SORTED,
        params=EVERY_STATUS,
        fields_path=DEAL_FIELDS,
        windows=True,
    ),
    StreamSpec(
        "archived_deals",
        "/api/v2/deals/archived",
        20,
        since=Since.SORTED,
        params=EVERY_STATUS,
        fields_path=DEAL_FIELDS,
        schema_file="deals",
    ),
    StreamSpec("activities", "/api/v2/activities", since=Since.SORTED, windows=True, swept=True),
    StreamSpec("products", "/api/v2/products", since=Since.SORTED, fields_path=PRODUCT_FIELDS),
    StreamSpec("notes", "/v1/notes", 20, Paging.OFFSET, since=Since.UNSORTED, order="id ASC"),
    # Ids of leads aren't in the order in which leads are made, their add_time is.
    StreamSpec(
        "leads",
        "/v1/leads",
        20,
        Paging.OFFSET,
        since=Since.UNSORTED,
        order="add_time ASC, id ASC",
        fields_path=DEAL_FIELDS,  # leads have the custom fields of deals (vendor documentation)
    ),
    StreamSpec("deal_products", "/api/v2/deals/products", parent="deals"),
    # Pipelines and stages refuse updated_since.
    StreamSpec("pipelines", "/api/v2/pipelines", 5),
    StreamSpec("stages", "/api/v2/stages", 5),
    StreamSpec("files", "/v1/files", 20, Paging.OFFSET, 100, order="id ASC"),
    _at_once("users", "/v1/users", 20),
    _at_once("activity_types", "/v1/activityTypes", 20),
    _at_once("lead_labels", "/v1/leadLabels", 10),
    _at_once("lead_sources", "/v1/leadSources", 2, ("name",)),
    _at_once("currencies", "/v1/currencies", 20),
    _at_once("filters", "/v1/filters", 20),
    _catalogue("person_fields", PERSON_FIELDS),
    _catalogue("organization_fields", ORGANIZATION_FIELDS),
    _catalogue("deal_fields", DEAL_FIELDS),
    _catalogue("activity_fields", ACTIVITY_FIELDS),
    _catalogue("product_fields", PRODUCT_FIELDS),
)

#: Stream name -> what it is. The SDK runs streams in the order of their names, so organizations
#: come before the persons that refer to them; target-journy relies on that.
STREAMS: Mapping[str, StreamSpec] = {
    spec.name: spec for spec in sorted(_TABLE, key=lambda spec: spec.name)
}
