"""What an answer of Pipedrive holds; one that can't be read raises and is never "nothing there"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync_core.errors import TransientError

Row = dict[str, Any]

_V1 = "/v1/"


def data(body: Any, path: str) -> Any:
    """The `data` of an answer.

    Raises:
        TransientError: There is none, or the service calls the answer a failure.
    """
    if not isinstance(body, dict) or "data" not in body:
        raise TransientError(f"Pipedrive answered {path} without the usual `data`")
    if body.get("success") is False:
        raise TransientError(f"Pipedrive answered {path} with a failure under a success's status")
    return body["data"]


def records(body: Any, path: str) -> list[Row]:
    """What a list holds; API v1 may say "none" by null."""
    found = data(body, path)
    if found is None and body.get("success") is True and path.startswith(_V1):
        return []
    return _objects(found, path)


def listed(found: list[Row], path: str) -> list[Row]:
    """A list's records, each of which has an id."""
    if not all(isinstance(row.get("id"), (int, str)) for row in found):
        raise TransientError(f"Pipedrive answered {path} with a record that has no id")
    return found


def record(body: Any, path: str) -> Row:
    """A single record."""
    found = data(body, path)
    if not isinstance(found, dict) or "id" not in found:
        raise TransientError(f"Pipedrive answered {path} without a record that has an id")
    return found


def is_gone(row: Row) -> bool:
    """Whether a record was deleted softly; notes say it by `active_flag` (Pipedrive OpenAPI v1)."""
    return bool(row.get("is_deleted")) or row.get("active_flag") is False


def hits(body: Any, path: str) -> list[Row]:
    """A search's hits; `GET */search` wraps each, `GET itemSearch/field` doesn't."""
    found = data(body, path)
    rows = _objects(found.get("items") if isinstance(found, dict) else found, path)
    return [row["item"] if isinstance(row.get("item"), dict) else row for row in rows]


def hit_id(hit: Row, path: str) -> int:
    """The id of a hit."""
    found = hit.get("id")
    if not isinstance(found, int):
        raise TransientError(f"Pipedrive answered {path} with a hit that has no id")
    return found


def next_cursor(body: Mapping[str, Any], path: str) -> str | None:
    """Where the next page begins; the documented end is a null or absent `next_cursor`."""
    about = body.get("additional_data")
    following = about.get("next_cursor") if isinstance(about, dict) else None
    if following and not isinstance(following, str):
        raise TransientError(f"Pipedrive answered {path} with a cursor that isn't text")
    return following or None


def more_items(body: Mapping[str, Any], path: str) -> bool:
    """Whether a list of API v1 goes on: some give their paging flat, some under `pagination`."""
    about = body.get("additional_data")
    paging = about.get("pagination", about) if isinstance(about, dict) else {}
    more = paging.get("more_items_in_collection") if isinstance(paging, dict) else None
    if not isinstance(more, bool):
        raise TransientError(f"Pipedrive answered {path} without saying whether more items follow")
    return more


def _objects(found: Any, path: str) -> list[Row]:
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise TransientError(f"Pipedrive answered {path} without the usual list of objects")
    return found
