"""A list that is asked for by the ids of another: products of deals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sync_core.errors import ApiError, InvalidError
from sync_core.pipedrive import PipedriveClient
from sync_core.pipedrive.endpoints import IDS_PER_CALL

from tap_pipedrive.ids import ids
from tap_pipedrive.left_out import is_left_out
from tap_pipedrive.table import StreamSpec
from tap_pipedrive.walks import Page, Pages, pages

#: What a parent that can't be read is reported to.
Skip = Callable[[int, ApiError], None]


def children(client: PipedriveClient, spec: StreamSpec, parent: StreamSpec, skip: Skip) -> Pages:
    """The rows of all parents, a hundred parents a call.

    Args:
        client: The connection.
        spec: The list of the children.
        parent: The list of the parents; those that are deleted have no children to read.
        skip: Takes a parent whose children are refused.
    """
    for some in _batches(client, parent):
        try:
            found = list(pages(client, spec, {"deal_ids": ",".join(map(str, some))}))
        except ApiError as error:
            if not _may_be_one_parent(error):
                raise
            found, refused = _singly(client, spec, parent, some)
            if len(refused) == len(some):
                raise  # not one of them is to blame
            for each, why in refused.items():
                skip(each, why)
        yield from found


def _may_be_one_parent(error: ApiError) -> bool:
    """Whether one parent may be why; what is answered to a bad one isn't documented."""
    return is_left_out(error) or isinstance(error, InvalidError)


def _batches(client: PipedriveClient, parent: StreamSpec) -> Iterator[list[int]]:
    waiting: list[int] = []
    for page in pages(client, parent, {"sort_by": "id", "sort_direction": "asc"}):
        waiting += ids(row for row in page.rows if not row.get("is_deleted"))
        while len(waiting) >= IDS_PER_CALL:
            yield waiting[:IDS_PER_CALL]
            waiting = waiting[IDS_PER_CALL:]
    if waiting:
        yield waiting


def _singly(
    client: PipedriveClient, spec: StreamSpec, parent: StreamSpec, some: list[int]
) -> tuple[list[Page], dict[int, ApiError]]:
    """Each parent for itself, so that one that may not be read takes no other with it."""
    found: list[Page] = []
    refused: dict[int, ApiError] = {}
    for each in some:
        one = replace(spec, path=f"{parent.path}/{each}/products")
        try:
            found += pages(client, one)
        except ApiError as error:
            if not _may_be_one_parent(error):
                raise
            refused[each] = error
    return found, refused
