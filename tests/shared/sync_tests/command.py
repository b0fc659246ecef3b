"""A plugin's command line, run in this process."""

from __future__ import annotations

import gc
import logging
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def undisturbed() -> Iterator[None]:
    """The process's own log handlers, hooks, signals and garbage are as before afterwards."""
    root, hook, error = logging.getLogger(), sys.excepthook, sys.stderr
    handlers, level = root.handlers[:], root.level
    signals = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        with warnings.catch_warnings():
            yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        sys.excepthook, sys.stderr = hook, error
        logging.captureWarnings(capture=False)
        gc.unfreeze()  # hypothesis asks the collector who holds what
        for one, handler in signals.items():
            signal.signal(one, handler)


def invoke(plugin: Any, line: list[str], capfd: Any) -> tuple[int, str, str]:
    """Run a plugin's command line; gives exit code, output and log."""
    capfd.readouterr()
    code: Any = 0
    with undisturbed():
        try:
            plugin.cli(line)
        except SystemExit as end:
            code = end.code
    return code or 0, *capfd.readouterr()
