"""Clients that nobody here wrote, unmodified, against the sandbox."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODE = shutil.which("node")
MODULES = os.environ.get("SANDBOX_NODE_MODULES", "")
HAS_CLIENT = (Path(MODULES) / "pipedrive").is_dir() if MODULES else False
TAP_PYTHON = os.environ.get("SANDBOX_TAP_PIPEDRIVE_PYTHON") or (
    sys.executable if importlib.util.find_spec("tap_pipedrive") else ""
)
# The published tap's base URL is a constant: replaced from outside, its code is not touched.
RUN_TAP = """
import sys, tap_pipedrive.tap, tap_pipedrive.cli
tap_pipedrive.tap.BASE_URL = sys.argv.pop(1)
tap_pipedrive.cli.main()
"""
# The sandbox has no change log of deals and no products on deals.
STREAMS = {
    "currency",
    "activity_types",
    "stages",
    "filters",
    "pipelines",
    "deals",
    "activities",
    "notes",
    "files",
    "organizations",
    "persons",
    "products",
    "users",
    "deal_fields",
}


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
@pytest.mark.skipif(
    not HAS_CLIENT, reason="set SANDBOX_NODE_MODULES to a node_modules that holds pipedrive@33"
)
def test_the_official_node_client_creates_reads_pages_searches_and_deletes(sandbox):
    script = str(HERE / "official_client.cjs")
    done = subprocess.run(
        [NODE, script, MODULES, sandbox.pipedrive_url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "me": "jane@acme.com",
        "walked": 60,
        "updated": "Nora Notch",
        "found": [True],
        "linked": True,
        "note": "Nora Notch",
        "custom": 16,
        "deleted": True,
        "errors": [
            "Entity was not found",
            "Validation failed: name: is required, or both first_name and last_name",
            "unauthorized access",
        ],
    }


@pytest.mark.skipif(
    not TAP_PYTHON,
    reason="set SANDBOX_TAP_PIPEDRIVE_PYTHON to a Python that has tap-pipedrive 2.1.0",
)
def test_the_published_tap_reads_its_streams(sandbox, pipedrive, tmp_path):
    sandbox.switches.set("pipedrive.query_api_token", "accept")
    sandbox.switches.set("pipedrive.unknown_parameters", "ignore")
    person = pipedrive.person(name="Tap Ear")
    pipedrive.make("/api/v2/activities", subject="Call", participants=[{"person_id": person["id"]}])
    pipedrive.make("/v1/notes", content="Hello", person_id=person["id"])
    pipedrive.call("POST", "/v1/files", files={"file": ("a.txt", b"hello")})
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps({"api_token": "sandbox-token", "start_date": "2020-01-01T00:00:00Z"})
    )

    def tap(*arguments):
        command = [TAP_PYTHON, "-c", RUN_TAP, sandbox.pipedrive_url, "--config", str(config)]
        done = subprocess.run(
            [*command, *arguments], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    catalog = json.loads(tap("--discover"))
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["stream"] in STREAMS
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(catalog))
    lines = [json.loads(line) for line in tap("--catalog", str(path)).splitlines()]
    read = {line["stream"] for line in lines if line["type"] == "RECORD"}
    assert read >= STREAMS - {"filters"}
    persons = [r["record"] for r in lines if r["type"] == "RECORD" and r["stream"] == "persons"]
    assert {row["name"] for row in persons} >= {"Tap Ear"}
    assert {row["status"] for row in sandbox.journal() if "api_token" in row["path"]} == {200}
