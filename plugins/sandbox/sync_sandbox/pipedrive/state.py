"""What the Pipedrive service remembers."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import checks
from sync_sandbox.pipedrive.catalogue import Catalogue, Field, definition
from sync_sandbox.pipedrive.entities import ENTITIES
from sync_sandbox.pipedrive.entities_deals import DEAL_ENTITIES
from sync_sandbox.pipedrive.entities_v1 import V1_ENTITIES
from sync_sandbox.pipedrive.errors import InvalidError
from sync_sandbox.pipedrive.optional import optional
from sync_sandbox.pipedrive.store import Row, Table

if TYPE_CHECKING:
    from sync_sandbox.clock import Clock
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.switches import Switches

FIRST_OPTION_ID = 11
# What is kept as it stands when the state is saved.
PLAIN = (
    "seed",
    "next_option_id",
    "next_field_number",
    "company",
    "currencies",
    "permission_sets",
    "tokens",
)


class State:
    """All records of one Pipedrive company."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self.clock = clock
        self.switches = switches
        self.default_currency = "USD"
        self.default_zone = "Europe/London"
        self.seed = 1
        self.company: Row = {}
        self.clear()

    def clear(self) -> None:
        """An empty company."""
        self.next_option_id = FIRST_OPTION_ID
        self.next_field_number = 1
        self.tables = {name: Table(entity.sort) for name, entity in ENTITIES.items()}
        self.tables.update({name: Table() for name in V1_ENTITIES})
        self.tables.update({name: Table(entity.sort) for name, entity in DEAL_ENTITIES.items()})
        self.fields = {name: Catalogue() for name, entity in ENTITIES.items() if entity.fields_path}
        self.users: dict[int, Row] = {}
        self.activity_types: dict[int, Row] = {}
        self.currencies: list[Row] = []
        self.permission_sets: list[Row] = []
        self.tokens: dict[str, int] = {}
        self._stamp = (0, "")
        self.cursor_epoch = 0
        self._seeded: dict[str, tuple[dict[str, str], dict[str, dict[str, int]]]] = {}

    def stamp(self) -> str:
        """Now, in whole seconds, as records carry it."""
        second = int(self.clock.time())
        if second != self._stamp[0]:
            self._stamp = (second, self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))
        return self._stamp[1]

    def add_field(
        self, entity: str, name: str, kind: str, labels: list[str] | None = None
    ) -> Field:
        """Create a custom field; its 40-character key follows from the seed and the name."""
        options = None if labels is None else [self.option(label) for label in labels]
        code = self._field_code(entity, name)
        return self.define(entity, definition(name, code, kind, custom=True, options=options))

    def define(self, entity: str, field: Field) -> Field:
        """Add a definition under the next number of the company."""
        field["number"] = self.next_field_number
        self.next_field_number += 1
        return self.fields[entity].add(field)

    def _field_code(self, entity: str, name: str) -> str:
        for copy in range(1_000_000):
            source = (
                f"{self.seed}:{entity}:{name}:{copy}" if copy else f"{self.seed}:{entity}:{name}"
            )
            code = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
            if not self.fields[entity].is_used(code):
                return code
        raise RuntimeError(f"a million fields are called {name!r}")

    def add_activity_type(self, values: Row) -> Row:
        """Create an activity type; its key is made from the name and never changes."""
        number = max(self.activity_types, default=0) + 1
        now = self.clock.now().strftime("%Y-%m-%d %H:%M:%S")
        row = {
            "id": number,
            "name": values["name"],
            "icon_key": values["icon_key"],
            "color": values.get("color"),
            "order_nr": number,
            "key_string": "_".join(values["name"].lower().split()),
            "active_flag": True,
            "is_custom_flag": True,
            "add_time": now,
            "update_time": now,
        }
        self.activity_types[number] = row
        return row

    def option(self, label: str) -> Row:
        """A new option; ids are unique in the company."""
        option_id = self.next_option_id
        self.next_option_id += 1
        return {"id": option_id, "label": label}

    def find(self, entity: str, row_id: Any) -> Row | None:
        """A record that is not deleted, or None."""
        row = self.tables[entity].rows.get(row_id)
        return None if row is None or row.get("is_deleted") else row

    def reference(self, entity: str, path: str, row_id: Any) -> None:
        """Check that a link points at a record.

        Raises:
            InvalidError: there is none, or it is deleted.
        """
        if self.find(entity, row_id) is None:
            raise InvalidError(path, f"{entity} {row_id} was not found")

    def user(self, path: str, user_id: int, *, active: bool) -> int:
        """Check that a user exists, and is not deactivated where that counts.

        Raises:
            InvalidError: there is none.
        """
        user = self.users.get(user_id)
        if user is None:
            raise InvalidError(path, f"user {user_id} was not found")
        if (
            active
            and not user["active_flag"]
            and self.switches.get("pipedrive.inactive_owner") == "refuse"
        ):
            raise InvalidError(path, f"user {user_id} is deactivated")
        return user_id

    def currency(self, path: str, value: Any) -> str:
        """Check a currency code.

        Raises:
            InvalidError: the company has no such currency.
        """
        code = checks.string(path, value)
        if not any(row["code"] == code for row in self.currencies):
            raise InvalidError(path, f"{code!r} is not a currency of this company")
        return code

    def label_ids(self, entity: str) -> set[int]:
        """The label ids of an entity."""
        field = self.fields[entity].find("label_ids")
        return {option["id"] for option in (field or {}).get("options") or ()}

    def counts(self) -> dict[str, int]:
        """Records that are not deleted, by entity."""
        counts = {
            {**ENTITIES, **V1_ENTITIES, **DEAL_ENTITIES}[name].path: sum(
                not row.get("is_deleted") for row in table.rows.values()
            )
            for name, table in self.tables.items()
        }
        return {**counts, "users": len(self.users)}

    def settled(self, lag: float) -> str:
        """The latest write that a lagging list or search has seen."""
        moment = self.clock.now() - timedelta(seconds=lag)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def notes_of(self, entity: str, row_id: int) -> list[str]:
        """The notes on a record, as searches see them."""
        column = {"person": "person_id", "organization": "org_id", "deal": "deal_id"}[entity]
        return [note["content"] for note in self.tables["note"].pointing(column, row_id)]

    def optional(self, entity: Entity, row: Row, name: str) -> Any:
        """A field that only `include_fields` shows."""
        return optional(self, entity, row, name)

    def seeded_fields(self, entity: str) -> tuple[dict[str, str], dict[str, dict[str, int]]]:
        """Custom field keys by name, and option ids by field name and label."""
        if entity not in self._seeded:
            fields = [field for field in self.fields[entity].all() if field["is_custom_field"]]
            codes = {field["field_name"]: field["field_code"] for field in fields}
            options = {
                field["field_name"]: {option["label"]: option["id"] for option in field["options"]}
                for field in fields
                if field["options"] is not None
            }
            self._seeded[entity] = (codes, options)
        return self._seeded[entity]

    def dump(self) -> dict[str, Any]:
        """Everything as plain data."""
        plain = {name: getattr(self, name) for name in PLAIN}
        plain["tables"] = {name: table.dump() for name, table in self.tables.items()}
        plain["fields"] = {name: catalogue.all() for name, catalogue in self.fields.items()}
        plain["users"] = list(self.users.values())
        plain["activity_types"] = list(self.activity_types.values())
        return plain

    def restore(self, dumped: dict[str, Any]) -> None:
        """Take what `dump` gave."""
        self.clear()
        for name in PLAIN:
            setattr(self, name, dumped[name])
        for name, table in dumped["tables"].items():
            self.tables[name].restore(table)
        for name, fields in dumped["fields"].items():
            for field in fields:
                self.fields[name].add(field)
        self.users = {user["id"]: user for user in dumped["users"]}
        self.activity_types = {one["id"]: one for one in dumped["activity_types"]}
