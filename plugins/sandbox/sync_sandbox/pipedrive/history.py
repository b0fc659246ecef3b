"""The log of what changed in deals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row

NOT_LOGGED = ("update_time", "custom_fields")


def begin(state: State, deal: Row, user_id: int) -> None:
    """Log that a deal came to be."""
    _log(state, deal["id"], user_id, deal["add_time"], ("add_time", None, deal["add_time"]))


def follow(state: State, before: Row, deal: Row, user_id: int) -> None:
    """Log what changed in a deal."""
    old, new = before["custom_fields"], deal["custom_fields"]
    pairs = [(name, before[name], deal[name]) for name in deal if name not in NOT_LOGGED]
    pairs += [(code, old.get(code), new.get(code)) for code in {**old, **new}]
    for pair in pairs:
        if pair[1] != pair[2]:
            _log(state, deal["id"], user_id, deal["update_time"], pair)


def _log(state: State, deal_id: int, user_id: int, when: str, pair: tuple[str, Any, Any]) -> None:
    table = state.tables["deal_change"]
    table.insert(
        {
            "id": table.new_id(),
            "item_id": deal_id,
            "user_id": user_id,
            "field_key": pair[0],
            "old_value": pair[1],
            "new_value": pair[2],
            "is_bulk_update_flag": None,
            "log_time": when[:19].replace("T", " "),
            "change_source": "api",
            "change_source_user_agent": None,
            "additional_data": [],
        }
    )
