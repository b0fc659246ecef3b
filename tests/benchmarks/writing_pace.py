"""How full the targets keep a service's burst window while they write; prints a table, and checks.

Run it with an interpreter that has both targets and the sandbox installed:
`python tests/benchmarks/writing_pace.py`.
The sandbox runs in a process of its own and counts as the services do. A window of the service is
busy if the calls of each window leave as soon as the limit lets them: the ratio is the time that
so many windows take at least, by the time that they took. journy's window of a minute is scaled
down on both sides, to two seconds, and so is its limit: calls a second stay what they are.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

WINDOW = 2.0
LEAST = 0.95
#: Pipedrive's plans: burst limit of an API token, and of an OAuth app (vendor's page on limits).
PLANS = {"lite": (20, 80), "growth": (40, 160), "premium": (100, 400), "ultimate": (120, 480)}
JOURNY_A_MINUTE = 1800
PIPEDRIVE_SERVER = "from sync_sandbox.cli import main; main()"
JOURNY_SERVER = f"""
from sync_sandbox.journy import access
access.WINDOW_SECONDS = {WINDOW}
{PIPEDRIVE_SERVER}
"""
PIPEDRIVE_TARGET = "from target_pipedrive.target import TargetPipedrive as T; T.cli()"
JOURNY_TARGET = f"""
from sync_core.journy.client import JournyPacer
JournyPacer.window_seconds = {WINDOW}
from target_journy.target import TargetJourny as T; T.cli()
"""
TEXT = {"type": ["string", "null"]}
APP = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}


@dataclass(frozen=True)
class Case:
    """One measurement.

    Attributes:
        name: What is measured.
        limit: Calls in a window.
        latency: Milliseconds that each answer is late.
        oauth: Whether an OAuth app writes.
    """

    name: str
    limit: int
    latency: int
    oauth: bool = False


def cases():
    """Every plan with both credentials, and journy, near and far."""
    for latency in (0, 150):
        for plan, limits in PLANS.items():
            for oauth, limit in enumerate(limits):
                yield Case(plan, limit, latency, bool(oauth))
        yield Case("journy", round(JOURNY_A_MINUTE * WINDOW / 60), latency)


@contextlib.contextmanager
def serving(case, folder):
    """A sandbox in a process of its own, for as long as the block runs."""
    ready = folder / "url"
    options = ["--ready-file", ready, "--port", 0, "--latency-ms", case.latency, "--seats", 100]
    options += [text for kind in ("persons", "organizations", "users", "accounts")
                for text in (f"--{kind}", 0)]  # fmt: skip
    if case.name == "journy":
        code, more = JOURNY_SERVER, ["--switch", f"journy.rate_limit={case.limit}"]
    else:
        code, more = PIPEDRIVE_SERVER, ["--plan", case.name]
    command = [sys.executable, "-c", code, "serve", *options, *more]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    try:
        while not ready.exists() and process.poll() is None:
            time.sleep(0.05)
        yield ready.read_text(encoding="utf-8").strip()
    finally:
        process.terminate()
        process.wait()


def call(url, body=None, headers=None):
    """One request to the sandbox; its answer as JSON."""
    sent = None if body is None else body.encode()
    with urllib.request.urlopen(urllib.request.Request(url, sent, headers or {})) as answer:
        return json.loads(answer.read() or b"null")


def messages(stream, key, rows):
    """A stream as Singer messages."""
    properties = {name: {} if isinstance(value, list) else TEXT for name, value in rows[0].items()}
    schema = {"type": "SCHEMA", "stream": stream, "schema": {"properties": properties}}
    lines = [{**schema, "key_properties": [key]}]
    lines += [{"type": "RECORD", "stream": stream, "record": row} for row in rows]
    return "".join(json.dumps(line) + "\n" for line in lines)


def pipedrive_input(case, url, count):
    """(code of the target, its settings, its input): so many users who aren't in Pipedrive yet."""
    rows = [{"user_id": f"u{n}", "email": f"p{n}@acme.example", "first_name": "Ann",
             "last_name": f"Number {n}"} for n in range(count)]  # fmt: skip
    access = {"api_token": "sandbox-token"}
    if case.oauth:
        access = {**APP, "refresh_token": refresh_token(url), "oauth_url": f"{url}/pipedrive/oauth"}
    settings = {"api_url": f"{url}/pipedrive", "users": {"create": True}, **access}
    return PIPEDRIVE_TARGET, settings, messages("users", "user_id", rows)


