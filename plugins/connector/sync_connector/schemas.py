"""What the taps announce, and what the targets say to it; nothing is read or written by that."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync_core.errors import SyncError
from sync_core.mapping import SourceSchema

from sync_connector.meltano import Ran
from sync_connector.project import Project

Record = Mapping[str, Any]

#: Target -> the tap that it gets its records from, and the streams that it maps by itself.
SOURCES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "target-pipedrive": ("tap-journy", ("accounts", "users")),
    "target-journy": ("tap-pipedrive", ("organizations", "persons")),
}

#: What the Singer SDK sets before the sentences of its own check of the settings.
_SDK = "Config validation error: "


class PluginError(SyncError):
    """A plugin ended with errors of its own."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Stream:
    """One stream of a tap's catalog."""

    name: str
    schema: Mapping[str, Any]
    keys: tuple[str, ...]

    @property
    def columns(self) -> Mapping[str, Mapping[str, Any]]:
        """Column -> its JSON schema."""
        found: Mapping[str, Mapping[str, Any]] = self.schema.get("properties") or {}
        return found

    @property
    def source(self) -> SourceSchema:
        """The same as a mapping sees it."""
        return SourceSchema(self.name, self.schema)

    @property
    def message(self) -> str:
        """The Singer message that announces it."""
        about = {"type": "SCHEMA", "stream": self.name, "schema": self.schema}
        return json.dumps({**about, "key_properties": self.keys}) + "\n"


def discover(project: Project, tap: str) -> dict[str, Stream]:
    """A tap's streams by name, as its `--discover` tells them.

    Raises:
        PluginError: It can't tell.
    """
    done = project.invoke(tap, "--discover")
    if done.code:
        raise PluginError(_problems(project, tap, done))
    try:
        streams = json.loads(done.out)["streams"]
    except (ValueError, KeyError, TypeError):
        raise PluginError([f"{project.name(tap)} --discover gave no catalog"]) from None
    return {
        each["tap_stream_id"]: Stream(
            each["tap_stream_id"], each["schema"], tuple(each.get("key_properties") or ())
        )
        for each in streams
    }


def sample(project: Project, tap: str) -> tuple[dict[str, Stream], dict[str, Record]]:
    """A tap's streams, and the first record of each, as its `--test=records` gives them.

    Raises:
        PluginError: It can't read any.
    """
    done = project.invoke(tap, "--test=records")
    if done.code:
        raise PluginError(_problems(project, tap, done))
    streams: dict[str, Stream] = {}
    records: dict[str, Record] = {}
    for message in filter(None, map(_message, done.out.splitlines())):
        name = message.get("stream", "")
        if message["type"] == "SCHEMA":
            keys = tuple(message.get("key_properties") or ())
            streams[name] = Stream(name, message["schema"], keys)
        elif message["type"] == "RECORD":
            records.setdefault(name, message["record"])
    return streams, records


def _message(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:  # what isn't a message is none of ours
        return None
    return found if isinstance(found, dict) and "type" in found else None


def objections(
    project: Project,
    target: str,
    streams: Iterable[Stream],
    config: Mapping[str, Any] | None = None,
) -> list[str]:
    """What a target finds wrong before the first record: its own check at the start of a run.

    It is a dry run that gets no record, on a ledger that is thrown away.

    Args:
        project: The project.
        target: The target's role.
        streams: What is announced to it.
        config: Settings in place of its own, for trying another mapping.
    """
    with tempfile.TemporaryDirectory() as folder:
        safe = {
            "enabled": True,
            "dry_run": True,
            "ledger_url": f"sqlite:///{Path(folder) / 'ledger.db'}",
        }
        announced = "".join(stream.message for stream in streams)
        done = project.invoke(target, stdin=announced, config={**(config or {}), **safe})
    return _problems(project, target, done) if done.code else []


def _problems(project: Project, role: str, done: Ran) -> list[str]:
    ended = f"{project.name(role)} ended with {done.code} and no sentence; run it by itself"
    return [error.removeprefix(_SDK) for error in done.errors] or [ended]
