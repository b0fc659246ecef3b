"""What both services hold at a moment, and what differs between two moments."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """A user or an account of journy."""

    contact: str | None
    properties: Row
    homes: frozenset[str]


@dataclass
class Picture:
    """Both services, copied.

    Attributes:
        rows: Entity -> id -> what Pipedrive stores.
        known: user or account -> id -> what journy stores.
        fields: Entity -> key of a field -> its label, and the labels of its options by id.
    """

    rows: dict[str, dict[int, Row]] = field(default_factory=dict)
    known: dict[str, dict[str, Known]] = field(default_factory=dict)
    fields: dict[str, dict[str, tuple[str, dict[Any, str]]]] = field(default_factory=dict)

    @classmethod
    def of(cls, sandbox: Any) -> Picture:
        """Take one."""
        sandbox.journy.world.settle()
        entities = ("person", "organization", "activity")
        rows = {each: copy.deepcopy(sandbox.pipedrive.rows(each)) for each in entities}
        fields = {each: _fields(sandbox, each) for each in ("person", "organization")}
        return cls(rows, {kind: _known(sandbox, kind) for kind in ("user", "account")}, fields)

    def living(self, entity: str) -> dict[int, Row]:
        """Those that are not deleted."""
        return {each: row for each, row in self.rows[entity].items() if not row["is_deleted"]}

    def holders(self, address: str | None) -> list[int]:
        """The persons who have an address."""
        return [each for each, row in self.living("person").items() if address in addresses(row)]

    def custom(self, entity: str, row: Row) -> Row:
        """A row's custom fields by label, and options by theirs."""
        found = {}
        for key, value in row["custom_fields"].items():
            label, options = self.fields[entity].get(key, (key, {}))
            found[label] = options.get(value, value)
        return found

    def bearers(self, account: str) -> list[int]:
        """The organizations that bear an account's id."""
        living = self.living("organization").items()
        return [
            each
            for each, row in living
            if self.custom("organization", row).get("Account ID") == account
        ]

    def changed_rows(self, entity: str, later: Picture) -> dict[int, set[str]]:
        """What changed of each record until another moment; new ones aside."""
        found: dict[int, set[str]] = {}
        for each, before in self.rows[entity].items():
            after = later.rows[entity][each]
            one, other = self.custom(entity, before), later.custom(entity, after)
            names = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
            names |= {n for n in before if n != "custom_fields" and before[n] != after[n]}
            if names - {"update_time"}:
                found[each] = names - {"update_time"}
        return found

    def changed_known(self, kind: str, later: Picture) -> dict[str, set[str]]:
        """The same of journy's records; empty where one is gone."""
        found: dict[str, set[str]] = {}
        for each, before in self.known[kind].items():
            after = later.known[kind].get(each)
            if after is None:
                found[each] = set()
            elif after != before:
                one, other = before.properties, after.properties
                names = {n for n in one.keys() | other.keys() if one.get(n) != other.get(n)}
                found[each] = names | ({"contact"} if before.contact != after.contact else set())
        return found


def addresses(row: Row) -> set[str]:
    """A person's addresses, as they are compared."""
    return {each["value"].casefold() for each in row["emails"] if each["value"]}


def _fields(sandbox: Any, entity: str) -> dict[str, tuple[str, dict[Any, str]]]:
    return {
        each["field_code"]: (
            each["field_name"],
            {one["id"]: one["label"] for one in each["options"] or ()},
        )
        for each in sandbox.pipedrive.state.fields[entity].all()
    }


def _known(sandbox: Any, kind: str) -> dict[str, Known]:
    world = sandbox.journy.world
    others = world.accounts if kind == "user" else world.users
    return {
        record.label(): Known(
            record.contact,
            copy.deepcopy(record.properties),
            frozenset(others.records[key].label() for key in record.links),
        )
        for record in world.tables[kind].records.values()
    }
