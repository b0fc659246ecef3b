"""Calling Meltano from a plugin that Meltano started, without sharing its Python."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # its stubs are a package of their own
from sync_core.errors import ConfigurationError, SyncError

_NAMES = ("meltano", "meltano.exe")
#: What a virtual environment of ours would tell a tool that Meltano starts.
_OURS = ("VIRTUAL_ENV", "PYTHONHOME", "__PYVENV_LAUNCHER__")


class MeltanoError(SyncError):
    """Meltano ended a command with an error; the text holds its own sentence."""


@dataclass(frozen=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The errors that a plugin logged, as sentences, whoever rendered its log."""
        return list(_errors(self.err.splitlines()))


#: A line of the Singer SDK's log, and what follows it in the same record.
_LOGGED = re.compile(r"\S+ \S+ \| (?P<level>[A-Z]+) *\| \S+ *\| (?P<text>.*)")


def _errors(lines: Sequence[str]) -> Iterator[str]:
    said: list[str] = []
    for line in lines:
        level, text = _read(line)
        if level is not None and said:
            yield "\n".join(said)
            said = []
        if level == "error" or (level is None and said):
            said.append(text)
    if said:
        yield "\n".join(said)


def _read(line: str) -> tuple[str | None, str]:
    """Level and text of a line; no level for one that goes on with the line before."""
    if plain := _LOGGED.fullmatch(line):
        return plain["level"].lower(), plain["text"]
    try:
        found = json.loads(line) if line.startswith("{") else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return None, line
    return str(found.get("level")), str(found.get("event"))


def executable(environment: Mapping[str, str] = os.environ) -> list[str]:
    """How Meltano is started: the one that runs this plugin, else the one on PATH.

    Args:
        environment: `CONNECTOR_MELTANO` there names another one.

    Raises:
        ConfigurationError: There is none.
    """
    named = environment.get("CONNECTOR_MELTANO")
    if named:
        return [named]
    for process in _ancestors():
        if found := _started_as(process):
            return found
    on_path = shutil.which("meltano", path=environment.get("PATH"))
    if on_path:
        return [on_path]
    raise ConfigurationError(
        "Meltano isn't on PATH: run this as `meltano invoke connector ...`, "
        "or name Meltano's executable in CONNECTOR_MELTANO"
    )


def _ancestors() -> Iterator[psutil.Process]:
    try:
        yield from psutil.Process().parents()
    except psutil.Error:
        return


def _started_as(process: psutil.Process) -> list[str] | None:
    """The beginning of a command line that runs Meltano's script; None for another program."""
    try:
        command, folder = process.cmdline(), process.cwd()
    except (psutil.Error, OSError):  # another user's process
        return None
    for at, word in enumerate(command[:3]):
        if Path(word).name in _NAMES:
            beside = Path(command[0]).parent / Path(word).name
            for script in (Path(folder) / word, beside):
                if script.is_file() and at == 0:
                    return [str(script)]
                if script.is_file() and Path(command[0]).is_absolute():
                    return [command[0], str(script)]
    return None


def run(
    arguments: Sequence[str],
    *,
    root: Path,
    variables: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> Ran:
    """Run one Meltano command in a project and wait for it.

    Args:
        arguments: As after `meltano`.
        root: The project's folder.
        variables: Environment variables on top of ours.
        stdin: What the command reads; None for nothing.

    Raises:
        ConfigurationError: There is no Meltano.
    """
    return call([*executable(), *arguments], root=root, variables=variables, stdin=stdin)


def call(
    command: Sequence[str],
    *,
    root: Path,
    variables: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> Ran:
    """Run any command as `run` does.

    Raises:
        ConfigurationError: It can't be started.
    """
    try:
        done = subprocess.run(  # noqa: S603  # a list of words, no shell
            command,
            cwd=root,
            env={**_environment(), **(variables or {})},
            input=stdin or "",
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise ConfigurationError(f"{command[0]} can't be started: {error.strerror}") from error
    return Ran(done.returncode, done.stdout, done.stderr)


def stream(
    arguments: Sequence[str],
    *,
    root: Path,
    variables: Mapping[str, str] | None = None,
    each: Callable[[str], None],
) -> int:
    """Run one Meltano command and hear its lines, of both outputs, as they come.

    Args:
        arguments: As after `meltano`.
        root: The project's folder.
        variables: Environment variables on top of ours.
        each: Gets every line.

    Returns:
        The exit code.

    Raises:
        ConfigurationError: There is no Meltano.
    """
    with subprocess.Popen(  # noqa: S603  # a list of words, no shell
        [*executable(), *arguments],
        cwd=root,
        env={**_environment(), **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as running:
        for line in running.stdout or ():
            each(line.rstrip())
    return running.returncode


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    return kept | {"NO_COLOR": "1"}
