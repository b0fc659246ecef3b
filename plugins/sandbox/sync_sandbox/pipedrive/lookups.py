"""What v1 still serves without paging: users, activity types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_sandbox.pipedrive.errors import missing
from sync_sandbox.pipedrive.reads import id_argument

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.store import Row


def users(call: Call) -> list[Row]:
    """GET /v1/users: everybody, deactivated ones too."""
    return [_user(call, user) for user in call.state.users.values()]


def user(call: Call) -> Row:
    """GET /v1/users/{id}."""
    found = call.state.users.get(id_argument(call))
    if found is None:
        raise missing()
    return _user(call, found)


def me(call: Call) -> Row:
    """GET /v1/users/me: the caller, with the company."""
    return {**_user(call, call.state.users[call.identity.user_id]), **call.state.company}


def _user(call: Call, row: Row) -> Row:
    return {**row, "is_you": row["id"] == call.identity.user_id}


def activity_types(call: Call) -> list[Row]:
    """GET /v1/activityTypes: all of them."""
    return list(call.state.activity_types.values())
