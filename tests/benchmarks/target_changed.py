"""What a record costs a target that creates or changes it, among few and among many: a table.

Run it with an interpreter that has both targets and the sandbox:
`python tests/benchmarks/target_changed.py`; with 100,000 records it takes a quarter of an hour.
The sandbox has no limits and no latency. A first run creates all records, and in a second one a
value of each has changed. Every run is a process of its own; what counts is its CPU time, which
start-up is taken out of by comparing what more records cost. It ends with 1 where a record among
many costs more than the aim allows.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measuring import Cost, compiled, writer
from rich.console import Console
from rich.table import Table
from sync_core.ledger import Ledger
from sync_sandbox import Sandbox
from target_cases import CASES, Case

#: How much more CPU time a record may take among many than among few.
AIM = 1.2
FEW, SOME, MANY = 1_000, 10_000, 100_000
EMPTY = {"persons": 0, "organizations": 0, "users": 0, "accounts": 0}
KINDS = ("created", "updated")
#: What runs; without the limit of calls a minute, which a million records would wait for.
PROGRAMS = {
    "pipedrive": ("module", "target_pipedrive"),
    "journy": ("script", str(Path(__file__).with_name("unlimited_journy.py"))),
}


def runs(case: Case, count: int) -> Iterator[tuple[str, Cost]]:
    """What creating so many records takes, and then changing all of them."""
    switches = {"journy.rate_limit": 10**9}
    with (
        Sandbox(**EMPTY, switches=switches) as sandbox,
        tempfile.TemporaryDirectory() as name,
    ):
        folder = Path(name)
        ledger_url, config = f"sqlite:///{folder}/ledger.db", folder / "config.json"
        service = "pipedrive" if case.name.endswith("pipedrive") else "journy"
        url = getattr(sandbox, f"{service}_url")
        settings = {**case.settings, "api_url": url, "ledger_url": ledger_url}
        config.write_text(json.dumps(settings), encoding="utf-8")
        for kind, changed in zip(KINDS, ({}, case.changed), strict=True):
            messages = folder / "messages.jsonl"
            with messages.open("w", encoding="utf-8") as out:
                out.writelines(json.dumps(each) + "\n" for each in case.messages(count, changed))
            line = [*PROGRAMS[service], "--config", str(config)]
            yield kind, writer(line, messages, count)
            ledger = Ledger(ledger_url, "default")
            assert ledger.runs()[-1].counts[case.stream] == {kind: count}, ledger.runs()[-1].counts
            ledger.close()
            sandbox.clear_journal()


def growth(few: Cost, some: Cost, many: Cost) -> float:
    """How much more the later records take than the earlier ones, start-up aside."""
    early = (some.cpu - few.cpu) / (some.records - few.records)
    return (many.cpu - some.cpu) / (many.records - some.records) / early


def judge(case: Case, counts: tuple[int, int, int], console: Console) -> list[str]:
    """Measure one target; what misses its aim."""
    compiled(sys.executable, "-m", case.module, "--version")
    table = Table("", "records", "CPU s", "wall s", "µs a record", title=case.name)
    costs: dict[str, list[Cost]] = {kind: [] for kind in KINDS}
    for count in counts:
        for kind, cost in runs(case, count):
            costs[kind].append(cost)
            took = f"{cost.cpu:.1f}", f"{cost.wall:.1f}", f"{cost.microseconds:.0f}"
            table.add_row(kind, f"{count:,}", *took)
    console.print(table)
    ratios = {kind: growth(*each) for kind, each in costs.items()}
    for kind, ratio in ratios.items():
        console.print(f"a record {kind} among many costs {ratio:.2f} times as much (aim {AIM})")
    return [f"{case.name}, {kind}: {ratio:.2f}" for kind, ratio in ratios.items() if ratio > AIM]


def main() -> None:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--few", type=int, default=FEW)
    parser.add_argument("--some", type=int, default=SOME)
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--only", choices=[case.name for case in CASES])
    options = parser.parse_args()
    counts, console = (options.few, options.some, options.many), Console()
    chosen = [case for case in CASES if options.only in (None, case.name)]
    missed = [each for case in chosen for each in judge(case, counts, console)]
    for each in missed:
        console.print(f"missed: {each}")
    raise SystemExit(bool(missed))


if __name__ == "__main__":
    main()
