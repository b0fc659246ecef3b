"""What target-pipedrive spends of Pipedrive's daily tokens; ends with 1 where a bound is broken.

Run it with an interpreter that has the target and the sandbox:
`python tests/benchmarks/target_pipedrive_tokens.py`.
Every run is the target's command line over the same users; the tokens are those that the sandbox
took. A hundredth of the users moves between runs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sync_sandbox import Sandbox

User = dict[str, Any]
COLUMNS = {
    "user_id": {"type": "string"},
    "email": {"type": "string"},
    "churn_score": {"type": ["integer", "null"]},
}
LINES = [{"from": "churn_score", "to": "Churn score"}]
WRITE, PAGE, ROWS = 5, 10, 500
#: Two catalogues, who the credential is, and a page that tells how many persons there are.
START, PROBE = 22, 10
#: What one of its writes leaves alone is looked at once in a run.
LOOK = 1


@dataclass
class Spent:
    """What one run took."""

    scenario: str
    writes: int
    write_tokens: int
    other_tokens: int
    bound: int

    @property
    def total(self) -> int:
        """All its tokens."""
        return self.write_tokens + self.other_tokens


def users(sandbox: Sandbox) -> list[User]:
    """A user for each person whose address is nobody else's, with Pipedrive's own score."""
    key = sandbox.pipedrive.field("person", "Churn score")["field_code"]
    rows = [row for row in sandbox.pipedrive.rows("person").values() if row["emails"]]
    count = Counter(row["emails"][0]["value"].casefold() for row in rows)
    return [
        {
            "user_id": f"u{row['id']}",
            "email": row["emails"][0]["value"],
            "churn_score": row["custom_fields"].get(key),
        }
        for row in rows
        if count[row["emails"][0]["value"].casefold()] == 1
    ]


def moved(people: list[User], step: int) -> list[User]:
    """The same users, of whom every hundredth has another score."""
    return [
        {**one, "churn_score": (one["churn_score"] or 0) + 1} if at % 100 == step else one
        for at, one in enumerate(people)
    ]


class Runs:
    """Runs of the target against one sandbox."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._folder = folder

    def forget(self) -> None:
        """Lose the ledger."""
        for path in self._folder.glob("ledger.db*"):
            path.unlink()

    def run(self, scenario: str, people: list[User], bound: Callable[[int], int]) -> Spent:
        """Send these users; `bound` says what so many writes may cost in all."""
        self._sandbox.clear_journal()
        self._send(people)
        journal = self._sandbox.journal()
        writes = [each["tokens"] for each in journal if each["method"] != "GET"]
        other = sum(each["tokens"] for each in journal if each["method"] == "GET")
        return Spent(scenario, len(writes), sum(writes), other, bound(len(writes)))

    def _send(self, people: list[User]) -> None:
        config, lines = self._folder / "config.json", self._folder / "messages.jsonl"
        settings = {
            "api_url": self._sandbox.pipedrive_url,
            "api_token": "sandbox-token",
            "ledger_url": f"sqlite:///{self._folder / 'ledger.db'}",
            "users": {"fields": LINES},
        }
        config.write_text(json.dumps(settings), encoding="utf-8")
        schema = {"type": "object", "properties": COLUMNS}
        first = {
            "type": "SCHEMA",
            "stream": "users",
            "schema": schema,
            "key_properties": ["user_id"],
        }
        with lines.open("w", encoding="utf-8") as file:
            file.write(json.dumps(first) + "\n")
            for record in people:
                message = {"type": "RECORD", "stream": "users", "record": record}
                file.write(json.dumps(message) + "\n")
        command = [sys.executable, "-m", "target_pipedrive", "--config", str(config)]
        done = subprocess.run(
            [*command, "--input", str(lines)], check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(done.stderr)


def scenarios(runs: Runs, people: list[User], persons: int) -> Iterator[Spent]:
    """One run after the other."""
    pages = -(-persons // ROWS) * PAGE
    people = moved(people, 0)
    fixed = START + PROBE + LOOK
    yield runs.run("first run", people, lambda writes: fixed + pages + WRITE * writes)
    yield runs.run("nothing has changed", people, lambda _writes: 30)
    for step in (1, 2):
        people = moved(people, step)
        yield runs.run("1 % changed", people, lambda writes: 100 + WRITE * writes)
    strangers = [{"user_id": f"s{n}", "email": f"s{n}@far.example"} for n in range(1_000)]
    yield runs.run("1,000 unknown users", [*people, *strangers], lambda _writes: 100)
    runs.forget()
    yield runs.run("ledger lost", people, lambda _writes: START + PROBE + pages)


def shown(spent: list[Spent]) -> Table:
    """The runs as a table."""
    table = Table("run", *(f"{name}" for name in ("writes", "for writes", "else", "all", "bound")))
    for each in spent:
        figures = (each.writes, each.write_tokens, each.other_tokens, each.total, each.bound)
        style = "red" if each.total > each.bound else ""
        table.add_row(each.scenario, *(f"{figure:,}" for figure in figures), style=style)
    return table


def main() -> None:
    """Run all scenarios and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=100_000)
    persons = parser.parse_args().persons
    world: dict[str, Any] = {
        "organizations": 100,
        "users": 0,
        "accounts": 0,
        "plan": "ultimate",
        "seats": 100,
    }
    with Sandbox(persons=persons, **world) as sandbox, tempfile.TemporaryDirectory() as folder:
        runs = Runs(sandbox, Path(folder))
        spent = list(scenarios(runs, users(sandbox), persons))
    Console().print(shown(spent))
    sys.exit(any(each.total > each.bound for each in spent))


if __name__ == "__main__":
    main()
