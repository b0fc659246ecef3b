"""The command `sandbox journal`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import click
import msgspec

from sync_sandbox.commands.remote import control, url_option

Entry = dict[str, Any]
PAGE = 1000
FIRST_ERROR = 400
HEAD = ("calls", "errors", "tokens", "mean ms", "")
# A path part that names one record: a number, a UUID, or a long key of hexadecimal digits.
_ID = re.compile(r"/(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{40})(?=/|$)")


@click.command("journal")
@url_option("A running sandbox.")
@click.option("--each", is_flag=True, help="A line for each request instead of totals.")
@click.option("--follow", is_flag=True, help="Go on with each new request until Ctrl+C.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one request a line.")
@click.option("--clear", is_flag=True, help="Empty the journal afterwards.")
def journal_command(*, url: str, each: bool, follow: bool, as_json: bool, clear: bool) -> None:
    """Tell what was called on a running sandbox, and what it cost in Pipedrive tokens.

    Totals by method and path, the dearest first; an id in a path counts as {id}. Requests to the
    sandbox's own control interface and status page don't appear.

    \b
    Examples:
      sandbox journal
      sandbox journal --follow
      sandbox journal --json --clear > requests.jsonl
    """  # noqa: D301  # click reads \b: lines that stay as they are
    if follow and clear:
        raise click.UsageError("--follow never comes to its end; leave --clear out")
    if follow:
        with suppress(KeyboardInterrupt):
            _print(_followed(url), as_json=as_json)
        return
    entries = control(url, "GET", "journal")
    if as_json or each:
        _print(entries, as_json=as_json)
    else:
        _table(entries)
    if not as_json:
        tokens = sum(entry["tokens"] for entry in entries)
        click.echo(f"{_plural(len(entries), 'request')}, {_plural(tokens, 'Pipedrive token')}")
    if clear:
        control(url, "DELETE", "journal")


def _followed(url: str) -> Iterator[Entry]:
    """Each request that is kept, then each new one; from the start again when the sandbox is new.

    The question for news waits a moment by itself, so this asks again at once.
    """
    last, run = 0, None
    while True:
        state = control(url, "GET", "live", query=None if run is None else {"after": last})
        if state["run"] != run:
            last, run = 0, state["run"]
        for entry in control(url, "GET", "journal", query={"after": last, "limit": PAGE}):
            last = entry["id"]
            yield entry


def _print(entries: Iterable[Entry], *, as_json: bool) -> None:
    for entry in entries:
        click.echo(msgspec.json.encode(entry).decode() if as_json else _line(entry))


def _line(entry: Entry) -> str:
    status = "cut" if entry["status"] is None else entry["status"]
    return "{:>4} {:>4} {:>9.1f} ms  {:6} {}".format(
        status, entry["tokens"], entry["ms"], entry["method"], entry["path"]
    )


@dataclass
class Total:
    """The requests of one kind."""

    calls: int = 0
    errors: int = 0
    tokens: int = 0
    ms: float = 0

    def add(self, entry: Entry) -> None:
        """Count one more."""
        self.calls += 1
        self.errors += entry["status"] is None or entry["status"] >= FIRST_ERROR
        self.tokens += entry["tokens"]
        self.ms += entry["ms"]


def _table(entries: Iterable[Entry]) -> None:
    totals: dict[str, Total] = {}
    for entry in entries:
        path = _ID.sub("/{id}", entry["path"].partition("?")[0])
        totals.setdefault(f"{entry['method']:6} {path}", Total()).add(entry)
    if totals:
        click.echo("{:>8} {:>8} {:>9} {:>9}  {}".format(*HEAD).rstrip())
    for name, total in sorted(totals.items(), key=lambda item: (-item[1].tokens, -item[1].calls)):
        mean = total.ms / total.calls
        row = f"{total.calls:>8,} {total.errors:>8,} {total.tokens:>9,} {mean:>9.1f}  {name}"
        click.echo(row)


def _plural(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"
