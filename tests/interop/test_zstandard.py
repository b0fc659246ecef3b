"""Files that a published package has to unpack, which is installed beside the tap.

Blind spot: the packages of object stores (s3fs and the like) aren't tried; the tap reaches them
through the same library, whose store in memory the tap's own tests read.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

PACKAGE = "zstandard==0.25.0"
PACK = "import sys, zstandard; sys.stdout.buffer.write(zstandard.compress(sys.stdin.buffer.read()))"


def test_an_export_in_zstandard_is_read_where_its_package_is_installed(published, tmp_path):
    programs = published(PACKAGE)
    lines = "".join(json.dumps({"userId": f"u{each}"}) + "\n" for each in range(1000))
    packed = subprocess.run(
        [programs / "python", "-c", PACK], input=lines.encode(), capture_output=True, check=True
    )
    (tmp_path / "users.jsonl.zst").write_bytes(packed.stdout)
    config = tmp_path / "config.json"
    source = {"type": "files", "users": str(tmp_path / "*.zst")}
    config.write_text(json.dumps({"record_source": source}), encoding="utf-8")
    line = [sys.executable, "-m", "tap_journy", "--config", str(config)]
    (beside,) = programs.parent.glob("lib/python3*/site-packages")
    without = subprocess.run(line, capture_output=True, text=True, check=False)
    assert without.returncode == 3
    assert "install zstandard beside this tap to read .zst" in without.stderr
    run = subprocess.run(
        line, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(beside)}
    )
    assert run.returncode == 0, run.stderr.decode()
    messages = [json.loads(each) for each in run.stdout.splitlines()]
    users = [
        each["record"]["user_id"]
        for each in messages
        if each["type"] == "RECORD" and each["stream"] == "users"
    ]
    assert users == [f"u{each}" for each in range(1000)]
