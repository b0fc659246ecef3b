"""What a second run over unchanged records takes, beside the SDK's own no-op sink: prints tables.

Run it with an interpreter that has both targets and the sandbox:
`python tests/benchmarks/target_unchanged.py`; `--million` adds a run over a million records.
It ends with 1 where a figure misses its goal. Every run is a process of its own, and CPU time and
memory are what the system says of it. The ledger is filled as a first run over one record fills it,
with the names and digests of the others in place of the one's; so a run that took the others for
changed would look for them and write.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table
from sync_core.canonical import digest
from sync_core.ledger import Agreed, Ledger, Link, tables
from sync_core.ledger.writing import Entries, record
from sync_sandbox import Sandbox

#: Goals: CPU beside the yardstick, memory and CPU per record of many beside few.
TIMES_THE_YARDSTICK, MORE_MEMORY, MORE_PER_RECORD = 3.0, 1.25, 1.2
SMALL, SOME, MANY, MILLION = 1_000, 10_000, 100_000, 1_000_000
EMPTY_SANDBOX = {"persons": 0, "organizations": 0, "users": 0, "accounts": 0}
#: The smallest target that the SDK allows: it reads every message, and does nothing.
YARDSTICK = '''
from singer_sdk import BatchSink, Target


class Sink(BatchSink):
    max_size = 500

    def process_batch(self, context):
        """Do nothing."""


class Yardstick(Target):
    name = "target-nothing"
    config_jsonschema = {"properties": {}}
    default_sink_class = Sink


Yardstick.cli()
'''


#: Runs a module or a script, and notes what it took. A parent's memory counts in `ru_maxrss` until
#: the program is loaded, so the peak is asked of Linux itself.
MEASURED = """
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
class Case:
    """One target, and what it is given.

    Attributes:
        name: The target.
        module: What Python runs.
        stream: The stream.
        kind: The ledger's name for its links.
        side: Side of the record's own id.
        settings: Beside address and ledger.
        columns: Column -> its value; `{n}` is the record's number.
    """

    name: str
    module: str
    stream: str
    kind: str
    side: str
    settings: dict[str, Any]
    columns: dict[str, Any]

    def record(self, number: int) -> dict[str, Any]:
        """A record."""
        return {name: _filled(value, number) for name, value in self.columns.items()}

    def messages(self, count: int) -> Iterator[dict[str, Any]]:
        """The stream with so many records, and a state now and then."""
        kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
        properties = {
            name: {"type": [kinds[type(value)], "null"]} for name, value in self.record(1).items()
        }
        schema = {"type": "object", "properties": properties}
        key = [next(iter(self.columns))]
        yield {"type": "SCHEMA", "stream": self.stream, "schema": schema, "key_properties": key}
        for number in range(1, count + 1):
            yield {"type": "RECORD", "stream": self.stream, "record": self.record(number)}
            if number % SOME == 0 or number == count:
                yield {"type": "STATE", "value": {"bookmarks": {self.stream: number}}}


def _filled(value: Any, number: int) -> Any:
    if isinstance(value, list):
        return [_filled(each, number) for each in value]
    if isinstance(value, dict):
        return {name: _filled(each, number) for name, each in value.items()}
    if value == "{n}":
        return number
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


