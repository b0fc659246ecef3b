"""What tap-journy costs on large files beside a bare loop over the same: prints a table.

Run it with an interpreter that has the tap: `python tests/benchmarks/tap_journy.py`. Every reader
is a process of its own, and CPU time and memory are what the system says of it. The script ends
with an error where the memory of a format grows with the file.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from measuring import Cost, compiled, reader
from rich.console import Console
from rich.table import Table

PROPERTIES = 20
ACCOUNTS = 1000
#: Peak memory of a large file over that of a small one.
FLAT = 1.2
#: The least that reading takes: decode each line, write a user and a membership.
BARE = """
import sys, msgspec
decode, encode, out = msgspec.json.decode, msgspec.json.encode, sys.stdout.buffer.write
for line in open(sys.argv[1], "rb"):
    row = decode(line)
    flat = {"user_id": row["userId"], "email": row["email"], **row["properties"]}
    out(encode({"type": "RECORD", "stream": "users", "record": flat}) + b"\\n")
    pair = {"user_id": row["userId"], "account_id": row["accounts"][0]}
    out(encode({"type": "RECORD", "stream": "memberships", "record": pair}) + b"\\n")
"""


def properties(number: int) -> dict[str, Any]:
    """A user's properties: half of them numbers, half texts."""
    values = (number * key if key % 2 else f"value {number} {key}" for key in range(PROPERTIES))
    return {f"property_{key}": value for key, value in enumerate(values)}


def records(users: int, path: Path) -> None:
    """One user a line, in the shape of the default endpoint."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(users):
            own = {"userId": f"u{number}", "email": f"u{number}@example.com"}
            times = dict.fromkeys(("createdAt", "updatedAt"), "2026-01-31T10:00:00.000Z")
            links = {"accounts": [f"a{number % ACCOUNTS}"], "segments": ["Everyone"]}
            row = {**own, **times, **links, "properties": properties(number)}
            file.write(json.dumps(row) + "\n")


def table(users: int, path: Path) -> None:
    """The same as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "email", "accounts", "updated_at", *properties(0)])
        for number in range(users):
            own = [f"u{number}", f"u{number}@example.com", f"a{number % ACCOUNTS}"]
            writer.writerow([*own, "2026-01-31T10:00:00.000Z", *properties(number).values()])


def archive(users: int, path: Path) -> None:
    """Calls in Segment's specification: an identify and a group line for each user."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(users):
            call = {"userId": f"u{number}", "timestamp": "2026-01-31T10:00:00.000Z"}
            group = {"type": "group", "groupId": f"a{number % ACCOUNTS}", **call}
            traits = {"type": "identify", "traits": properties(number), **call}
            file.write(f"{json.dumps(traits)}\n{json.dumps(group)}\n")


#: Name -> what writes the file, its suffix, and the tap's format.
FORMATS: dict[str, tuple[Callable[[int, Path], None], str, str]] = {
    "JSON Lines": (records, "jsonl", "records"),
    "CSV": (table, "csv", "records"),
    "Segment archive": (archive, "jsonl", "segment"),
}


def tap(path: Path, shape: str) -> Cost:
    """Read a file with the tap."""
    config = path.with_suffix(".config")
    source = {"type": "files", "format": shape, "users": str(path)}
    config.write_text(json.dumps({"record_source": source}), encoding="utf-8")
    return reader([sys.executable, "-m", "tap_journy", "--config", str(config)])


def row(name: str, users: int, cost: Cost, ratio: str = "") -> tuple[str, ...]:
    """A row of the table."""
    took = f"{cost.cpu:.1f} s", f"{cost.wall:.1f} s", f"{cost.mebibytes:.0f} MiB"
    return name, f"{users:,}", f"{cost.records:,}", *took, ratio


def rows(small: int, large: int, folder: Path) -> Iterator[tuple[str, ...]]:
    """Measure every format, small and large."""
    compiled(sys.executable, "-m", "tap_journy", "--version")
    for name, (write, suffix, shape) in FORMATS.items():
        costs = []
        for users in (small, large):
            path = folder / f"{shape}-{users}.{suffix}"
            write(users, path)
            costs.append(tap(path, shape))
            if name == "JSON Lines" and users == large:
                least = reader([sys.executable, "-c", BARE, str(path)])
                yield row("bare loop", users, least)
                yield row(name, users, costs[-1], f"CPU {costs[-1].cpu / least.cpu:.1f} x bare")
            else:
                yield row(name, users, costs[-1])
            path.unlink()
        growth = costs[1].mebibytes / costs[0].mebibytes
        yield name, "", "", "", "", "", f"memory {growth:.2f} x"
        if growth > FLAT:
            raise SystemExit(f"{name}: memory grew {growth:.2f} times with the file")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=50_000)
    parser.add_argument("--large", type=int, default=200_000)
    options = parser.parse_args()
    names = ("reader", "users", "records", "CPU", "wall", "peak memory", "ratio")
    shown = Table(*names, title=f"users with {PROPERTIES} properties and a membership each")
    with tempfile.TemporaryDirectory() as folder:
        for each in rows(options.small, options.large, Path(folder)):
            shown.add_row(*each)
    Console(width=110).print(shown)


if __name__ == "__main__":
    main()
