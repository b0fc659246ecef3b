"""The command `sandbox demo`."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from sync_sandbox.demo import children, figures
from sync_sandbox.demo.project import Project, command
from sync_sandbox.demo.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_sandbox.demo.children import RunningSandbox
    from sync_sandbox.demo.figures import Direction

MELTANO = ("--environment=sandbox", "run")
# Title, what `meltano run` gets, and how many directions that runs. The first two ignore the
# bookmarks that an earlier demo left.
STEPS = (
    ("Initial import", ("--full-refresh", "initial-import"), 1),
    ("First sync", ("--full-refresh", "sync"), 2),
    ("Second sync", ("sync",), 2),
)
LOG_LINES = 25


@dataclass(frozen=True)
class Done:
    """A step and what came of it."""

    title: str
    directions: list[Direction]
    writes: list[str]


@click.command()
def demo() -> None:
    """Import and sync between two services in a fresh sandbox, and show what happened."""
    project, screen, started = Project.find(), Screen(), time.monotonic()
    with children.interruptible(), _alone(project):
        project.begin_anew()
        project.log.write_bytes(b"")
        sizes = ", ".join(f"{count:,} {entity}" for entity, count in children.SIZES.items())
        screen.say(f"A fresh sandbox: {sizes}")
        with children.sandbox(project.root, project.world, project.log) as sandbox:
            done = _Demo(project, sandbox, screen).run()
    _report(screen, done, time.monotonic() - started)
    _advise(screen, project)
    _check_rest(done[-1])


@contextmanager
def _alone(project: Project) -> Iterator[None]:
    """One demo at a time in one project: they would take each other's ledger away."""
    project.system.mkdir(parents=True, exist_ok=True)
    with (project.system / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise click.ClickException("another demo is at work in this project") from error
        yield


class _Demo:
    """The steps, one after the other, against one sandbox."""

    def __init__(self, project: Project, sandbox: RunningSandbox, screen: Screen) -> None:
        self.project, self.sandbox, self.screen = project, sandbox, screen
        self.env = project.environment(sandbox.url)
        self.meltano, self.connector = command("meltano"), command("connector")
        self.runs_seen = self.requests_seen = 0

    def run(self) -> list[Done]:
        """Every step.

        Raises:
            click.ClickException: One failed; the text says where to look.
        """
        return [self._step(number, *step) for number, step in enumerate(STEPS, start=1)]

    def _step(self, number: int, title: str, arguments: tuple[str, ...], expected: int) -> Done:
        shown = f"{title}: meltano run {' '.join(arguments)}"
        with self.screen.step(number, len(STEPS), shown, lambda: len(self._requests())) as tick:
            code = children.run(
                [self.meltano, *MELTANO, *arguments],
                log=self.project.log,
                cwd=self.project.root,
                env=self.env,
                meanwhile=tick,
            )
        if code:
            self._give_up(shown, code)
        journal, runs = self._requests(), self._runs()
        if len(runs) != expected:
            raise click.ClickException(
                f"{shown}: the ledger tells of {len(runs)} runs where {expected} were expected; "
                "is a plugin switched off (enabled: false) in meltano.yml?"
            )
        self.requests_seen += len(journal)
        return Done(title, figures.directions(runs, journal), figures.writes(journal))

    def _requests(self) -> list[dict[str, Any]]:
        """What the sandbox answered since the step began."""
        return self.sandbox.journal()[self.requests_seen :]

    def _runs(self) -> list[dict[str, Any]]:
        """What the ledger holds about the step."""
        with self.project.log.open("ab") as log:
            answer = subprocess.run(  # noqa: S603  # this project's own command
                [self.connector, "runs", "--json"],
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.project.root,
                env=self.env,
                check=False,
            )
        if answer.returncode:
            self._give_up("connector runs --json", answer.returncode)
        runs: list[dict[str, Any]] = json.loads(answer.stdout)
        new, self.runs_seen = runs[self.runs_seen :], len(runs)
        return new

    def _give_up(self, what: str, code: int) -> None:
        lines = self.project.log.read_text(encoding="utf-8", errors="replace").splitlines()
        print("\n".join(lines[-LOG_LINES:]), file=sys.stderr)  # noqa: T201  # as it was logged
        raise click.ClickException(
            f"{what} failed with exit code {code}; the whole output is in "
            f"{self.project.shown(self.project.log)}"
        )


def _report(screen: Screen, done: list[Done], seconds: float) -> None:
    screen.say()
    for step in done:
        for direction in step.directions:
            screen.figures(step.title, direction)
    screen.say(f"Took {seconds:.0f} s.")


def _advise(screen: Screen, project: Project) -> None:
    screen.say("\n[bold]Where to look next[/]")
    meltano = ".venv/bin/meltano"
    screen.ways(
        {
            "What a person has to settle": f"{meltano} invoke connector log --outcome rejected",
            "Every run that the ledger knows": f"{meltano} invoke connector runs",
            "Serve both services again, as they are now": "make sandbox",
            "Sync them once more, from a second terminal": f"{meltano} run sync",
            "Which fields go where: change one and sync again": "meltano.yml",
            "The first sync with your own accounts": "README.md",
            "What the commands printed": project.shown(project.log),
        }
    )


def _check_rest(last: Done) -> None:
    """The promise that a second run over unchanged data writes nothing.

    Raises:
        click.ClickException: It wrote.
    """
    recorded = sum(direction.written for direction in last.directions)
    if not recorded and not last.writes:
        return
    raise click.ClickException(
        f"the second sync had nothing to write, yet the ledger counts {recorded} written records "
        f"and the sandbox {len(last.writes)} writing requests, such as {last.writes[:3]}"
    )
