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
import tempfile
from pathlib import Path

import sqlalchemy as sa
from measuring import Cost, writer
from rich.console import Console
from rich.table import Table
from sync_core.canonical import digest
from sync_core.ledger import Agreed, Ledger, Link, tables
from sync_core.ledger.writing import Entries, record
from sync_sandbox import Sandbox
from target_cases import CASES, SOME, Case, filled

#: Goals: CPU beside the yardstick, memory and CPU per record of many beside few.
TIMES_THE_YARDSTICK, MORE_MEMORY, MORE_PER_RECORD = 3.0, 1.25, 1.2
SMALL, MANY, MILLION = 1_000, 100_000, 1_000_000
#: A machine's speed changes from minute to minute, so runs of all sizes take turns, so often.
ROUNDS = 5
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
        self._folder.mkdir()
        url = f"sqlite:///{self._ledger}"
        config = {**self.case.settings, "api_url": self._url, "ledger_url": url}
        (self._folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        self._write(1)
        writer(self._line, self._messages, 1)
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
        cost = writer(self._line, self._messages, count)
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
        return writer(line, self._messages, count)


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
    own = filled(case.columns[next(iter(case.columns))], number)
    ids = {"pipedrive_id": str(number), "journy_id": f"u{number}"}
    assert str(own) == ids[f"{case.side}_id"]
    one, other = {digest("jane.1@acme.example")}, digest(key)
    one |= {digest(filled(case.columns.get("emails"), 1)), digest(["jane.1@acme.example"])}

    def renamed(value: str) -> str:
        return other if value in one else value

    agreed = {
        pair: Agreed(renamed(each.pipedrive), renamed(each.other), each.other_written)
        for pair, each in known.agreed.items()
    }
    return Link(known.kind, key, **ids, stamp=known.stamp, agreed=agreed,
                vacant=known.vacant, changed=True)  # fmt: skip


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
            missed += judge(case, options, console)
    for each in missed:
        console.print(f"missed: {each}")
    raise SystemExit(bool(missed))


def judge(case: Case, options: argparse.Namespace, console: Console) -> list[str]:
    """Measure one target; what misses its goal."""
    with Sandbox(**EMPTY_SANDBOX) as sandbox, tempfile.TemporaryDirectory() as name:
        costs, yardstick = measured(case, sandbox, Path(name), options)
    table = Table("records", "CPU s", "µs a record", "peak MiB", title=case.name)
    for count, cost in costs.items():
        table.add_row(f"{count:,}", *_cells(cost))
    table.add_row("no-op sink", *_cells(yardstick))
    console.print(table)
    started, few, many, most = (costs[each] for each in (SMALL, SOME, options.records, max(costs)))
    ratios = {
        f"CPU is {TIMES_THE_YARDSTICK} times the no-op sink's at most": (
            many.cpu / yardstick.cpu, TIMES_THE_YARDSTICK),
        "memory is flat": (most.mebibytes / few.mebibytes, MORE_MEMORY),
        "a record costs the same among many": (
            _each(few, many) / _each(started, few), MORE_PER_RECORD),
    }  # fmt: skip
    for name, (ratio, goal) in ratios.items():
        console.print(f"{name}: {ratio:.2f} (goal {goal})")
    return [f"{case.name}: {name}: {r:.2f}" for name, (r, goal) in ratios.items() if r > goal]


def measured(
    case: Case, sandbox: Sandbox, folder: Path, options: argparse.Namespace
) -> tuple[dict[int, Cost], Cost]:
    """What runs of each size take, the middle one of several, and the yardstick beside the many."""
    benches = {each: Bench(case, sandbox, folder / str(each)) for each in
               (SMALL, SOME, options.records)}  # fmt: skip
    for count, bench in benches.items():
        bench.prepare(count)
    every: dict[int, list[Cost]] = {count: [] for count in benches}
    yardsticks: list[Cost] = []
    for _ in range(ROUNDS):
        for count, bench in benches.items():
            every[count].append(bench.run(count))
        yardsticks.append(benches[options.records].yardstick(options.records))
    costs = {count: _middle(some) for count, some in every.items()}
    if options.million:
        most = Bench(case, sandbox, folder / "most")
        most.prepare(MILLION)
        costs[MILLION] = most.run(MILLION)
    return costs, _middle(yardsticks)


def _middle(costs: list[Cost]) -> Cost:
    return sorted(costs, key=lambda cost: cost.cpu)[len(costs) // 2]


def _each(few: Cost, many: Cost) -> float:
    """CPU seconds of each record that the one run has more than the other."""
    return (many.cpu - few.cpu) / (many.records - few.records)


def _cells(cost: Cost) -> tuple[str, ...]:
    return f"{cost.cpu:.2f}", f"{cost.microseconds:.0f}", f"{cost.mebibytes:.0f}"


if __name__ == "__main__":
    main()
