"""Asking the taps what there is, and the targets what they would take."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sync_connector.fielding.model import Column, columns
from sync_connector.lines import PAIRS, Pair
from sync_connector.project import Project
from sync_connector.schemas import Record, Stream, discover, objections, sample

TAPS = ("tap-journy", "tap-pipedrive")
#: A column that any value may come from, so that only the destination is judged.
_ANYTHING = "anything"


@dataclass(frozen=True)
class Gathered:
    """What both services have.

    Attributes:
        streams: Tap -> its streams.
        records: Tap -> stream -> its first record; empty unless examples were asked for.
        closed: (stream of the origin, the destination's field) -> why it can't be written,
            in the words of the target.
    """

    streams: Mapping[str, Mapping[str, Stream]]
    records: Mapping[str, Mapping[str, Record]] = field(default_factory=dict)
    closed: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def journy(self, pair: Pair) -> list[Column]:
        """Journy's fields of a pair."""
        return self._columns("tap-journy", pair.source)

    def pipedrive(self, pair: Pair) -> list[Column]:
        """Pipedrive's fields of a pair."""
        return self._columns("tap-pipedrive", pair.target)

    def _columns(self, tap: str, name: str) -> list[Column]:
        stream = self.streams.get(tap, {}).get(name)
        return columns(stream.columns) if stream else []


def gather(project: Project, *, examples: bool) -> Gathered:
    """Ask the taps, then the targets; each side by side.

    Raises:
        PluginError: A tap can't tell its streams.
    """
    ask = sample if examples else _without_records
    with ThreadPoolExecutor(len(TAPS)) as pool:
        answers = dict(zip(TAPS, pool.map(partial(ask, project), TAPS), strict=True))
    streams = {tap: answer[0] for tap, answer in answers.items()}
    records = {tap: answer[1] for tap, answer in answers.items()}
    gathered = Gathered(streams, records)
    with ThreadPoolExecutor(2) as pool:
        judged = pool.map(partial(_judge, project, gathered), ("target-pipedrive", "target-journy"))
        closed = {place: why for each in judged for place, why in each.items()}
    return Gathered(streams, records, closed)


def properties(project: Project) -> Gathered:
    """What journy alone has, which is all that making fields takes.

    Raises:
        PluginError: Its tap can't tell its streams.
    """
    return Gathered({"tap-journy": discover(project, "tap-journy")})


def _without_records(project: Project, tap: str) -> tuple[dict[str, Stream], dict[str, Record]]:
    return discover(project, tap), {}


def _judge(project: Project, gathered: Gathered, target: str) -> dict[tuple[str, str], str]:
    """What a target says to a mapping that names every field of its service.

    The target itself is asked, in a dry run without a record, so that this can't differ from what
    a run does.
    """
    named: dict[str, dict[str, str]] = {}
    for pair in PAIRS:
        stream, fields = _destination(gathered, target, pair)
        named[stream] = {f"{stream}.fields[{at}]": name for at, name in enumerate(fields)}
    config = {
        stream: {"fields": [{"from": _ANYTHING, "to": name} for name in places.values()]}
        for stream, places in named.items()
    }
    streams = [_stream(stream) for stream in named]
    nothing_else = {"streams": {}, "actions": [], "owner": "", **_MAKES_NOTHING}
    extra = nothing_else if target == "target-pipedrive" else {}
    said = objections(project, target, streams, {**config, **extra})
    places = {place: (stream, name) for stream in named for place, name in named[stream].items()}
    return {
        places[place]: why.partition("; ")[0]
        for place, _, why in (each.partition(": ") for each in said)
        if place in places
    }


_MAKES_NOTHING = {"create_missing_fields": False, "create_missing_options": False}


def _destination(gathered: Gathered, target: str, pair: Pair) -> tuple[str, list[str]]:
    """The setting of a pair, and the fields that a line of it might name."""
    left_out = {name for both in (*pair.automatic, pair.key) for name in both} | {"name"}
    if target == "target-journy":
        found = [
            str(each.origin["name"]) for each in gathered.journy(pair) if "name" in each.origin
        ]
        return pair.target, [name for name in found if name not in left_out]
    keys = [str(each.origin.get("key") or each.name) for each in gathered.pipedrive(pair)]
    return pair.source, [key for key in keys if key not in left_out]


def _stream(name: str) -> Stream:
    """A stream with everything that a target of ours asks for, and a column of any type."""
    names = ("email", "emails", "user_id", "account_id", "id", "Account ID", _ANYTHING)
    properties: dict[str, Any] = {each: {} for each in names}
    return Stream(name, {"type": "object", "properties": properties}, ("id",))
