"""A target that keeps tables in memory, and refuses what a Singer tap must not send."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator


class Tables:
    """Rows by stream and key, and the state, as far as messages came.

    Attributes:
        state: The state that the next run begins with.
        rows: Stream -> key -> the record that came last.
        schemas: Stream -> the properties that were announced last.
        unvouched: (stream, key) of what came behind the state that was kept, or before a state that
            was lost: a deletion of it can't be noticed, since no state tells of it.
    """

    def __init__(self) -> None:
        self.state: Any = None
        self.rows: dict[str, dict[Any, Any]] = {}
        self.schemas: dict[str, dict[str, Any]] = {}
        self.unvouched: set[tuple[str, Any]] = set()
        self._validators: dict[str, Any] = {}
        self._keys: dict[str, list[str]] = {}

    def load(self, messages: list[Any], kept: int) -> None:
        """Take a run's messages; of the states among them the last `kept` ones are lost."""
        states = [place for place, each in enumerate(messages) if each["type"] == "STATE"]
        states = states[: len(states) - kept]
        last = states[-1] if states else -1
        announced: set[str] = set()
        for place, message in enumerate(messages):
            if message["type"] == "SCHEMA":
                announced.add(message["stream"])
                self._schema(message)
            elif message["type"] == "RECORD":
                assert message["stream"] in announced, f"{message['stream']} wasn't announced"
                self._record(message["stream"], message["record"], vouched=place < last)
        if states:
            self.state = messages[last]["value"]

    def lose(self) -> None:
        """The state is lost; of what is deleted by now nobody will tell."""
        self.state = None
        self.unvouched.update((stream, key) for stream, rows in self.rows.items() for key in rows)

    def bookmarks(self, stream: str) -> dict[str, Any]:
        """What the state says of a stream."""
        found: dict[str, Any] = (self.state or {}).get("bookmarks", {}).get(stream, {})
        return found

    def _schema(self, message: Any) -> None:
        stream, schema = message["stream"], message["schema"]
        Draft202012Validator.check_schema(schema)
        self.schemas[stream] = schema["properties"]
        self._validators[stream] = Draft202012Validator(schema)
        self._keys[stream] = message["key_properties"]
        self.check(stream, schema["properties"])

    def check(self, stream: str, properties: Any) -> None:
        """Whether columns are as the state promises; each tap promises something of its own."""

    def _record(self, stream: str, record: Any, *, vouched: bool) -> None:
        errors = [error.message for error in self._validators[stream].iter_errors(record)]
        assert not errors, f"{stream}: {errors}"
        strange = record.keys() - self.schemas[stream].keys()
        assert not strange, f"{stream}: {strange} weren't announced"
        parts = [record[name] for name in self._keys[stream]]
        key = parts[0] if len(parts) == 1 else tuple(parts)
        # As a target does that updates by key: what a record doesn't mention stays.
        self.rows.setdefault(stream, {}).setdefault(key, {}).update(record)
        if vouched:
            self.unvouched.discard((stream, key))
        else:
            self.unvouched.add((stream, key))
