"""Who owns what in this run, in memory that doesn't grow with the records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sync_core.engine.contests import Contests
from sync_core.scratch import Name, Scratch, digests


class Owners:
    """Names with who claimed each of them first."""

    def __init__(self) -> None:
        self._owners = Scratch()

    @contextmanager
    def of(self, names: Iterable[Name]) -> Iterator[Claimed]:
        """The owners of some names, to be looked at and added to within the block.

        Args:
            names: (kind, name) of all that will be asked for.
        """
        claimed = Claimed(digests(names))
        claimed.known = self._owners.recall(list(claimed.digests.values()))
        yield claimed
        self._owners.keep(claimed.new)


class Claimed:
    """Some names with their owners."""

    def __init__(self, digests: dict[Name, bytes]) -> None:
        self.digests = digests
        self.known: dict[bytes, str] = {}
        self.new: dict[bytes, str] = {}

    def claim(self, name: Name, owner: str) -> str:
        """Whose a name is: that of the first who claims it."""
        digest = self.digests[name]
        if not self.known.get(digest):
            self.known[digest] = self.new[digest] = owner
        return self.known[digest]

    def release(self, name: Name, owner: str) -> None:
        """Let a name go that an owner has no more."""
        digest = self.digests[name]
        if self.known.get(digest) == owner:
            self.known[digest] = self.new[digest] = ""


class Claims:
    """Who owns what in this run.

    Attributes:
        keys: (kind, key) -> the source record that goes by it.
        contested: (kind, key) that a second record goes by as well, where that lasts for the run.
        contests: The same of Pipedrive's records, where it lasts until one lets go.
        remotes: (kind, remote id) -> the key whose record it is.
    """

    def __init__(self, contests: Contests) -> None:
        self.contests = contests
        self.keys = Owners()
        self.contested: set[Name] = set()
        self.remotes = Owners()