def journy_input(case, url, count):
    """(code of the target, its settings, its input): so many persons who aren't in journy yet."""
    rows = [{"id": str(n), "first_name": "Ann",
             "emails": [{"value": f"p{n}@acme.example", "primary": True}]}
            for n in range(count)]  # fmt: skip
    settings = {"api_url": f"{url}/journy", "api_key": "sandbox-key", "persons": {"create": True}}
    return JOURNY_TARGET, settings, messages("persons", "id", rows)


def refresh_token(url):
    """What an installed app has: a consent, and its code exchanged."""
    query = "client_id=sandbox-client&redirect_uri=http://127.0.0.1/back&state=s"
    opener = urllib.request.build_opener(_Stay)
    consent = f"{url}/pipedrive/oauth/authorize?{query}"
    form = f"{query}&decision=allow".encode()
    answer = opener.open(urllib.request.Request(consent, form, method="POST"))
    code = answer.headers["location"].partition("code=")[2].partition("&")[0]
    form = f"grant_type=authorization_code&code={code}&redirect_uri=http://127.0.0.1/back"
    return call(f"{url}/pipedrive/oauth/token", f"{form}&client_id=sandbox-client"
                "&client_secret=sandbox-secret")["refresh_token"]  # fmt: skip


class _Stay(urllib.request.HTTPRedirectHandler):
    """Doesn't follow the redirect to the app's callback."""

    def http_error_302(self, _request, answer, *_):
        return answer

    http_error_303 = http_error_302


def measured(case, windows):
    """(ratio, refusals, calls a second) of one run of a target."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving(case, folder) as url:
            prepare = journy_input if case.name == "journy" else pipedrive_input
            count = case.limit * windows + 1
            code, settings, text = prepare(case, url, count)
            settings["ledger_url"] = f"sqlite:///{folder}/ledger.db"
            (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
            (folder / "in.jsonl").write_text(text, encoding="utf-8")
            run = [sys.executable, "-c", code, "--config", "config.json", "--input", "in.jsonl"]
            done = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{case}: the target failed\n{done.stderr}")
            journal = call(f"{url}/_sandbox/journal")
    writes = [row for row in journal if row["method"] == "POST" and "/oauth/" not in row["path"]]
    came = sorted(row["at"] for row in writes if row["status"] in (200, 201))
    assert len(came) == count, f"{case}: {len(came)} of {count} records were made"
    took = came[-1] - came[0]
    refused = sum(row["status"] in (403, 429) for row in journal)
    return WINDOW * windows / took, refused, count / took


def main():
    """Measure, print, and fail where a window isn't kept busy or a call was refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=5, help="windows to fill in each case")
    parser.add_argument("--only", default="", help="part of a case's name")
    options = parser.parse_args()
    columns = ("Limit", "Calls in 2 s", "Late by", "Busy", "Refused", "Calls a second")
    table, bad = Table(*columns, title="Writes against the burst limit"), 0
    for case in cases():
        name = f"{case.name} {'OAuth app' if case.oauth else 'key'}"
        if options.only not in name:
            continue
        busy, refused, a_second = measured(case, options.windows)
        good = busy >= LEAST and not refused
        bad += not good
        late = f"{case.latency} ms"
        shown = f"{busy:.1%}" if good else f"[red]{busy:.1%}"
        table.add_row(name, str(case.limit), late, shown, str(refused), f"{a_second:.0f}")
    Console(width=100).print(table)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
