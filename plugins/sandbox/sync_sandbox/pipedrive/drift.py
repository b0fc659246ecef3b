"""Changes that somebody else makes while a client is at work: schema, access, cursors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive.fields import remove_field, remove_options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sync_sandbox.pipedrive.catalogue import Field
    from sync_sandbox.pipedrive.service import PipedriveService
    from sync_sandbox.pipedrive.store import Row

    Change = Callable[[PipedriveService, Any], None]


class DriftError(ValueError):
    """A change was described wrongly; the text says what is expected."""


def apply(service: PipedriveService, changes: Mapping[str, Any]) -> None:
    """Make changes by name, see `CHANGES`.

    Raises:
        DriftError: there is no such change, or it names a field or an option that is not there.
    """
    for name, what in changes.items():
        if name not in CHANGES:
            raise DriftError(f"pipedrive knows no change {name!r}; it knows {', '.join(CHANGES)}")
        try:
            CHANGES[name](service, what)
        except (KeyError, StopIteration, TypeError) as error:
            raise DriftError(f"{name} can't be done with {what!r}: {error!r}") from error


def _remove_field(service: PipedriveService, what: Row) -> None:
    remove_field(service.state, what["entity"], _field(service, what)["field_code"])


def _rename_field(service: PipedriveService, what: Row) -> None:
    _field(service, what)["field_name"] = what["to"]


def _add_field(service: PipedriveService, what: Row) -> None:
    service.state.add_field(what["entity"], what["name"], what["type"], what.get("options"))


def _remove_option(service: PipedriveService, what: Row) -> None:
    remove_options(service.state, what["entity"], _field(service, what), {_option(service, what)})


def _field(service: PipedriveService, what: Row) -> Field:
    return service.field(what["entity"], what["name"])


def _option(service: PipedriveService, what: Row) -> int:
    options = _field(service, what)["options"]
    chosen: int = next(one["id"] for one in options if one["label"] == what["label"])
    return chosen


def _revoke_token(service: PipedriveService, token: str) -> None:
    del service.state.tokens[token]


def _deactivate_user(service: PipedriveService, user_id: int) -> None:
    service.state.users[user_id]["active_flag"] = False


def _expire_cursors(service: PipedriveService, _what: Any) -> None:
    service.state.cursor_epoch += 1


def _expire_access(service: PipedriveService, _what: Any) -> None:
    service.oauth.expire_access()


def _revoke_oauth(service: PipedriveService, _what: Any) -> None:
    service.oauth.revoke_all()


def _spend_tokens(service: PipedriveService, tokens: int) -> None:
    service.limits.spend(tokens)


CHANGES: dict[str, Change] = {
    "remove_field": _remove_field,
    "rename_field": _rename_field,
    "add_field": _add_field,
    "remove_option": _remove_option,
    "revoke_token": _revoke_token,
    "deactivate_user": _deactivate_user,
    "expire_cursors": _expire_cursors,
    "expire_access_tokens": _expire_access,
    "revoke_oauth": _revoke_oauth,
    "spend_tokens": _spend_tokens,
}
