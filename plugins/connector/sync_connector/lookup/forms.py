"""Lines of the log for scripts and spreadsheets."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path

import click
import msgspec
from sync_core.ledger.log import LogLine

from sync_connector.differences import in_words

_COLUMNS = [each.name for each in fields(LogLine)]
#: What a spreadsheet would take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(lines: Iterable[LogLine]) -> str:
    """One JSON object a line."""
    return "".join(msgspec.json.encode(asdict(line)).decode() + "\n" for line in lines)


def as_csv(lines: Iterable[LogLine]) -> str:
    """A table with a head; no cell can act as a formula where a spreadsheet opens it."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(_COLUMNS)
    table.writerows([_inert(value) for value in _cells(line)] for line in lines)
    return written.getvalue()


def _cells(line: LogLine) -> list[object]:
    cells = {each.name: getattr(line, each.name) for each in fields(LogLine)}
    return [*{**cells, "changes": in_words(line.changes)}.values()]


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


#: Form -> how lines are written in it.
FORMS: Mapping[str, Callable[[Iterable[LogLine]], str]] = {"json": as_json, "csv": as_csv}


def write(form: str, lines: Iterable[LogLine], out: Path | None) -> None:
    """Write lines to a file, or to standard output."""
    save(FORMS[form](lines), out)


def save(text: str, out: Path | None) -> None:
    """Write a text to a file, or to standard output.

    Raises:
        click.ClickException: The file can't be written.
    """
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.ClickException(f"{out} can't be written: {error.strerror}") from error
