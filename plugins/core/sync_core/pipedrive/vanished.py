"""Whether a record that wasn't found when it was to be changed is gone."""

from __future__ import annotations

from sync_core.errors import NotFoundError, PermissionDeniedError
from sync_core.pipedrive.client import PipedriveClient
from sync_core.pipedrive.endpoints import Entity, RecordId
from sync_core.pipedrive.envelope import is_gone


def confirm(
    client: PipedriveClient, entity: Entity, record_id: RecordId, refusal: NotFoundError
) -> None:
    """Look once at a record before it counts as gone, since another one may be made in its place.

    That "not found" always means so isn't documented: a user may see what they may not change.

    Args:
        client: The connection.
        entity: What the record is.
        record_id: Its id.
        refusal: What the change was answered.

    Raises:
        PermissionDeniedError: The record is there.
    """
    if refusal.status is None:  # the record's own answer said so
        return
    try:
        row = client.one(entity, record_id)
    except NotFoundError:
        return
    if is_gone(row) or entity.record_id(row["id"]) != record_id:
        return
    raise PermissionDeniedError(
        f"{refusal}: {entity.name} {record_id} is there all the same, so no other is made; see "
        "whether the credential's user may change it",
        status=refusal.status,
        detail=refusal.detail,
    ) from refusal
