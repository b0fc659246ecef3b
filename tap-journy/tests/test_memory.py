"""Large files are read in pages, so that many more users take hardly more memory.

Blind spot: an archive in Segment's specification is folded as a whole and does take more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


def peak(folder, name: str, users: int) -> int:
    """Peak memory of a run over a file of so many users, in KiB on Linux."""
    path = folder / name
    with path.open("w") as file:
        file.write("user_id,plan,note\n" if name.endswith(".csv") else "")
        for number in range(users):
            if name.endswith(".csv"):
                file.write(f"u{number},Pro,{'x' * 500}\n")
            else:
                properties = {"plan": "Pro", "note": "x" * 500}
                file.write(json.dumps({"userId": f"u{number}", "properties": properties}) + "\n")
    config = folder / "config.json"
    config.write_text(json.dumps({"record_source": {"type": "files", "users": str(path)}}))
    command = [sys.executable, "-m", "tap_journy", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    return used.ru_maxrss


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_thirty_times_the_users_take_a_fifth_more_memory_at_most(tmp_path, suffix):
    assert peak(tmp_path, f"large.{suffix}", 30_000) < 1.2 * peak(tmp_path, f"small.{suffix}", 1000)
