"""The setting `record_source` for `--about`: every key with what it does and its default.

Types are left out on purpose: `settings` checks them, and says better what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tap_journy.entities import ENTITIES, Entity
from tap_journy.settings import FORMATS, METHODS, NESTED, PAGINATIONS, SINCE_FORMATS, TYPES

#: Key -> what it does.
_SOURCE: Mapping[str, str] = {
    "type": f"One of {', '.join(TYPES)}; by default api.",
    "format": f"What files hold, one of {', '.join(FORMATS)}; by default records.",
    "nested": f"What becomes of objects in Segment's traits, one of {', '.join(NESTED)}; by "
    "default text.",
}
_LISTING: Mapping[str, str] = {
    "path": "Path of the endpoint below api_url; of files a path, a pattern, an address or a list",
    "method": f"One of {', '.join(METHODS)}; POST sends all parameters as JSON",
    "records": "Where the list of records stands in an answer",
    "pagination": f"How the next page is asked for, one of {', '.join(PAGINATIONS)}",
    "next": "Where the next cursor stands in an answer",
    "cursor_param": "Parameter that takes the cursor",
    "page_param": "Parameter that takes the number of a page",
    "first_page": "Number of the first page",
    "offset_param": "Parameter that takes how many records to pass over",
    "limit_param": "Parameter that takes the size of a page; null sends none",
    "page_size": "How many records a page has",
    "since_param": "Parameter that takes the time from which on changes are wanted; null reads "
    "everything each time",
    "since_format": f"How that time is written, one of {', '.join(SINCE_FORMATS)}",
    "lookback_seconds": "How far before the last run's mark that time lies, since journy answers "
    "before it has stored a write",
    "id": "Where the id stands in a record",
    "email": "Where the e-mail address stands in a record",
    "domain": "Where the domain stands in a record",
    "properties": "Where the properties stand in a record",
    "segments": "Where the names of segments stand in a record",
    "accounts": "Where the ids of a user's accounts stand in a record",
    "created_at": "Where the time of creation stands in a record",
    "updated_at": "Where the time of the last change stands in a record",
}


def record_source() -> dict[str, Any]:
    """JSON Schema of the setting."""
    own = {key: {"description": text} for key, text in _SOURCE.items()}
    entities = {entity.name: _entity(entity) for entity in ENTITIES}
    return {"type": ["object", "null"], "properties": {**own, **entities}}


def _entity(entity: Entity) -> dict[str, Any]:
    keys = {
        key: {"description": f"{_LISTING[key]}; by default {_text(default)}."}
        for key, default in entity.listing.items()
    }
    text = f"Where {entity.name} come from: a description of the endpoint, or files."
    return {"description": text, "properties": keys}


def _text(default: Any) -> str:
    return default if isinstance(default, str) else msgspec.json.encode(default).decode()
