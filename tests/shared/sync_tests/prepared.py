"""Plugins' command lines in processes of their own that have everything imported already.

Importing the Singer SDK is most of what a short run costs. Blind spot: the start of the executables
themselves, which other tests of the connector, the round trips and the packaging tests prove.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from sync_connector.meltano import Ran

PLUGINS = {
    "tap-pipedrive": ("tap_pipedrive.tap", "TapPipedrive"),
    "tap-journy": ("tap_journy.tap", "TapJourny"),
    "target-pipedrive": ("target_pipedrive.target", "TargetPipedrive"),
    "target-journy": ("target_journy.target", "TargetJourny"),
}
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([module for module, _ in PLUGINS.values()])
#: Starting a process looks after those of other threads, which may be ending just then.
_ONE_AT_A_TIME = Lock()


def call(
    command: Sequence[str],
    *,
    root: Path,
    variables: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> Ran:
    """Run a plugin's command as `sync_connector.meltano.call` does."""
    name, *arguments = command
    with TemporaryDirectory() as place:
        folder = Path(place)
        if stdin is not None:  # the SDK takes hold of the standard input as it is imported
            (folder / "0").write_text(stdin, encoding="utf-8")
            arguments += ["--input", str(folder / "0")]
        environment = {**os.environ, **(variables or {})}
        told = (Path(name).name, arguments, str(root), environment, folder)
        process = _FORKS.Process(target=_run, args=told)
        with _ONE_AT_A_TIME:
            process.start()
        wait([process.sentinel])
        with _ONE_AT_A_TIME:
            process.join()
        out, err = ((folder / each).read_text("utf-8", errors="replace") for each in "12")
        return Ran(process.exitcode or 0, out, err)


def _run(
    name: str, arguments: list[str], root: str, environment: dict[str, str], folder: Path
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(root)
    sys.argv = [name, *arguments]
    for number in (1, 2):
        with (folder / str(number)).open("wb") as file:
            os.dup2(file.fileno(), number)
    module, plugin = PLUGINS[name]
    getattr(import_module(module), plugin).cli()
