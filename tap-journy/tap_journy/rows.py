"""The rows of a file: JSON Lines or CSV, told by the name; what is broken is reported."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO, Any

from sync_core import answers

from tap_journy.cells import Shape, csv_rows, named_once
from tap_journy.sources import Raw
from tap_journy.storage import File, opened

#: So many broken lines of a file are named one by one.
_NAMED = 20
Decode = Callable[[bytes], Any]


def is_csv(file: File) -> bool:
    """Whether a file's name says CSV, compressed or not."""
    return ".csv" in [suffix.lower() for suffix in PurePosixPath(file.own_name).suffixes[-2:]]


def rows(
    file: File, logger: logging.Logger, shape: Shape, decode: Decode | None = None
) -> Iterator[tuple[Any, int]]:
    """A file's JSON objects or rows of CSV, each with the bytes that it takes.

    What isn't one is reported and left out.

    Args:
        file: The file.
        logger: Where that is reported.
        shape: What makes rows of cells below a header.
        decode: What makes a row of a line of JSON; by default the object that it is.

    Raises:
        ValueError: Nothing in the file is one, so that it is no such file at all.
    """
    broken = read = 0
    expected = "row with as many cells as the header" if is_csv(file) else "JSON object"
    text = "%s: several columns are called %s; the first that has a value counts"
    shape = named_once(shape, lambda names: logger.warning(text, file.name, names))
    with opened(file) as stream:
        found = csv_rows(stream, shape) if is_csv(file) else _json_rows(stream, decode or decoded)
        for number, size, row in found:
            if row is not None:
                read += 1
                yield row, size
                continue
            broken += 1
            if broken <= _NAMED:
                said = "%s: line %d isn't a %s and is left out"
                logger.warning(said, file.name, number, expected)
    if broken > _NAMED:
        logger.warning("%s: %d lines were left out in all", file.name, broken)
    if broken and not read:
        raise ValueError(f"no line of it is a {expected}")


def _json_rows(stream: IO[bytes], decode: Decode) -> Iterator[tuple[int, int, Any]]:
    for number, line in enumerate(stream, start=1):
        if line.strip():
            yield number, len(line), decode(line)


def decoded(line: bytes) -> Raw | None:
    """The object in a line of JSON; None where there is none."""
    row = answers.decoded(line.removeprefix(b"\xef\xbb\xbf"))
    return row if isinstance(row, dict) else None