LINES = [
    {"from": "health", "to": "Customer health"},
    {"from": "churn_score", "to": "Churn score"},
    {"from": "last_seen_at", "to": "Last seen"},
    {"from": "stage", "to": "Lifecycle stage"},
    {"from": "support_phone", "to": "Support line", "write": "if_empty"},
]
CASES = (
    Case(
        "target-pipedrive",
        "target_pipedrive",
        "users",
        "user",
        "journy",
        {"api_token": "sandbox-token", "users": {"create": True, "fields": LINES}},
        {
            "user_id": "u{n}",
            "email": "jane.{n}@acme.example",
            "first_name": "Jane",
            "last_name": "Miller",
            "phone": "+32 2 555 01 23",
            "health": "Good",
            "churn_score": 12.5,
            "last_seen_at": "2026-02-01T08:30:00.000Z",
            "stage": "Trial",
            "support_phone": "+32 2 555 01 99",
            "logins_30d": 17,
            "newsletter": True,
            "segments": ["Power users", "Trial"],
            "accounts": [],
            "created_at": "2025-06-01T00:00:00.000Z",
            "updated_at": "2026-02-01T08:30:00.000Z",
        },
    ),
    Case(
        "target-journy",
        "target_journy",
        "persons",
        "user",
        "pipedrive",
        {
            "api_key": "sandbox-key",
            "persons": {
                "create": True,
                "fields": [
                    {"from": "job_title", "to": "job_title"},
                    {"from": "score", "to": "score"},
                ],
            },
        },
        {
            "id": "{n}",
            "name": "Jane Miller",
            "first_name": "Jane",
            "last_name": "Miller",
            "emails": [{"label": "work", "value": "jane.{n}@acme.example", "primary": True}],
            "phones": [{"label": "work", "value": "+32 2 555 01 23", "primary": True}],
            "job_title": "Head of sales",
            "score": 12.5,
            "visible_to": 3,
            "is_deleted": False,
            "add_time": "2025-06-01T00:00:00Z",
            "update_time": "2026-02-01T08:30:00Z",
        },
    ),
)


@dataclass
class Cost:
    """What one process took."""

    records: int
    cpu: float
    mebibytes: float

    @property
    def microseconds(self) -> float:
        """CPU time per record."""
        return 1e6 * self.cpu / self.records


def measured(line: list[str], messages: Path, records: int) -> Cost:
    """Run a Python program over some messages."""
    with messages.open("rb") as source, tempfile.NamedTemporaryFile() as figures:
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, figures.name, *line],
            stdin=source,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr.decode()[-3000:])
        cpu, mebibytes = json.load(figures)
    return Cost(records, cpu, mebibytes)


class Bench:
    """One case in a folder of its own, beside a sandbox."""

    def __init__(self, case: Case, sandbox: Sandbox, folder: Path) -> None:
        self.case = case
        self._sandbox = sandbox
        self._folder = folder
        self._line = ["module", case.module, "--config", str(folder / "config.json")]
        self._messages = folder / "messages.jsonl"
        self._ledger = folder / "ledger.db"
        service = "pipedrive" if case.name.endswith("pipedrive") else "journy"
        self._url = getattr(sandbox, f"{service}_url")

    def prepare(self, count: int) -> None:
        """A ledger that a first run over so many records would have left, and those records."""
        for file in self._folder.glob("ledger.db*"):
            file.unlink()
        url = f"sqlite:///{self._ledger}"
        config = {**self.case.settings, "api_url": self._url, "ledger_url": url}
        (self._folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        self._write(1)
        measured(self._line, self._messages, 1)
        ledger = Ledger(url, "default")
        fill(ledger, self.case, count)
        ledger.close()
        self._write(count)
        self.run(count)  # the first one over these links notes that they are in step

    def _write(self, count: int) -> None:
        with self._messages.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(each) + "\n" for each in self.case.messages(count))

    def run(self, count: int) -> Cost:
        """A second run, which has to make no write."""
        self._sandbox.clear_journal()
        cost = measured(self._line, self._messages, count)
        writes = [each for each in self._sandbox.journal() if each["method"] != "GET"]
        assert len(writes) <= 1, writes[:3]  # journy's permissions are asked for with a POST
        tokens = sum(each.get("tokens") or 0 for each in self._sandbox.journal())
        assert tokens <= 30, tokens
        ledger = Ledger(f"sqlite:///{self._ledger}", "default")
        assert ledger.runs()[-1].counts[self.case.stream] == {"unchanged": count}
        ledger.close()
        return cost

    def yardstick(self, count: int) -> Cost:
        """The same messages through the no-op target."""
        script, config = self._folder / "yardstick.py", self._folder / "nothing.json"
        script.write_text(YARDSTICK, encoding="utf-8")
        config.write_text('{"validate_records": false}', encoding="utf-8")
        line = ["script", str(script), "--config", str(config)]
        return measured(line, self._messages, count)


