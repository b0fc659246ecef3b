"""The published tap-pipedrive 2.1.0 reads every stream that it has, twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TAP = "tap-pipedrive==2.1.0"
# Its base URL is a constant: replaced from outside, its code is not touched.
RUN = """
import sys, tap_pipedrive.tap, tap_pipedrive.cli
tap_pipedrive.tap.BASE_URL = sys.argv.pop(1)
tap_pipedrive.cli.main()
"""
# What it needs beyond the vendor's files: a token in the query, parameters that are not
# documented, and one path of v1 that is out of support.
SWITCHES = {
    "pipedrive.query_api_token": "accept",
    "pipedrive.unknown_parameters": "ignore",
    "pipedrive.out_of_support_v1": "serve",
}


def installed(folder):
    """Make a Python of its own for the tap; the reason where that fails."""
    uv = shutil.which("uv")
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    make = [uv, "venv", "--quiet", "--python", sys.executable, str(folder)]
    install = [uv, "pip", "install", "--quiet", "--python", python, TAP]
    if uv is None:
        make = [sys.executable, "-m", "venv", str(folder)]
        install = [python, "-m", "pip", "install", "--quiet", TAP]
    for command in (make, install):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            return python, (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return python, None


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    if sys.version_info >= (3, 13):
        pytest.skip(f"{TAP} has dependencies without wheels for this Python")
    found, reason = installed(tmp_path_factory.mktemp("tap") / "venv")
    if reason:
        pytest.skip(f"{TAP} can't be installed: {reason}")
    return found


@pytest.fixture
def tap(python, sandbox, tmp_path):
    """Runs the tap; what it wrote."""
    sandbox.switches.update(SWITCHES)
    settings = {"api_token": "sandbox-token", "start_date": "2020-01-01T00:00:00Z"}
    config = tmp_path / "config.json"
    config.write_text(json.dumps(settings), encoding="utf-8")

    def run(**files):
        options = ["--discover"] if not files else []
        for option, content in files.items():
            path = Path(tmp_path / f"{option}.json")
            path.write_text(json.dumps(content), encoding="utf-8")
            options += [f"--{option}", str(path)]
        command = [python, "-c", RUN, sandbox.pipedrive_url, "--config", str(config), *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return run


@pytest.fixture
def catalog(tap):
    """Everything that it discovers, selected."""
    found = json.loads(tap())
    for stream in found["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = True
    return found


@pytest.fixture
def furnished(pipedrive):
    """Records of the kinds that the seed leaves empty."""
    person = pipedrive.person(name="Ann Tap")
    pipedrive.make("/api/v2/activities", subject="Ring", participants=[{"person_id": person["id"]}])
    pipedrive.call("POST", "/v1/files", files={"file": ("a.txt", b"hello")})
    groups = [{"glue": glue, "conditions": []} for glue in ("and", "or")]
    conditions = {"glue": "and", "conditions": groups}
    pipedrive.make("/v1/filters", name="All", type="people", conditions=conditions)
    deal = pipedrive.make("/api/v2/deals", title="Sold")
    seat = {"product_id": 1, "item_price": 10, "quantity": 1}
    pipedrive.make(f"/api/v2/deals/{deal['id']}/products", **seat)
    return person


def records(output):
    found = {}
    for line in map(json.loads, output.splitlines()):
        if line["type"] == "RECORD":
            found.setdefault(line["stream"], []).append(line["record"])
    return found


def test_it_reads_all_of_its_streams(tap, sandbox, furnished, catalog):
    found = records(tap(catalog=catalog))
    assert found.keys() == {stream["tap_stream_id"] for stream in catalog["streams"]}
    stored = sandbox.pipedrive.rows("person").values()
    assert len(found["persons"]) == sum(not row["is_deleted"] for row in stored)
    assert furnished["name"] in [row["name"] for row in found["persons"]]
    assert {row["status"] for row in sandbox.journal() if "api_token" in row["path"]} == {200}


def test_a_second_run_reads_only_what_has_changed(tap, sandbox, pipedrive, furnished, catalog):
    first = [json.loads(line) for line in tap(catalog=catalog).splitlines()]
    state = [line["value"] for line in first if line["type"] == "STATE"][-1]
    sandbox.clock.advance(60)
    pipedrive.patch(f"/api/v2/persons/{furnished['id']}", {"name": "Ann Tapper"})
    again = records(tap(catalog=catalog, state=state))
    assert "Ann Tapper" in [row["name"] for row in again["persons"]]
    assert len(again["persons"]) < 3
