"""What the benchmarks give the targets: records that changed, and records that did not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

#: A state comes after so many records.
SOME = 10_000
Record = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One target, and what it is given.

    Attributes:
        name: The target.
        module: What Python runs.
        stream: The stream.
        kind: The ledger's name for its links.
        side: Side of the record's own id.
        settings: Beside address and ledger.
        columns: Column -> its value; `{n}` is the record's number.
        changed: Column -> another value.
    """

    name: str
    module: str
    stream: str
    kind: str
    side: str
    settings: dict[str, Any]
    columns: dict[str, Any]
    changed: dict[str, Any]

    def record(self, number: int, changed: Mapping[str, Any] = MappingProxyType({})) -> Record:
        """A record, with other values in some columns."""
        return {name: filled(value, number) for name, value in {**self.columns, **changed}.items()}

    def messages(
        self, count: int, changed: Mapping[str, Any] = MappingProxyType({})
    ) -> Iterator[Record]:
        """The stream with so many records, and a state now and then."""
        kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
        properties = {
            name: {"type": [kinds[type(value)], "null"]} for name, value in self.record(1).items()
        }
        schema = {"type": "object", "properties": properties}
        key = [next(iter(self.columns))]
        yield {"type": "SCHEMA", "stream": self.stream, "schema": schema, "key_properties": key}
        for number in range(1, count + 1):
            yield {"type": "RECORD", "stream": self.stream, "record": self.record(number, changed)}
            if number % SOME == 0 or number == count:
                yield {"type": "STATE", "value": {"bookmarks": {self.stream: number}}}


def filled(value: Any, number: int) -> Any:
    """A value with the record's number in the place of `{n}`."""
    if isinstance(value, list):
        return [filled(each, number) for each in value]
    if isinstance(value, dict):
        return {name: filled(each, number) for name, each in value.items()}
    if value == "{n}":
        return number
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


LINES = [
    {"from": "health", "to": "Customer health"},
    {"from": "churn_score", "to": "Churn score"},
    {"from": "last_seen_at", "to": "Last seen"},
    {"from": "stage", "to": "Lifecycle stage"},
    {"from": "support_phone", "to": "Support line", "write": "if_empty"},
]
CASES = (
    Case(
        "target-pipedrive",
        "target_pipedrive",
        "users",
        "user",
        "journy",
        {"api_token": "sandbox-token", "users": {"create": True, "fields": LINES}},
        {
            "user_id": "u{n}",
            "email": "jane.{n}@acme.example",
            "first_name": "Jane",
            "last_name": "Miller",
            "phone": "+32 2 555 01 23",
            "health": "Good",
            "churn_score": 12.5,
            "last_seen_at": "2026-02-01T08:30:00.000Z",
            "stage": "Trial",
            "support_phone": "+32 2 555 01 99",
            "logins_30d": 17,
            "newsletter": True,
            "segments": ["Power users", "Trial"],
            "accounts": [],
            "created_at": "2025-06-01T00:00:00.000Z",
            "updated_at": "2026-02-01T08:30:00.000Z",
        },
        {"churn_score": 13.5, "updated_at": "2026-02-02T08:30:00.000Z"},
    ),
    Case(
        "target-journy",
        "target_journy",
        "persons",
        "user",
        "pipedrive",
        {
            "api_key": "sandbox-key",
            "persons": {
                "create": True,
                "fields": [
                    {"from": "job_title", "to": "job_title"},
                    {"from": "score", "to": "score"},
                ],
            },
        },
        {
            "id": "{n}",
            "name": "Jane Miller",
            "first_name": "Jane",
            "last_name": "Miller",
            "emails": [{"label": "work", "value": "jane.{n}@acme.example", "primary": True}],
            "phones": [{"label": "work", "value": "+32 2 555 01 23", "primary": True}],
            "job_title": "Head of sales",
            "score": 12.5,
            "visible_to": 3,
            "is_deleted": False,
            "add_time": "2025-06-01T00:00:00Z",
            "update_time": "2026-02-01T08:30:00Z",
        },
        {"score": 13.5, "update_time": "2026-02-02T08:30:00Z"},
    ),
)
