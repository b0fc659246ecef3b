"""Large files are read in pages, and archives are folded in parts, so that memory stays flat."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

#: The command line, with room for a mebibyte of an archive's lines.
TAP = "from tap_journy import fold, tap; fold.HELD = 2**20; tap.TapJourny.cli()"
NOTE = "x" * 500


def csv(number: int) -> str:
    return f"u{number},Pro,{NOTE}" if number else "user_id,plan,note"


def record(number: int) -> str:
    return json.dumps({"userId": f"u{number}", "properties": {"plan": "Pro", "note": NOTE}})


def call(number: int) -> str:
    own = {"type": "identify", "userId": f"u{number}", "anonymousId": f"a{number}"}
    return json.dumps({**own, "traits": {"plan": "Pro", "note": NOTE}})


LINES = {"records.jsonl": record, "records.csv": csv, "segment.jsonl": call}


def peak(folder, name: str, users: int) -> int:
    """Peak memory of a run over a file of so many users, in KiB on Linux."""
    path, form = folder / f"{users}-{name}", name.partition(".")[0]
    with path.open("w") as file:
        file.writelines(f"{LINES[name](number)}\n" for number in range(users + 1))
    config = folder / "config.json"
    source = {"type": "files", "format": form, "users": str(path)}
    config.write_text(json.dumps({"record_source": source}))
    command = [sys.executable, "-c", TAP, "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    return used.ru_maxrss


@pytest.mark.parametrize("name", LINES)
def test_ten_times_the_users_take_a_fifth_more_memory_at_most(tmp_path, name):
    assert peak(tmp_path, name, 30_000) < 1.2 * peak(tmp_path, name, 3000)