def fill(ledger: Ledger, case: Case, count: int) -> None:
    """Make the others' links out of the one that is there."""
    (known,) = ledger.links_by(case.kind, "key", ["jane.1@acme.example"]).values()
    assert known.agreed
    run = ledger.start_run("filling", dry_run=False)
    for start in range(2, count + 1, SOME):
        some = range(start, min(start + SOME, count + 1))
        links = [_like(known, case, number) for number in some]
        record(ledger, run, "filling", Entries(links=links))
    with ledger.transaction() as db:
        db.execute(tables.runs.delete().where(tables.runs.c.id == run))
        db.execute(sa.text("ANALYZE"))


def _like(known: Link, case: Case, number: int) -> Link:
    """The link of another record whose values differ by its number."""
    key = f"jane.{number}@acme.example"
    own = _filled(case.columns[next(iter(case.columns))], number)
    ids = {"pipedrive_id": str(number), "journy_id": f"u{number}"}
    assert str(own) == ids[f"{case.side}_id"]
    one, other = {digest("jane.1@acme.example")}, digest(key)
    one |= {digest(_filled(case.columns.get("emails"), 1)), digest(["jane.1@acme.example"])}

    def renamed(value: str) -> str:
        return other if value in one else value

    agreed = {
        pair: Agreed(renamed(each.pipedrive), renamed(each.other), each.other_written)
        for pair, each in known.agreed.items()
    }
    return Link(known.kind, key, **ids, stamp=known.stamp, agreed=agreed, changed=True)


def main() -> None:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--million", action="store_true", help="also a million records")
    parser.add_argument("--records", type=int, default=MANY)
    parser.add_argument("--only", choices=[case.name for case in CASES])
    options = parser.parse_args()
    console, missed = Console(), []
    for case in CASES:
        if options.only in (None, case.name):
            with Sandbox(**EMPTY_SANDBOX) as sandbox, tempfile.TemporaryDirectory() as folder:
                missed += judge(Bench(case, sandbox, Path(folder)), options, console)
    for each in missed:
        console.print(f"missed: {each}")
    raise SystemExit(bool(missed))


def judge(bench: Bench, options: argparse.Namespace, console: Console) -> list[str]:
    """Measure one target; what misses its goal."""
    table = Table("records", "CPU s", "µs a record", "peak MiB", title=bench.case.name)
    costs: dict[int, Cost] = {}
    for count in sorted({SMALL, SOME, options.records, *([MILLION] if options.million else [])}):
        bench.prepare(count)
        costs[count] = bench.run(count)
        table.add_row(f"{count:,}", *_cells(costs[count]))
        if count == options.records:
            yardstick = bench.yardstick(count)
    table.add_row("no-op sink", *_cells(yardstick))
    console.print(table)
    few, many, most = costs[SOME], costs[options.records], costs[max(costs)]
    started = costs[SMALL]
    marginal = 1e6 * (many.cpu - started.cpu) / (many.records - started.records)
    middle = 1e6 * (few.cpu - started.cpu) / (few.records - started.records)
    ratios = {
        f"CPU is {TIMES_THE_YARDSTICK} times the no-op sink's at most": (
            many.cpu / yardstick.cpu, TIMES_THE_YARDSTICK),
        "memory is flat": (most.mebibytes / few.mebibytes, MORE_MEMORY),
        "a record costs the same among many": (marginal / middle, MORE_PER_RECORD),
    }  # fmt: skip
    for name, (ratio, goal) in ratios.items():
        console.print(f"{name}: {ratio:.2f} (goal {goal})")
    return [f"{bench.case.name}: {name}: {r:.2f}" for name, (r, goal) in ratios.items() if r > goal]


def _cells(cost: Cost) -> tuple[str, ...]:
    return f"{cost.cpu:.2f}", f"{cost.microseconds:.0f}", f"{cost.mebibytes:.0f}"


if __name__ == "__main__":
    main()
