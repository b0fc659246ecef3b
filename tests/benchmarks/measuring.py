"""Programs run as processes of their own, and what the system says they took.

Shared by the benchmarks. They run as where they are installed, whatever the environment says: with
modules that were compiled before, and output in blocks.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_COMPILED = tempfile.TemporaryDirectory()
atexit.register(_COMPILED.cleanup)
_OTHERWISE = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in _OTHERWISE}
ENVIRONMENT["PYTHONPYCACHEPREFIX"] = _COMPILED.name

#: Runs a module or a script, and notes what it took. A parent's memory counts in `ru_maxrss` until
#: the program is loaded, so the peak is asked of Linux itself.
_MEASURED = """
import json, pathlib, re, resource, runpy, sys
figures, kind, name, *arguments = sys.argv[1:]
sys.argv = [name, *arguments]
try:
    {"module": runpy.run_module, "script": runpy.run_path}[kind](name, run_name="__main__")
finally:
    used, status = resource.getrusage(resource.RUSAGE_SELF), pathlib.Path("/proc/self/status")
    if status.exists():
        peak = int(re.search(r"VmHWM:\\s*([0-9]+)", status.read_text())[1]) / 1024
    else:
        peak = used.ru_maxrss / 2**20
    pathlib.Path(figures).write_text(json.dumps([used.ru_utime + used.ru_stime, peak]))
"""


@dataclass(frozen=True)
class Cost:
    """What one process took.

    Attributes:
        cpu: Seconds of the processor.
        wall: Seconds.
        mebibytes: Memory at its peak.
        records: Records that it read or wrote.
        requests: Requests that it made, where they are counted.
    """

    cpu: float
    wall: float
    mebibytes: float
    records: int
    requests: int = 0

    @property
    def microseconds(self) -> float:
        """CPU time per record."""
        return 1e6 * self.cpu / self.records


@functools.cache
def compiled(*command: str) -> None:
    """Have a program's modules compiled, by something that imports them all."""
    subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=True)


def reader(command: list[str]) -> Cost:
    """Run a program that writes records to its end, and count them."""
    with tempfile.TemporaryFile() as log:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=ENVIRONMENT)
        # The counter reads as fast as the reader writes; its own time isn't the reader's.
        counter = subprocess.Popen(
            ["grep", "-c", '"RECORD"'], stdin=process.stdout, stdout=subprocess.PIPE, text=True
        )
        process.stdout.close()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        found = int(counter.communicate()[0])
        if process.returncode:
            log.seek(0)
            raise SystemExit(log.read().decode()[-2000:])
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, found)


def writer(line: list[str], messages: Path, records: int) -> Cost:
    """Run a Python program over some messages.

    Args:
        line: `module` or `script`, its name or path, and its arguments.
        messages: What it reads.
        records: How many records those have.
    """
    with messages.open("rb") as source, tempfile.NamedTemporaryFile() as figures:
        begin = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, figures.name, *line],
            stdin=source,
            capture_output=True,
            check=False,
            env=ENVIRONMENT,
        )
        wall = time.perf_counter() - begin
        if done.returncode:
            raise SystemExit(done.stderr.decode()[-3000:])
        cpu, mebibytes = json.load(figures)
    return Cost(cpu, wall, mebibytes, records)
