"""A tap's command line as a function, and what one run of it said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from sync_tests.command import invoke


@dataclass
class TapRun:
    """What one run of the command line did."""

    exit_code: int
    out: str
    log: str

    @property
    def messages(self) -> list[dict[str, Any]]:
        # Not splitlines: a text in JSON may hold a line separator of Unicode.
        return [json.loads(line) for line in self.out.split("\n") if line]

    def of(self, kind: str, stream: str | None = None) -> list[dict[str, Any]]:
        return [
            message
            for message in self.messages
            if message["type"] == kind and stream in (None, message.get("stream"))
        ]

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [message["record"] for message in self.of("RECORD", stream)]

    def schema(self, stream: str) -> dict[str, Any]:
        return self.of("SCHEMA", stream)[0]["schema"]["properties"]

    @property
    def state(self) -> dict[str, Any]:
        return self.of("STATE")[-1]["value"]

    def bookmark(self, stream: str) -> str:
        return self.state["bookmarks"][stream]["replication_key_value"]


R = TypeVar("R", bound=TapRun)


class Tap(Generic[R]):
    """The command line: `tap("--discover", state=..., start_date=...)`."""

    def __init__(
        self, plugin: Any, kind: type[R], settings: dict[str, Any], folder: Path, capfd: Any
    ) -> None:
        self._plugin, self._kind = plugin, kind
        self._settings, self._folder, self._capfd = settings, folder, capfd

    def __call__(self, *arguments: str, state: Any = None, catalog: Any = None, **config: Any) -> R:
        files = {"config": {**self._settings, **config}, "state": state, "catalog": catalog}
        line = list(arguments)
        for name, content in files.items():
            if content is not None:
                path = self._folder / f"{name}.json"
                path.write_text(json.dumps(content), encoding="utf-8")
                line += [f"--{name}", str(path)]
        return self._kind(*invoke(self._plugin, line, self._capfd))
