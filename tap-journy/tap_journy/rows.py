"""The rows of a file: JSON Lines or CSV, told by the name; what is broken is reported."""

from __future__ import annotations

import csv
import io
import itertools
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO, Any

import msgspec

from tap_journy.entities import Entity
from tap_journy.kinds import Cell
from tap_journy.sources import Raw
from tap_journy.storage import File, opened

#: So many broken lines of a file are named one by one.
_NAMED = 20
_DELIMITERS = ",;\t|"
#: A cell of CSV may be as long as a text may be.
_LONGEST_CELL = 2**31 - 1
#: So many lines may one row of CSV span.
_LONGEST_ROW = 10_000
#: Number of a row's first line, bytes that it takes, and what it is.
Numbered = tuple[int, int, Any]


def is_csv(file: File) -> bool:
    """Whether a file's name says CSV, compressed or not."""
    return ".csv" in [suffix.lower() for suffix in PurePosixPath(file.path).suffixes[-2:]]


def rows(file: File, logger: logging.Logger) -> Iterator[Raw]:
    """A file's JSON objects, or rows of CSV by column; what isn't one is reported and left out."""
    return (row for row, _size in weighed(file, logger))


def weighed(file: File, logger: logging.Logger) -> Iterator[tuple[Raw, int]]:
    """The same, each with the bytes that it takes.

    Raises:
        ValueError: Nothing in the file is one, so that it is no such file at all.
    """
    broken = read = 0
    expected = "row with as many cells as the header" if is_csv(file) else "JSON object"
    with opened(file) as stream:
        for number, size, row in _csv_rows(stream) if is_csv(file) else _json_rows(stream):
            if isinstance(row, dict):
                read += 1
                yield row, size
                continue
            broken += 1
            if broken <= _NAMED:
                text = "%s: line %d isn't a %s and is left out"
                logger.warning(text, file.name, number, expected)
    if broken > _NAMED:
        logger.warning("%s: %d lines were left out in all", file.name, broken)
    if broken and not read:
        raise ValueError(f"no line of it is a {expected}")


def _json_rows(stream: IO[bytes]) -> Iterator[Numbered]:
    for number, line in enumerate(stream, start=1):
        if line.strip():
            yield number, len(line), _decoded(line)


def _decoded(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):  # not JSON, not UTF-8, or nested without end
        return None


class _Lines:
    """The lines of a file, which give back those of a row that never ended.

    Attributes:
        number: Number of the line at which the current row begins.
    """

    def __init__(self, text: Iterator[str]) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._row: list[str] = []
        self.number = 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self._row) >= _LONGEST_ROW:
            raise csv.Error("a quotation mark isn't closed")
        line = self._again.popleft() if self._again else next(self._text)
        self._row.append(line)
        return line

    def end_row(self, *, broken: bool = False) -> None:
        """Begin the next row: behind this one, or behind its first line where it is broken."""
        lines = 1 if broken else len(self._row)
        self._again.extendleft(reversed(self._row[lines:]))
        self._row.clear()
        self.number += lines


def _csv_rows(stream: IO[bytes]) -> Iterator[Numbered]:
    # Bytes that aren't UTF-8 break their own row only.
    with io.TextIOWrapper(
        stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
    ) as text:
        first = text.readline()
        delimiter = max(_DELIMITERS, key=first.count)
        csv.field_size_limit(_LONGEST_CELL)
        lines = _Lines(itertools.chain([first], text))
        found = _cells(lines, delimiter)
        _number, header = next(found, (1, []))
        for number, cells in found:
            if cells is None or cells:
                yield number, sum(map(len, cells or ())), _row(header or [], cells)


def _cells(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """The number of each row's first line, and its cells; None where they can't be told apart.

    A quotation mark that is never closed breaks the row in which it stands, not all that follow.
    """
    while True:
        try:
            for cells in csv.reader(lines, delimiter=delimiter, strict=True):
                yield lines.number, cells
                lines.end_row()
        except csv.Error:
            yield lines.number, None
            lines.end_row(broken=True)
        else:
            return


def _row(header: list[str], cells: list[str] | None) -> dict[str, Cell] | None:
    if cells is None or len(cells) != len(header):
        return None
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return None
    return {name: Cell(cell) for name, cell in zip(header, cells, strict=True) if name}


def nested(entity: Entity, listing: Mapping[str, Any], flat: Mapping[str, Any]) -> Raw:
    """A row of CSV as a described record: known columns in their places, the rest properties."""
    own = {"id": entity.id_column, entity.contact: entity.contact}
    raw: Raw = {}
    rest = dict(flat)
    for key in entity.places:
        if key == "properties" or not listing[key]:
            continue
        name = listing[key] if listing[key] in rest else own.get(key, key)
        value = rest.pop(name, None)
        is_list = key in ("segments", *entity.links)
        _bury(raw, listing[key], _list(value) if is_list and value else value or None)
    if listing["properties"]:
        _bury(raw, listing["properties"], rest)
    return raw


def _bury(raw: Raw, path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for key in outer:
        raw = raw.setdefault(key, {})
    raw[last] = value


def _list(text: str) -> list[Any]:
    """The entries of a cell: a list in JSON, or texts between semicolons, bars or line ends."""
    found = _decoded(text.encode()) if text.startswith("[") else None
    if isinstance(found, list):
        return found
    for mark in ";|\r":
        text = text.replace(mark, "\n")
    return _stripped(text.split("\n"))


def _stripped(texts: Iterable[str]) -> list[str]:
    return [each for text in texts if (each := text.strip())]
