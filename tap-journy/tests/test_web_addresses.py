"""Files behind web addresses, above all signed ones, whose query holds a credential."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

SIGNED = "signature=the-signature-of-the-test"
CONTENT = {
    "/users.jsonl": b'{"userId": "u1"}\n',
    "/users.csv": b"user_id,plan\nu1,Pro\n",
    "/users.jsonl.gz": gzip.compress(b'{"userId": "u1"}\n'),
    "/late.jsonl": b'{"userId": "u1"}\n',
}


class Handler(BaseHTTPRequestHandler):
    """Serves the files above; `of` in a query names the only user there."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self.wfile.write(self._answer())

    def _answer(self) -> bytes:
        asked = urlsplit(self.path)
        users = [{"userId": each} for each in parse_qs(asked.query).get("of", ())]
        body = "".join(json.dumps(each) for each in users).encode() or CONTENT.get(asked.path)
        # The look at it is allowed, and reading it isn't: the signature has ended meanwhile.
        refused = asked.path == "/late.jsonl" and self.command == "GET"
        self.send_response(403 if refused else 404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        return body or b""

    def log_message(self, *_more: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def read(tap, monkeypatch):
    def run(*addresses: str):
        monkeypatch.setenv("TAP_JOURNY_LOGLEVEL", "DEBUG")
        found = tap(api_key=None, record_source={"type": "files", "users": list(addresses)})
        assert SIGNED not in found.log + found.out
        assert "Traceback" not in found.log
        return found

    return run


def ids(run) -> list[str]:
    return sorted(each["user_id"] for each in run.records("users"))


@pytest.mark.parametrize("name", ["users.jsonl", "users.csv", "users.jsonl.gz"])
def test_a_signed_address_is_read_by_the_name_before_its_query_and_never_shown(read, site, name):
    run = read(f"{site}/{name}?{SIGNED}")
    assert run.exit_code == 0, run.log
    assert ids(run) == ["u1"]


@pytest.mark.parametrize("name", ["nowhere.jsonl", "late.jsonl"])
def test_an_address_that_is_refused_is_named_without_its_query(read, site, name):
    run = read(f"{site}/{name}?{SIGNED}", f"{site}/users.jsonl?{SIGNED}")
    assert run.exit_code == 3
    assert f"record_source.users: {site}/{name} can't be read" in run.log
    assert ids(run) == ["u1"]


def test_addresses_that_differ_in_their_query_alone_are_files_of_their_own(read, site):
    assert ids(read(f"{site}/export?of=u1&{SIGNED}", f"{site}/export?of=u2&{SIGNED}")) == [
        "u1",
        "u2",
    ]


def test_a_file_that_is_named_in_two_ways_is_read_once(tap, tmp_path):
    path = tmp_path / "users.jsonl"
    path.write_text('{"userId": "u1"}\n')
    names = [str(path), path.as_uri(), f"{tmp_path}/*.jsonl"]
    run = tap(api_key=None, record_source={"type": "files", "users": names})
    assert ids(run) == ["u1"]
