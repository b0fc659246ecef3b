"""What one v1 entity does beyond its table: rules across fields, and how its rows are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive.entities_v1 import FILE_LINKS, LINKS, PINS
from sync_sandbox.pipedrive.errors import ApiError, InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row

NUMBERED = ("note", "file", "filter", "webhook")
MAX_WEBHOOKS = 40


@dataclass(frozen=True)
class Stamp:
    """How an entity writes its time stamps: v1 without a zone, leads with milliseconds."""

    pattern: str

    @classmethod
    def of(cls, entity: Entity) -> Stamp:
        """The stamp of an entity."""
        return MILLISECONDS if entity.name in ("lead", "lead_label") else SPACED

    def now(self, state: State) -> str:
        """Now, in this form."""
        return state.clock.now().strftime(self.pattern)

    def seconds(self, text: str) -> str:
        """A stamp as the whole-second text that `updated_since` is compared with."""
        return f"{text[:10]}T{text[11:19]}Z"


SPACED = Stamp("%Y-%m-%d %H:%M:%S")
MILLISECONDS = Stamp("%Y-%m-%dT%H:%M:%S.000Z")


def note(call: Call, values: Row, row: Row | None) -> Row:
    """A note hangs on something, and is pinned to what the same body names."""
    links = {**(row or {}), **values}
    if not any(links.get(link) for link in LINKS):
        raise InvalidError("content", f"needs one of {', '.join(LINKS)}")
    for pin, link in zip(PINS, LINKS, strict=True):
        if values.get(f"pinned_to_{pin}_flag") and not values.get(link):
            raise InvalidError(f"pinned_to_{pin}_flag", f"{link} is also required")
    values = {**values, "last_update_user_id": None if row is None else call.identity.user_id}
    return values if row is not None else {"user_id": call.identity.user_id, **values}


def lead(call: Call, values: Row, row: Row | None) -> Row:
    """A lead is linked to a person, an organization or both."""
    links = {**(row or {}), **values}
    if not links.get("person_id") and not links.get("organization_id"):
        raise InvalidError("person_id", "is required, or organization_id")
    me = call.identity.user_id
    return values if row is not None else {"owner_id": me, "creator_id": me, **values}


def webhook(call: Call, values: Row, _row: Row | None) -> Row:
    """At most 40 for a user."""
    me = call.identity.user_id
    mine = [hook for hook in call.state.tables["webhook"].rows.values() if hook["owner_id"] == me]
    if len(mine) >= MAX_WEBHOOKS:
        raise ApiError(422, "webhooks limit reached", f"A user has at most {MAX_WEBHOOKS}.")
    company = call.state.company["company_id"]
    own = {"company_id": company, "owner_id": me, "user_id": me, "admin_id": me}
    return {**own, **values}


def plain(_call: Call, values: Row, _row: Row | None) -> Row:
    """No rules of its own."""
    return values


RULES: dict[str, Callable[[Call, Row, Row | None], Row]] = {
    "note": note,
    "lead": lead,
    "lead_label": plain,
    "webhook": webhook,
}


def _named(state: State, entity: str, row_id: Any, key: str) -> Row | None:
    found = state.find(entity, row_id)
    return None if found is None else {key: found[key]}


def show_note(call: Call, row: Row) -> Row:
    """A note with the names of what it hangs on."""
    state, author = call.state, call.state.users.get(row["user_id"], {})
    user = {name: author.get(name) for name in ("email", "icon_url", "name")}
    return {
        **row,
        "deal": _named(state, "deal", row["deal_id"], "title"),
        "organization": _named(state, "organization", row["org_id"], "name"),
        "person": _named(state, "person", row["person_id"], "name"),
        "project": None,
        "task": None,
        "user": {**user, "is_you": row["user_id"] == call.identity.user_id},
    }


def show_lead(call: Call, row: Row) -> Row:
    """A lead with its mail address; custom fields without a value don't appear."""
    domain, custom = call.state.company["company_domain"], call.state.fields["deal"].nulls
    shown = {key: value for key, value in row.items() if value is not None or key not in custom}
    return {**shown, "cc_email": f"{domain}+lead{row['id']}@pipedrivemail.example"}


def show_file(call: Call, row: Row) -> Row:
    """A file with the names of what it hangs on, without its content."""
    shown = {name: value for name, value in row.items() if name != "content"}
    shown["project_name"] = None
    for link in FILE_LINKS:
        kind = link.removesuffix("_id")
        entity = {"org": "organization"}.get(kind, kind)
        if kind in ("deal", "person", "org", "product", "lead"):
            key = "title" if kind in ("deal", "lead") else "name"
            named = _named(call.state, entity, row[link], key)
            shown[f"{kind}_name"] = None if named is None else named[key]
    return shown


SHOWS: dict[str, Callable[[Call, Row], Row]] = {
    "note": show_note,
    "lead": show_lead,
    "file": show_file,
}
