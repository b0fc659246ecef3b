"""Readers of one served Pipedrive, each a process of its own, and what the system says they took.

Shared by the benchmarks of reading; run as a script it is the sandbox that they read.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import requests
from measuring import ENVIRONMENT, Cost, compiled, reader

KEY = {"x-api-token": "sandbox-token"}
CUSTOM_FIELDS = 30
SWITCHES = {
    "pipedrive.query_api_token": "accept",
    "pipedrive.unknown_parameters": "ignore",
    "pipedrive.out_of_support_v1": "serve",
}
#: The least that reading takes: fetch, decode, write each row as a line.
BARE = """
import sys, msgspec, requests
url, session, cursor = sys.argv[1] + "/api/v2/persons", requests.Session(), None
session.headers["x-api-token"] = "sandbox-token"
decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
while True:
    query = {"limit": 500, "sort_by": "id", "sort_direction": "asc", "cursor": cursor}
    body = decode(session.get(url, params=query).content)
    for row in body["data"]:
        sys.stdout.buffer.write(encode({"type": "RECORD", "stream": "persons", "record": row}))
        sys.stdout.buffer.write(b"\\n")
    cursor = body["additional_data"]["next_cursor"]
    if not cursor:
        break
"""
#: The peer's address is a constant: replaced from outside, its code isn't touched.
PEER = """
import sys, tap_pipedrive.tap, tap_pipedrive.cli
tap_pipedrive.tap.BASE_URL = sys.argv.pop(1)
tap_pipedrive.cli.main()
"""


def serve(persons: int) -> None:
    """Be the sandbox, until standard input ends: every person has a text in each custom field."""
    from sync_sandbox import Sandbox  # only the server needs it

    counts = {"persons": persons, "organizations": 100, "users": 0, "accounts": 0}
    # Without limits: the bare loop, which knows of none, is faster than any plan allows.
    with Sandbox(**counts, switches=SWITCHES) as sandbox:
        url = f"{sandbox.pipedrive_url}/api/v2/personFields"
        known = requests.get(url, {"limit": 500}, headers=KEY, timeout=60).json()["data"]
        keys = []
        for number in range(sum(one["is_custom_field"] for one in known), CUSTOM_FIELDS):
            body = {"field_name": f"Text {number}", "field_type": "varchar"}
            made = requests.post(url, json=body, headers=KEY, timeout=60).json()["data"]
            keys.append(made["field_code"])
        for record_id, row in sandbox.pipedrive.rows("person").items():
            row["custom_fields"].update(dict.fromkeys(keys, f"a value of {record_id}"))
        gc.freeze()  # as `sandbox serve` does: no answer is late for the sake of so many records
        print(sandbox.pipedrive_url, flush=True)  # noqa: T201 - how the parent learns it
        sys.stdin.read()


class Server:
    """A sandbox in a process of its own."""

    def __init__(self, persons: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(persons)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise SystemExit("the sandbox did not come up; what it said stands above")
        self._control = self.url.removesuffix("/pipedrive") + "/_sandbox"

    def forget(self) -> None:
        """Empty the journal."""
        requests.delete(f"{self._control}/journal", timeout=60)

    def requests(self) -> int:
        """How many requests there were since then."""
        return len(requests.get(f"{self._control}/journal", timeout=60).json())

    def delay(self, milliseconds: int) -> None:
        """Let every page of persons take so long."""
        match = {"method": "GET", "path": "/pipedrive/api/v2/persons"}
        fault = {"match": match, "times": None, "action": {"delay_ms": milliseconds}}
        requests.post(f"{self._control}/faults", json=fault, timeout=60).raise_for_status()

    def stop(self) -> None:
        """End it."""
        self._process.stdin.close()
        self._process.wait()


@contextlib.contextmanager
def serving(persons: int):
    """A server for as long as the block runs."""
    server = Server(persons)
    try:
        yield server
    finally:
        server.stop()


def measured(server: Server, command: list[str]) -> Cost:
    """Run a reader to its end."""
    server.forget()
    return replace(reader(command), requests=server.requests())


def tap(server: Server, folder: Path, **settings) -> Cost:
    """Read all persons with our tap."""
    config = folder / "config.json"
    access = {"api_url": server.url, "api_token": "sandbox-token", "daily_token_share": 1}
    config.write_text(json.dumps({**access, "streams": ["persons"], **settings}), "utf-8")
    command = [sys.executable, "-m", "tap_pipedrive"]
    compiled(*command, "--version")
    return measured(server, [*command, "--config", str(config)])


def bare(server: Server) -> Cost:
    """Read all persons with the bare loop."""
    compiled(sys.executable, "-c", "import msgspec, requests")
    return measured(server, [sys.executable, "-c", BARE, server.url])


def peer(server: Server, folder: Path, python: str) -> Cost:
    """Read all persons with singer-io's tap."""
    config, catalog = folder / "peer.json", folder / "catalog.json"
    access = {"api_token": "sandbox-token", "start_date": "2000-01-01T00:00:00Z"}
    config.write_text(json.dumps(access), "utf-8")
    command = [python, "-c", PEER, server.url, "--config", str(config)]
    discovery = [*command, "--discover"]
    found = json.loads(
        subprocess.run(discovery, env=ENVIRONMENT, capture_output=True, check=True).stdout
    )
    found["streams"] = [one for one in found["streams"] if one["tap_stream_id"] == "persons"]
    for entry in found["streams"][0]["metadata"]:
        entry["metadata"]["selected"] = True
    catalog.write_text(json.dumps(found), "utf-8")
    return measured(server, [*command, "--catalog", str(catalog)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("persons", type=int)
    serve(parser.parse_args().persons)
