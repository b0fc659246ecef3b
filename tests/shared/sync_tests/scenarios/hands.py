"""The hands that edit in the two services, and what they can't mean to spoil."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from sync_tests.scenarios import choices

CUSTOM = {
    "person": (choices.STAGE, "Notes on fit"),
    "organization": (choices.PLAN, "Account ID", "Employees"),
}
#: Whose browser isn't the interface for programs, so that its oddities are none of theirs.
PLAIN = {
    "pipedrive.patch_lists": "replace",
    "pipedrive.patch_custom_fields": "merge",
    "pipedrive.empty_string": "null",
}
AWAY = "Away"
NAMES = ("first_name", "last_name")


class Hands:
    """People in Pipedrive's browser, and the customer's own program that tells journy."""

    def __init__(self, sandbox: Any) -> None:
        self._sandbox = sandbox
        self.spoiled = ""

    @contextmanager
    def switched(self, positions: dict[str, Any]) -> Iterator[None]:
        """For a while the sandbox behaves so."""
        switches = self._sandbox.switches
        before = {name: switches.get(name) for name in positions}
        switches.update(positions)
        yield
        switches.update(before)

    def journy(self, path: str, method: str = "POST", **body: Any) -> None:
        """Tell journy something."""
        url, key = f"{self._sandbox.journy_url}/{path}", {"X-Api-Key": "sandbox-key"}
        with self.switched({"journy.accept_delay_seconds": 0.0}):
            answer = requests.request(method, url, json=body, headers=key, timeout=10)
        assert answer.ok or "belong to two different" in answer.text, answer.text

    def pipedrive(self, method: str, path: str, body: Any = None) -> None:
        """Do something in Pipedrive."""
        url, token = self._sandbox.pipedrive_url + path, {"x-api-token": "sandbox-token"}
        with self.switched(PLAIN):
            answer = requests.request(method, url, json=body, headers=token, timeout=10)
        assert answer.ok, answer.text

    def make(self, entity: str, number: int) -> None:
        """Type a new record."""
        body: dict[str, Any] = {"name": f"{choices.NAMES[number % 3]} Typed"}
        if entity == "person" and number:
            address = choices.EMAILS[number % len(choices.EMAILS)].title()  # case doesn't count
            body["emails"] = [{"value": address, "primary": True}]
        if entity == "organization" and number:
            body["custom_fields"] = {self.key(entity, "Account ID"): choices.ACCOUNTS[number % 3]}
        self.pipedrive("POST", f"/api/v2/{entity}s", body)

    def edit(self, entity: str, row: dict[str, Any], what: str, value: Any) -> None:
        """Edit a record."""
        if what in ("emails", "phones"):
            body: dict[str, Any] = {what: contacts(row[what], *value)}
        elif what in CUSTOM[entity]:
            key = self.key(entity, what)
            if not key:  # deleted meanwhile
                return
            body = {"custom_fields": {key: self.option(entity, what, value)}}
        elif what in NAMES:
            body = {"name": " ".join(filter(None, ({**row, what: value}[part] for part in NAMES)))}
        else:
            body = {what: value}
        self.pipedrive("PATCH", f"/api/v2/{entity}s/{row['id']}", body)

    def swap(self, entity: str, one: dict[str, Any], other: dict[str, Any]) -> None:
        """Let two records change what they are known by."""
        if entity == "person":
            mine, others = one["emails"], other["emails"]
            bodies = ({"emails": others}, {"emails": mine})
        else:
            key = self.key(entity, "Account ID")
            ids = [each["custom_fields"].get(key) for each in (other, one)]
            bodies = tuple({"custom_fields": {key: each}} for each in ids)  # type: ignore[assignment]
        for row, body in zip((one, other), bodies, strict=True):
            self.pipedrive("PATCH", f"/api/v2/{entity}s/{row['id']}", body)

    def spoil(self, what: str) -> None:
        """Delete or rename a mapped field, or delete an option."""
        if self.spoiled:
            return
        stage = {"entity": "person", "name": choices.STAGE}
        plan = {"entity": "organization", "name": choices.PLAN}
        self._sandbox.apply(
            pipedrive={
                "remove": {"remove_field": stage},
                "rename": {"rename_field": {**stage, "to": AWAY}},
                "option": {"remove_option": {**plan, "label": "Growth"}},
            }[what]
        )
        self.spoiled = what

    def mend(self) -> None:
        """Make the fields that the mapping names be there again."""
        field = {"entity": "person", "name": AWAY, "to": choices.STAGE}
        if self.spoiled == "remove":
            there = {"entity": "person", "name": choices.STAGE, "type": "varchar"}
            self._sandbox.apply(pipedrive={"add_field": there})
        elif self.spoiled == "rename":
            self._sandbox.apply(pipedrive={"rename_field": field})
        self.spoiled = ""

    def key(self, entity: str, label: str) -> str:
        """The key of a field, if it is there."""
        fields = self._sandbox.pipedrive.state.fields[entity].all()
        return next((each["field_code"] for each in fields if each["field_name"] == label), "")

    def option(self, entity: str, label: str, value: Any) -> Any:
        """A value as Pipedrive stores it."""
        options = self._sandbox.pipedrive.field(entity, label)["options"]
        if not options or value is None:
            return value
        return next((each["id"] for each in options if each["label"] == value), None)


def contacts(entries: list[dict[str, Any]], what: str, value: str) -> list[dict[str, Any]]:
    """Addresses or numbers after one was added, dropped, or made the only one."""
    others = [each for each in entries if each["value"].casefold() != value.casefold()]
    if what == "drop":
        kept = others
    elif what == "add":
        kept = [*others, {"value": value}]
    else:
        kept = [{"value": value}]
    return [{"value": each["value"], "primary": not at} for at, each in enumerate(kept)]
