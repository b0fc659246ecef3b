"""Child processes that never outlive the demo, and the sandbox as one of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

SIZES = {"persons": 1000, "organizations": 200, "users": 1500, "accounts": 250}
PATIENCE = 20.0  # seconds for a child to start, or to end by itself


class Interruptions:
    """Lets a polite kill take the same way out as Ctrl-C, but not while a child is being born.

    A child whose birth is interrupted belongs to nobody, and would outlive the demo.
    """

    def __init__(self) -> None:
        self._held = False
        self._waiting = False

    def come(self, *_: object) -> None:
        """A signal has come."""
        if self._held:
            self._waiting = True
        else:
            raise KeyboardInterrupt

    def hold(self) -> None:
        """Let signals wait from here on."""
        self._held = True

    def release(self) -> None:
        """Let signals through again, the one that waited first."""
        self._held = False
        if self._waiting:
            self._waiting = False
            raise KeyboardInterrupt


_interruptions = Interruptions()


@contextmanager
def interruptible() -> Iterator[None]:
    """Take SIGINT and SIGTERM through every `finally`."""
    caught = (signal.SIGINT, signal.SIGTERM)
    before = {one: signal.signal(one, _interruptions.come) for one in caught}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def child(
    arguments: Sequence[str],
    *,
    output: IO[bytes],
    cwd: Path,
    env: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process with a group of its own, which ends with this block, children and all."""
    _interruptions.hold()
    try:
        process = subprocess.Popen(  # noqa: S603  # the commands are this project's own
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
    except OSError:
        _interruptions.release()
        raise
    try:
        _interruptions.release()
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process politely, then whatever of its group is still there."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
    with suppress(ProcessLookupError):  # nobody is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run(
    arguments: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str],
    meanwhile: Callable[[], None],
) -> int:
    """Run a command to its end, its output going to the log; returns its exit code."""
    with (
        log.open("ab") as output,
        child(arguments, output=output, cwd=cwd, env=env) as process,
    ):
        while True:
            try:
                return process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                meanwhile()


class RunningSandbox:
    """The control interface of a sandbox that is up."""

    def __init__(self, url: str) -> None:
        self.url = url

    def journal(self) -> list[dict[str, Any]]:
        """Every request that the sandbox has answered, oldest first."""
        address = f"{self.url}/_sandbox/journal"
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310  # our own
            rows: list[dict[str, Any]] = msgspec.json.decode(answer.read())
        return rows


@contextmanager
def sandbox(cwd: Path, world: Path, log: Path) -> Iterator[RunningSandbox]:
    """A fresh sandbox on a free port; its records are saved when it ends."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder, "ready")
        arguments = [sys.executable, "-m", "sync_sandbox", "serve", "--port", "0"]
        arguments += ["--ready-file", str(ready), "--state", str(world)]
        for entity, count in SIZES.items():
            arguments += [f"--{entity}", str(count)]
        with log.open("ab") as output, child(arguments, output=output, cwd=cwd) as process:
            yield RunningSandbox(_address(process, ready, log))


def _address(process: subprocess.Popen[bytes], ready: Path, log: Path) -> str:
    tick, deadline = threading.Event(), time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if ready.exists():
            return ready.read_text(encoding="utf-8").strip()
        tick.wait(0.05)
    raise click.ClickException(f"the sandbox did not start; its output is at the end of {log}")
