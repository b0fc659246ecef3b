"""A tap into a target without Meltano, for those who run the plugins by themselves."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from sync_connector.project import Project, executable


def pipe(project: Project, tap: str, target: str, each: Callable[[str], None]) -> int:
    """Run both, the target dry; from the beginning, since nobody keeps bookmarks here.

    Args:
        project: A file with the plugins' settings.
        tap: What is read.
        target: What would be written to.
        each: Gets every line of both logs.

    Returns:
        The target's exit code, or the tap's if that alone failed.
    """
    settings = project.settings()
    with tempfile.TemporaryDirectory() as folder:  # made readable by its owner alone
        configs = {
            tap: dict(settings.get(tap, {})),
            target: {**settings.get(target, {}), "dry_run": True},
        }
        for role, config in configs.items():
            place = Path(folder) / f"{role}.json"
            place.write_text(json.dumps(config, default=str), "utf-8")
        words = {role: [executable(role), "--config", f"{folder}/{role}.json"] for role in configs}
        return _joined(words[tap], words[target], project.root, each)


def _joined(tap: list[str], target: list[str], root: Path, each: Callable[[str], None]) -> int:
    reading = subprocess.Popen(tap, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    writing = subprocess.Popen(  # noqa: S603  # lists of words, no shell
        target, cwd=root, stdin=reading.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    with reading, writing:
        if reading.stdout is not None:
            reading.stdout.close()  # the target alone reads on, so that the tap sees it end
        lock = threading.Lock()
        listeners = [
            threading.Thread(target=_listen, args=(process.stderr, each, lock))
            for process in (reading, writing)
        ]
        for listener in listeners:
            listener.start()
        for listener in listeners:
            listener.join()
        codes = (writing.wait(), reading.wait())
    return codes[0] or codes[1]


def _listen(lines: IO[bytes] | None, each: Callable[[str], None], lock: threading.Lock) -> None:
    for line in lines or ():
        with lock:
            each(line.decode("utf-8", "replace").rstrip())
