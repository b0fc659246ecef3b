"""Dry runs of both halves of a sync: through Meltano, or of the plugins directly.

Both take the way of the real run up to the writes. Through Meltano they begin at its bookmarks, as
the next run will, and leave them where they are, since a target gives out no state in a dry run.
(Meltano's `--no-state-update` would leave the bookmarks unread as well.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from sync_core.errors import ConfigurationError, SyncError

from sync_connector.meltano import MeltanoError, stream
from sync_connector.planning.pipes import pipe
from sync_connector.project import Project

#: Direction -> (tap, target), in the order of the job `sync`.
HALVES: Mapping[str, tuple[str, str]] = {
    "journy-to-pipedrive": ("tap-journy", "target-pipedrive"),
    "pipedrive-to-journy": ("tap-pipedrive", "target-journy"),
}
#: What a tap says of a stream at its end.
_READ = re.compile(
    r"(?P<stream>[\w-]+): (?P<records>[\d,]+) records?, (?P<calls>[\d,]+) calls?"
    r"(?:, (?P<tokens>[\d,]+) tokens?)?"
)
#: What tap-pipedrive says of its whole run, catalogues and credential included.
_WHOLE = re.compile(r"This run: (?P<calls>[\d,]+) calls?, (?P<tokens>[\d,]+) tokens?")
_ERROR = re.compile(
    r"\|\s*(?:ERROR|CRITICAL)\s*\|[^|]*\|\s*(?P<text>.*)|\[error\s*\]\s*(?P<said>.*)"
)
_LAST_LINES = 30
_BUDGET_SPENT = "daily tokens"

Watcher = Callable[[str], None]


class DryRunError(SyncError):
    """A half couldn't be tried; the text holds the plugin's own sentence."""


@dataclass
class Reading:
    """What a tap read for one half.

    Attributes:
        calls: Its calls.
        tokens: What they cost of Pipedrive's daily tokens.
        errors: What plugins complained of.
        last: The last lines of the log.
    """

    calls: int = 0
    tokens: int = 0
    errors: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)

    def hear(self, line: str) -> None:
        """Take in a line of the log."""
        self.last = [*self.last[-_LAST_LINES:], line]
        if whole := _WHOLE.search(line):
            self.calls, self.tokens = _number(whole["calls"]), _number(whole["tokens"])
        elif read := _READ.search(line):
            self.calls += _number(read["calls"])
            self.tokens += _number(read["tokens"] or "0")
        if error := _ERROR.search(line):
            self.errors.append((error["text"] or error["said"]).strip())


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def dry_settings(project: Project, roles: list[str]) -> Mapping[str, Mapping[str, Any]]:
    """The targets' settings as they will be in the dry run, once it is certain that it is one.

    Raises:
        ConfigurationError: A target is missing, switched off, or wouldn't run dry.
    """
    if project.file is not None:
        known = {role: {**found, "dry_run": True} for role, found in project.settings().items()}
    else:
        with ThreadPoolExecutor(len(roles)) as pool:
            known = dict(zip(roles, pool.map(lambda role: _asked(project, role), roles)))  # noqa: B905
    for role in roles:
        if role not in known:
            raise ConfigurationError(f"{project.name(role)} isn't part of this project")
        if known[role].get("dry_run") is not True:
            raise ConfigurationError(
                f"{project.name(role)} wouldn't run dry: {project.prefix(role)}DRY_RUN is set "
                "elsewhere, such as in `env` of meltano.yml; take it out there"
            )
    return known


def _asked(project: Project, role: str) -> dict[str, Any]:
    words = ("--log-level=error", "config", "--unsafe", "print", project.name(role))
    done = project.meltano(*words, variables=_dry(project, role))
    if done.code:
        last = [line for line in done.err.splitlines() if line.strip()][-1:]
        raise MeltanoError(f"Meltano can't tell the settings of {project.name(role)}: {last}")
    found: dict[str, Any] = json.loads(done.out)
    return found


def _dry(project: Project, target: str) -> dict[str, str]:
    return {f"{project.prefix(target)}DRY_RUN": "true"}


def try_out(
    project: Project, direction: str, watch: Watcher, *, full_refresh: bool = False
) -> Reading:
    """Run one half dry.

    Args:
        project: Where the plugins are configured.
        direction: Which half.
        watch: Gets every line of the log.
        full_refresh: Read everything, in place of what changed since the last sync.

    Raises:
        DryRunError: It ended with an error, other than for want of budget.
    """
    tap, target = HALVES[direction]
    reading = Reading()

    def hear(line: str) -> None:
        reading.hear(line)
        watch(line)

    if project.file is None:
        options = ("--full-refresh",) if full_refresh else ()
        words = ("run", *options, project.name(tap), project.name(target))
        code = stream(words, root=project.root, variables=_dry(project, target), each=hear)
    else:
        code = pipe(project, tap, target, hear)
    if code and not any(_BUDGET_SPENT in error for error in reading.errors):
        said = reading.errors or reading.last[-1:] or [f"exit code {code}"]
        raise DryRunError(f"The dry run of {direction} ended with an error: {said[-1]}")
    return reading
