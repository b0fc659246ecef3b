"""How fast the sandbox answers and how much it holds: prints a table, asserts nothing.

Run it with an interpreter that has the sandbox installed: `python tests/benchmarks/sandbox.py`.
Server times come from the sandbox's own journal, so the client's share is not in them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from rich.console import Console
from rich.table import Table

HEADERS = {"x-api-token": "sandbox-token", "content-type": "application/json"}
PERSONS = "/pipedrive/api/v2/persons"
FIELDS = "/pipedrive/api/v2/personFields"
JOURNAL = "/_sandbox/journal"
START_SECONDS = 900
KIB_PER_GIB = 1024**2
CUSTOM_FIELDS, PAGE, PAGES, CLIENTS, SPREAD = 30, 500, 40, 8, 100
COUNTERS = "open_deals_count,won_deals_count,activities_count,notes_count"
REQUEST = (
    b"PATCH %s/%d HTTP/1.1\r\nhost: %s\r\nx-api-token: sandbox-token\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
)


class Server:
    """A sandbox in a process of its own."""

    def __init__(self, **counts):
        options = [text for name, count in counts.items() for text in (f"--{name}", str(count))]
        self._folder = tempfile.TemporaryDirectory()
        ready = Path(self._folder.name) / "url"
        command = [sys.executable, "-m", "sync_sandbox", "serve", "--port", "0", *options]
        command += ["--ready-file", str(ready)]
        started = time.perf_counter()
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.url = self._wait(ready)
        self.seconds = time.perf_counter() - started

    def _wait(self, ready):
        for _ in range(START_SECONDS * 10):
            if ready.exists():
                return ready.read_text(encoding="utf-8").strip()
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        self.stop()
        raise SystemExit("the sandbox did not come up; what it said stands above")

    def call(self, method, path, body=None):
        """One request; its answer as JSON."""
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, sent, HEADERS, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def data(self, method, path, body=None):
        """The data of one Pipedrive answer."""
        return self.call(method, path, body)["data"]

    def memory(self):
        """Resident memory now and at its height, in GiB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        values = dict(line.split(":", 1) for line in status.splitlines())
        return tuple(int(values[name].split()[0]) / KIB_PER_GIB for name in ("VmRSS", "VmHWM"))

    def stop(self):
        """End it."""
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()


@contextlib.contextmanager
def serving(**counts):
    """A server for as long as the block runs."""
    server = Server(**counts)
    try:
        yield server
    finally:
        server.stop()


def widen(server):
    """Make it 30 custom fields, and write a text into each that takes one, on a page of persons."""
    known = [one for one in server.data("GET", f"{FIELDS}?limit=500") if one["is_custom_field"]]
    for number in range(len(known), CUSTOM_FIELDS):
        body = {"field_name": f"Text {number}", "field_type": "varchar"}
        known.append(server.data("POST", FIELDS, body))
    texts = [one["field_code"] for one in known if one["field_type"] in ("varchar", "text")]
    for person in server.data("GET", f"{PERSONS}?limit={PAGE}"):
        values = dict.fromkeys(texts, f"a value of {person['id']}")
        server.call("PATCH", f"{PERSONS}/{person['id']}", {"custom_fields": values})
    return len(texts)


def page_times(server, query):
    """Milliseconds of server time of many equal pages."""
    server.call("DELETE", JOURNAL)
    for _ in range(PAGES):
        assert len(server.data("GET", f"{PERSONS}?limit={PAGE}&{query}")) == PAGE
    return [row["ms"] for row in server.call("GET", JOURNAL)]


def search_times(server, query):
    """Milliseconds of the first search, which makes an index, and of the next."""
    server.call("DELETE", JOURNAL)
    for _ in range(2):
        server.call("GET", query)
    return [row["ms"] for row in server.call("GET", JOURNAL)]


def read_answer(connection):
    """Take one whole answer off a connection, which must be a 200."""
    received = connection.recv(65536)
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length, got = int(head.split(b"content-length: ")[1].split(b"\r\n")[0]), len(body)
    while got < length:
        got += len(connection.recv(65536))


def write_until(url, first, begin, end):
    """PATCH one field again and again over one kept connection; how often it was done."""
    host, port = url.removeprefix("http://").rsplit(":", 1)
    done = 0
    with socket.create_connection((host, int(port))) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        time.sleep(max(0, begin - time.time()))
        while time.time() < end:
            body = b'{"name":"Ann %d"}' % done
            place = (PERSONS.encode(), first + done % SPREAD, host.encode())
            connection.sendall(REQUEST % (*place, len(body), body))
            read_answer(connection)
            done += 1
    return done


def write_rate(server, seconds):
    """Writes a second from 8 processes that begin and end together."""
    begin = time.time() + 2
    work = [(server.url, 1 + n * SPREAD, begin, begin + seconds) for n in range(CLIENTS)]
    with multiprocessing.get_context("spawn").Pool(CLIENTS) as pool:
        return sum(pool.starmap(write_until, work)) / seconds


def time_row(name, target, times):
    """A row of the table. On a busy machine the best is nearest to what the work takes."""
    late = statistics.quantiles(times, n=20)[-1]
    middle = statistics.median(times)
    return name, target, f"best {min(times):.2f} ms, median {middle:.2f}, p95 {late:.2f}"


def small(seconds):
    """Rows on pages and writes, in a world of a few thousand."""
    with serving(persons=2000, organizations=200, users=0, accounts=0) as server:
        plain = page_times(server, "sort_by=id")
        texts = widen(server)
        wide = page_times(server, "sort_by=id")
        filled = f"page of {PAGE}, {CUSTOM_FIELDS} custom fields, {texts} texts filled"
        yield time_row(f"page of {PAGE}, fields as seeded", "", plain)
        yield time_row(filled, "under 10 ms", wide)
        rate = write_rate(server, seconds)
        yield f"writes a second, {CLIENTS} clients", "1,500", f"{rate:,.0f}"


def large(persons):
    """Memory and pages in a large world."""
    with serving(persons=persons, organizations=persons // 10, users=0, accounts=0) as server:
        yield f"seconds to seed {persons:,} persons", "", f"{server.seconds:.0f}"
        now, height = server.memory()
        yield "memory then", "under 4 GiB", f"{now:.2f} GiB, at most {height:.2f} GiB"
        yield time_row("page of 500 by update_time", "", page_times(server, "sort_by=update_time"))
        counted = page_times(server, f"sort_by=update_time&include_fields={COUNTERS}")
        yield time_row("the same with counters of deals and activities", "", counted)
        since = server.data("GET", f"{PERSONS}?limit=1&sort_by=update_time&sort_direction=desc")
        recent = f"{PERSONS}?updated_since={since[0]['update_time']}"
        server.call("GET", recent)
        yield "the newest persons", "", f"{server.call('GET', JOURNAL)[-1]['ms']:.2f} ms"
        exact = f"{PERSONS}/search?term=nobody@acme.example&fields=email&exact_match=true"
        first, again = search_times(server, exact)
        yield "exact search by e-mail", "", f"first {first:,.0f} ms, then {again:.2f} ms"
        now, height = server.memory()
        yield "memory after reading", "under 4 GiB", f"{now:.2f} GiB, at most {height:.2f} GiB"


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="how long the clients write")
    parser.add_argument(
        "--persons", type=int, default=1_000_000, help="0 leaves the large world out"
    )
    options = parser.parse_args()
    table = Table("what", "target", "measured")
    for row in small(options.seconds):
        table.add_row(*row)
    for row in large(options.persons) if options.persons else ():
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
