"""Who owns what in this run, in memory that doesn't grow with the records."""

from __future__ import annotations

import hashlib
import sqlite3
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

_BYTES = 16
_CHUNK = 500
#: KiB that stay in memory; the rest is in a file without a name, which ends with the process.
_CACHE = 4096


class Owners:
    """Names with who claimed each of them first.

    A run sees millions of records, so the names are kept as digests in a temporary database.
    """

    def __init__(self) -> None:
        # One thread works with it; whichever collects it last closes it.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._db.close)
        self._db.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("CREATE TABLE owners (name BLOB PRIMARY KEY, owner TEXT) WITHOUT ROWID")

    @contextmanager
    def of(self, names: Iterable[tuple[str, str]]) -> Iterator[Claimed]:
        """The owners of some names, to be looked at and added to within the block.

        Args:
            names: (kind, name) of all that will be asked for.
        """
        claimed = Claimed({name: _digest(name) for name in names})
        claimed.known = self._recall(list(claimed.digests.values()))
        yield claimed
        if claimed.new:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT INTO owners VALUES (?, ?)", claimed.new.items())
            self._db.execute("COMMIT")

    def _recall(self, digests: list[bytes]) -> dict[bytes, str]:
        found: dict[bytes, str] = {}
        for start in range(0, len(digests), _CHUNK):
            some = digests[start : start + _CHUNK]
            marks = ",".join("?" * len(some))
            query = f"SELECT name, owner FROM owners WHERE name IN ({marks})"  # noqa: S608 - only marks
            found.update(self._db.execute(query, some))
        return found


class Claimed:
    """Some names with their owners."""

    def __init__(self, digests: dict[tuple[str, str], bytes]) -> None:
        self.digests = digests
        self.known: dict[bytes, str] = {}
        self.new: dict[bytes, str] = {}

    def claim(self, name: tuple[str, str], owner: str) -> str:
        """Whose a name is: that of the first who claims it."""
        digest = self.digests[name]
        if digest not in self.known:
            self.known[digest] = self.new[digest] = owner
        return self.known[digest]


class Claims:
    """Who owns what in this run.

    Attributes:
        keys: (kind, key) -> the source record that goes by it.
        contested: (kind, key) that a second record goes by as well.
        remotes: (kind, remote id) -> the key whose record it is.
    """

    def __init__(self) -> None:
        self.keys = Owners()
        self.contested: set[tuple[str, str]] = set()
        self.remotes = Owners()


def _digest(name: tuple[str, str]) -> bytes:
    text = "\0".join(name).encode(errors="surrogatepass")
    return hashlib.blake2b(text, digest_size=_BYTES).digest()
