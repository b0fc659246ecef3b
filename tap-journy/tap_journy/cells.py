"""The rows of CSV: told apart line by line, and made into records."""

from __future__ import annotations

import csv
import io
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import IO, Any

import msgspec

from tap_journy.entities import Entity
from tap_journy.sources import Raw

_DELIMITERS = ",;\t|"
#: A cell of CSV may be as long as a text may be.
_LONGEST_CELL = 2**31 - 1
#: So many lines may one row of CSV span.
_LONGEST_ROW = 10_000
#: Makes a row of its cells.
Make = Callable[[list[str]], Any]
#: What makes rows of the cells below a header.
Shape = Callable[[list[str]], Make]


def by_column(header: list[str]) -> Callable[[list[str]], Raw]:
    """Rows of CSV as the texts of their columns."""
    return lambda cells: {name: cell for name, cell in zip(header, cells, strict=True) if name}


def named_once(shape: Shape, report: Callable[[str], None]) -> Shape:
    """Make one column of those with one name, in which the first value counts.

    Args:
        shape: What makes rows below a header without such columns.
        report: Told their names.
    """

    def shaped(header: list[str]) -> Make:
        names = [name.strip() for name in header]
        places: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            places.setdefault(name, []).append(place)
        again = {name: each for name, each in places.items() if name and len(each) > 1}
        if not again:
            return shape(names)
        report(", ".join(sorted(again)))
        make = shape([name if places[name][0] == at else "" for at, name in enumerate(names)])

        def made(cells: list[str]) -> Any:
            for each in again.values():
                cells[each[0]] = next((cells[place] for place in each if cells[place]), "")
            return make(cells)

        return made

    return shaped


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


def csv_rows(stream: IO[bytes], shape: Shape) -> Iterator[tuple[int, int, Any]]:
    """Number of each row's first line, how long it is, and the row; None where it is broken."""
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
        make, width = shape(header or []), len(header or [])
        for number, cells in found:
            if cells is None or cells:
                joined = "".join(cells or ())
                whole = cells is not None and len(cells) == width and _is_text(joined)
                yield number, len(joined), make(cells) if cells and whole else None


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


def _is_text(joined: str) -> bool:
    """Whether all bytes could be decoded."""
    try:
        return joined.isascii() or bool(joined.encode())
    except UnicodeEncodeError:
        return False


def as_described(entity: Entity, listing: Mapping[str, Any], header: list[str]) -> Make:
    """Rows of CSV become described records: known columns in their places, the rest properties."""
    own = {"id": entity.id_column, entity.contact: entity.contact}
    at = {name: place for place, name in enumerate(header) if name}
    known = []
    for key in entity.places:
        if key != "properties" and listing[key]:
            name = listing[key] if listing[key] in at else own.get(key, key)
            read = _list if key in ("segments", *entity.links) else str
            known.append((listing[key].split("."), at.pop(name, None), read))
    rest, names, places = (listing["properties"] or "").split("."), list(at), list(at.values())

    def make(cells: list[str]) -> Raw:
        raw: Raw = {}
        for path, place, read in known:
            cell = "" if place is None else cells[place]
            _bury(raw, path, read(cell) if cell else None)
        if listing["properties"]:
            _bury(raw, rest, dict(zip(names, [cells[place] for place in places], strict=True)))
        return raw

    return make


def _bury(raw: Raw, path: list[str], value: Any) -> None:
    for key in path[:-1]:
        raw = raw.setdefault(key, {})
    raw[path[-1]] = value


def _list(text: str) -> list[Any]:
    """The entries of a cell: a list in JSON, or texts between semicolons, bars or line ends."""
    if text.startswith("["):
        with suppress(ValueError, RecursionError):
            return msgspec.json.decode(text, type=list[Any])
    for mark in ";|\r":
        text = text.replace(mark, "\n")
    return _stripped(text.split("\n"))


def _stripped(texts: Iterable[str]) -> list[str]:
    return [each for text in texts if (each := text.strip())]
