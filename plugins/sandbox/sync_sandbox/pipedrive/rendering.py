"""How stored rows look in an answer: custom fields, option labels, optional fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive.errors import InvalidError

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.store import Row

BLANK_ENTRY = {"value": "", "primary": True, "label": "work"}
CONTACT_SYNC: dict[str, Any] = {
    "postal_address": None,
    "notes": None,
    "im": [],
    "birthday": None,
    "job_title": None,
}


class Look:
    """Shows the rows of one answer; made once a request, used for each row."""

    def __init__(self, call: Call, entity: Entity) -> None:
        self._entity = entity
        self._state = call.state
        self._include = call.query.get("include_fields", ())
        self._nulls = self._keys(call)
        self._chosen = "custom_fields" in call.query
        self._options = self._option_labels(call)
        self._labels = self._label_names(call)
        switch = call.state.switches.get
        self._blank = (
            entity.name == "person" and switch("pipedrive.person_without_email") == "blank_entry"
        )
        self._contact_sync = entity.name == "person" and switch("pipedrive.contact_sync")
        self._bare = switch("pipedrive.unset_custom_fields") == "absent"
        self._milliseconds = switch("pipedrive.milliseconds")
        self._seconds = (
            entity.name == "activity" and switch("pipedrive.activity_times") == "seconds"
        )

    def show(self, row: Row) -> Row:
        """One row."""
        shown = row.copy()
        if self._entity.custom:
            shown["custom_fields"] = self._custom(row["custom_fields"])
        if self._entity.name == "person":
            self._person(shown)
        if self._entity.name == "product":
            shown["prices"] = [{"product_id": row["id"], **price} for price in row["prices"]]
        if self._entity.name == "activity" and "attendees" not in self._include:
            del shown["attendees"]
        if self._labels is not None:
            known = self._labels
            shown["labels"] = [
                {"id": one, "label": known[one]} for one in row["label_ids"] if one in known
            ]
        for name in self._include:
            if name not in shown:
                shown[name] = self._state.optional(self._entity, row, name)
        self._times(shown)
        return shown

    def _times(self, shown: Row) -> None:
        """Times with more digits than they were written with, where a switch asks for them."""
        if self._milliseconds:
            for name, value in shown.items():
                if name.endswith("_time") and isinstance(value, str) and value.endswith("Z"):
                    shown[name] = f"{value[:-1]}.000Z"
        if self._seconds:
            for name in ("due_time", "duration"):
                if shown[name]:
                    shown[name] = f"{shown[name]}:00"[:8]

    def _custom(self, stored: Row) -> Row:
        """Every defined key is there, unset ones null, unless the switch leaves those out."""
        if self._chosen:
            values = {code: stored.get(code) for code in self._nulls}
        else:
            values = {**self._nulls, **stored}
        for code, labels in self._options.items():
            if values.get(code) is not None:
                values[code] = _labelled(values[code], labels)
        if self._bare:
            return {code: value for code, value in values.items() if value is not None}
        return values

    def _person(self, shown: Row) -> None:
        if self._blank and not shown["emails"]:
            shown["emails"] = [BLANK_ENTRY]
        if self._contact_sync:
            for name, blank in CONTACT_SYNC.items():
                shown.setdefault(name, blank)
        shown.pop("marketing_status", None)

    def _keys(self, call: Call) -> dict[str, Any]:
        if not self._entity.custom:
            return {}
        catalogue = self._state.fields[self._entity.name]
        wanted = call.query.get("custom_fields")
        if wanted is None:
            return catalogue.nulls
        for code in wanted:
            if catalogue.custom(code) is None:
                raise InvalidError(
                    "custom_fields", f"{code} is not a custom field", field_code=code
                )
        return dict.fromkeys(wanted)

    def _option_labels(self, call: Call) -> dict[str, dict[int, str]]:
        if not call.query.get("include_option_labels"):
            return {}
        fields = self._state.fields[self._entity.name].all()
        return {
            field["field_code"]: {option["id"]: option["label"] for option in field["options"]}
            for field in fields
            if field["is_custom_field"] and field["options"] is not None
        }

    def _label_names(self, call: Call) -> dict[int, str] | None:
        if not call.query.get("include_labels"):
            return None
        field = self._state.fields[self._entity.name].find("label_ids")
        return {option["id"]: option["label"] for option in (field or {}).get("options") or ()}


def _labelled(value: Any, labels: dict[int, str]) -> Any:
    """Option ids with labels; how a deleted option shows is unknown: with a null label here."""
    if isinstance(value, list):
        return [{"id": one, "label": labels.get(one)} for one in value]
    return {"id": value, "label": labels.get(value)}
