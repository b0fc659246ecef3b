"""Texts by name for as long as a run lasts, in memory that doesn't grow with their number."""

from __future__ import annotations

import hashlib
import sqlite3
import weakref
from collections.abc import Iterable, Mapping

Name = tuple[str, str]

_BYTES = 16
_CHUNK = 500
#: KiB that stay in memory; the rest is in a file without a name, which ends with the process.
_CACHE = 4096


class Scratch:
    """A temporary database of texts, whose names are kept as digests: a run sees millions."""

    def __init__(self) -> None:
        # One thread works with it; whichever collects it last closes it.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._db.close)
        self._db.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("CREATE TABLE texts (name BLOB PRIMARY KEY, text TEXT) WITHOUT ROWID")

    def recall(self, digests: list[bytes]) -> dict[bytes, str]:
        """The texts of some names, as far as they have one."""
        found: dict[bytes, str] = {}
        for start in range(0, len(digests), _CHUNK):
            some = digests[start : start + _CHUNK]
            marks = ",".join("?" * len(some))
            query = f"SELECT name, text FROM texts WHERE name IN ({marks})"  # noqa: S608 - only marks
            found.update(self._db.execute(query, some))
        return found

    def keep(self, texts: Mapping[bytes, str]) -> None:
        """Keep texts by the digests of their names, in place of former ones."""
        if texts:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?)", texts.items())
            self._db.execute("COMMIT")


def digests(names: Iterable[Name]) -> dict[Name, bytes]:
    """Names with what they are kept by."""
    return {name: _digest(name) for name in names}


def _digest(name: Name) -> bytes:
    text = "\0".join(name).encode(errors="surrogatepass")
    return hashlib.blake2b(text, digest_size=_BYTES).digest()
