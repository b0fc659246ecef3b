"""The taps' and targets' own checks, as they make them at the start of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.errors import SyncError
from sync_core.text import number_of

from sync_connector.checking.model import Finding, failed, ok, sentences, warning
from sync_connector.project import Project
from sync_connector.schemas import SOURCES, PluginError, Stream, discover, objections

Settings = Mapping[str, Any]


def present(project: Project) -> Iterator[Finding]:
    """Which plugins there are, and which are switched off."""
    settings = project.settings()
    if project.environment:
        yield ok("environment", project.environment)
    for target, (tap, _) in SOURCES.items():
        both = [role for role in (tap, target) if role in settings]
        if len(both) == 1:
            yield warning(
                both[0],
                "the project has it without its counterpart, so this direction doesn't run",
                f"add {(tap, target)[both[0] == tap]}, or remove {both[0]}",
            )
    for role, given in settings.items():
        if given.get("enabled") is False:
            yield warning(f"{role}: enabled", "it is switched off", "set enabled to true")


@dataclass(frozen=True)
class Direction:
    """What was found in one direction.

    Attributes:
        tap: The tap's role.
        streams: Its streams; none where it couldn't tell them.
        findings: What there is to say.
    """

    tap: str
    streams: Mapping[str, Stream]
    findings: list[Finding]


def direction(project: Project, target: str) -> Direction:
    """Discover what the tap gives, and let the target say what it thinks of that."""
    tap, _ = SOURCES[target]
    settings = project.settings()
    if tap not in settings or target not in settings:
        return Direction(tap, {}, [])
    try:
        found = discover(project, tap)
    except PluginError as error:
        return Direction(tap, {}, sentences(tap, error.problems))
    except SyncError as error:
        return Direction(tap, {}, failed(tap, error))
    return Direction(tap, found, list(_judged(project, target, found)))


def _judged(project: Project, target: str, found: Mapping[str, Stream]) -> Iterator[Finding]:
    tap, names = SOURCES[target]
    streams = [found[name] for name in names if name in found]
    if streams:
        yield ok(tap, "; ".join(_about(stream) for stream in streams))
    yield from _lacking(project, target, found)
    problems = objections(project, target, streams)
    yield from sentences(target, problems)
    if not problems:
        yield ok(target, f"fits both sides: {_lines(project.settings()[target])}")


def _about(stream: Stream) -> str:
    return f"{stream.name} with {number_of(len(stream.columns), 'column')}"


def _lacking(project: Project, target: str, found: Mapping[str, Stream]) -> Iterator[Finding]:
    tap, names = SOURCES[target]
    for name in names:
        if name not in found:
            yield warning(
                tap,
                f"the stream {name} isn't read, so nothing of it is written by {target}",
                f"let the tap read it (setting streams or record_source of {project.name(tap)})",
            )


def _lines(settings: Settings) -> str:
    """What is configured beside what goes across by itself."""
    parts = []
    for name, about in settings.items():
        if isinstance(about, Mapping):
            for key, noun in (("fields", "line"), ("segments", "segment")):
                count = len(about[key]) if isinstance(about.get(key), list) else 0
                parts += [f"{number_of(count, noun)} of {name}"] if count else []
    parts += ["the owner"] if settings.get("owner") else []
    actions = settings.get("actions")
    parts += [number_of(len(actions), "action")] if isinstance(actions, list) and actions else []
    return ", ".join(parts) or "only what goes across by itself"
