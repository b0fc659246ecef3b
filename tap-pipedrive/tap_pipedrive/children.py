"""A list that is asked for by the ids of another: products of deals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sync_core.errors import ApiError
from sync_core.pipedrive import PipedriveClient
from sync_core.pipedrive.endpoints import IDS_PER_CALL

from tap_pipedrive.ids import ids
from tap_pipedrive.left_out import is_left_out
from tap_pipedrive.table import StreamSpec
from tap_pipedrive.walks import Pages, pages

#: What a parent that can't be read is reported to; raises what concerns the whole run.
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
            if not is_left_out(error):
                raise
            found = list(_singly(client, spec, parent, some, skip))
        yield from found


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
    client: PipedriveClient, spec: StreamSpec, parent: StreamSpec, some: list[int], skip: Skip
) -> Pages:
    """One parent may not be readable: each for itself, so that it takes no other with it."""
    for each in some:
        one = replace(spec, path=f"{parent.path}/{each}/products")
        try:
            found = list(pages(client, one))
        except ApiError as error:
            skip(each, error)
        else:
            yield from found
