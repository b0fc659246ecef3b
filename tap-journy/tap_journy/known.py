"""What lines of an archive say of one user, account or visitor, whatever their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Known(msgspec.Struct, array_like=True, gc=False):  # an archive has one of each user
    """What some lines say; two of the same one can be put together.

    Attributes:
        id: Its id; of a visitor the anonymous one.
        number: Number of the first line that told of it; 0 before one did.
        size: Bytes of the lines that told of it, or those that it takes on disk.
        first: Time of the earliest line; empty where none has a time.
        opened: Time of the first line that has one, if that line changed nothing.
        changed: Time of the latest line with traits.
        said: When the traits were said, but for some.
        apart: Trait -> when it was said, where that is another time.
        traits: Trait -> value, in the order in which they were first mentioned.
        links: Accounts of a user -> when the user was first put into it.
        files: Numbers of the files that told of it.
        owners: Users that a visitor turned out to be.
    """

    id: str
    number: int = 0
    size: int = 0
    first: str = ""
    opened: str = ""
    changed: str = ""
    said: str = ""
    apart: dict[str, str] = {}
    traits: dict[str, Any] = {}
    links: dict[str, str] = {}
    files: set[int] = set()
    owners: set[str] = set()

    @property
    def last(self) -> str:
        """Time of the latest line that changed something."""
        return max(self.changed, self.opened, *self.links.values())

    def tell(self, at: str, traits: dict[str, Any], file: int) -> None:
        """Take traits over where nothing later was said of them; a tie goes to the later line.

        Args:
            at: The line's time, comparable; empty where it has none.
            traits: Its traits, which are kept and may be changed.
            file: Its file's number.
        """
        self.files.add(file)
        if traits:
            self.changed = max(self.changed, at)
            self._lay(traits, at, {}, ties=True)
        elif not self.first:
            self.opened = at
        self.first = _earliest(self.first, at)

    def join(self, account: str, at: str) -> None:
        """Put a user into an account."""
        self.links.setdefault(account, at)

    def follow(self, later: Known) -> None:
        """Take over what later lines said of the same one."""
        self.number = self.number or later.number
        self.changed = max(self.changed, later.changed)
        if not self.first:
            self.opened = later.opened
        self._lay(later.traits, later.said, later.apart, ties=True)
        self._widen(later)
        self.owners |= later.owners

    def absorb(self, visitor: Known) -> None:
        """Take over what was said of the same user under another id."""
        self.changed = max(self.changed, visitor.last)
        self._lay(visitor.traits, visitor.said, visitor.apart, ties=False)
        self._widen(visitor)

    def _widen(self, other: Known) -> None:
        self.size += other.size
        self.first = _earliest(self.first, other.first)
        self.links = {**other.links, **self.links}
        self.files |= other.files

    def _lay(
        self, traits: dict[str, Any], said: str, apart: Mapping[str, str], *, ties: bool
    ) -> None:
        if not self.traits:
            self.traits, self.said, self.apart = traits, said, dict(apart)
        elif self._is_covered(traits, said, apart) and (ties or said > self.said):
            self.traits.update(traits)
            self.said = said
        else:
            for name, value in traits.items():
                self._set(name, value, apart.get(name, said), ties=ties)

    def _is_covered(self, traits: Mapping[str, Any], said: str, apart: Mapping[str, str]) -> bool:
        """Whether all traits so far were said again, and at one time."""
        plain = not apart and not self.apart
        return plain and said >= self.said and traits.keys() >= self.traits.keys()

    def _set(self, name: str, value: Any, at: str, *, ties: bool) -> None:
        if name in self.traits:
            before = self.apart.get(name, self.said)
            if at < before or (at == before and not ties):
                return
        self.traits[name] = value
        self.apart.pop(name, None)
        if at != self.said:
            self.apart[name] = at


def _earliest(one: str, other: str) -> str:
    return min(one, other) if one and other else one or other
