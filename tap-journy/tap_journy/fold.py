"""Segment's identify, group and track lines folded into the latest state per user and account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tap_journy.kinds import blank, stamp

Line = Mapping[str, Any]
#: Where Segment's specification puts the time of a call, the best first.
_TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
_CALLS = frozenset({"track", "page", "screen"})


@dataclass(slots=True)  # an archive has one of each user and account
class Known:
    """What the lines so far say of one user or account.

    Attributes:
        traits: Trait -> when it was said, and its value.
        first: Time of the earliest line; empty where none has a time.
        last: Time of the latest line that changed something.
        links: Accounts of a user.
        files: Numbers of the files that told of it.
    """

    traits: dict[str, tuple[str, Any]] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    links: set[str] = field(default_factory=set)
    files: set[int] = field(default_factory=set)

    def tell(self, at: str, traits: Mapping[str, Any], file: int) -> None:
        """Take traits over where nothing later was said of them; a tie goes to the later line."""
        self.files.add(file)
        self.first = min(filter(None, (self.first, at)), default="")
        for name, value in traits.items():
            if name not in self.traits or at >= self.traits[name][0]:
                self.traits[name] = (at, value)
        if traits or not self.last:
            self.last = max(self.last, at)

    def join(self, account: str, at: str) -> None:
        """Put a user into an account."""
        if account not in self.links:
            self.links.add(account)
            self.last = max(self.last, at)

    def absorb(self, other: Known) -> None:
        """Take over what was said of the same user under another id."""
        for name, (at, value) in other.traits.items():
            if name not in self.traits or at > self.traits[name][0]:
                self.traits[name] = (at, value)
        self.first = min(filter(None, (self.first, other.first)), default="")
        self.last = max(self.last, other.last)
        self.links |= other.links
        self.files |= other.files

    @property
    def values(self) -> dict[str, Any]:
        """The traits without their times."""
        return {name: value for name, (_at, value) in self.traits.items()}


class Fold:
    """All users and accounts of an archive; it holds each of them with its latest traits.

    Attributes:
        lines: How many lines were folded.
        odd: Reason -> lines that tell of nobody or of nothing known.
    """

    def __init__(self) -> None:
        self._users: dict[str, Known] = {}
        self._strangers: dict[str, Known] = {}
        self._who: dict[str, set[str]] = {}
        self.accounts: dict[str, Known] = {}
        self.lines = 0
        self.odd: Counter[str] = Counter()

    def take(self, line: Line, file: int) -> None:
        """Fold one line; `file` is its file's number."""
        self.lines += 1
        kind = line.get("type")
        at = next((found for name in _TIMES if (found := stamp(line.get(name)))), "")
        if kind == "alias":
            self._alias(line)
        elif kind == "group":
            self._group(line, at, file)
        elif kind == "identify" or kind in _CALLS:
            own = line.get("traits") if kind == "identify" else None
            user = self._user(line)
            if user is None:
                self.odd["without userId and anonymousId"] += 1
            else:
                user.tell(at, {**_context(line), **_object(own)}, file)
        else:
            self.odd["of a type that tells nothing of users or accounts"] += 1

    def _user(self, line: Line) -> Known | None:
        user, anonymous = _id(line.get("userId")), _id(line.get("anonymousId"))
        if user and anonymous:
            self._who.setdefault(anonymous, set()).add(user)
        if user:
            return self._users.setdefault(user, Known())
        return self._strangers.setdefault(anonymous, Known()) if anonymous else None

    def _alias(self, line: Line) -> None:
        user, before = _id(line.get("userId")), _id(line.get("previousId"))
        if user and before and user != before:
            self._who.setdefault(before, set()).add(user)

    def _group(self, line: Line, at: str, file: int) -> None:
        group = _id(line.get("groupId"))
        if not group:
            self.odd["of type group without groupId"] += 1
            return
        self.accounts.setdefault(group, Known()).tell(at, _object(line.get("traits")), file)
        user = self._user(line)
        if user is not None:
            user.tell(at, _context(line), file)
            user.join(group, at)

    def users(self) -> Iterator[tuple[str | None, Known]]:
        """Each user with the id; None for one who is known by an e-mail only."""
        for anonymous in list(self._strangers):
            owners = self._who.get(anonymous, set())
            if len(owners) == 1:  # a device that two users share tells of neither
                owner = self._users.setdefault(next(iter(owners)), Known())
                owner.absorb(self._strangers.pop(anonymous))
        yield from self._users.items()
        for stranger in self._strangers.values():
            if not blank(stranger.values.get("email")):
                yield None, stranger


def _context(line: Line) -> dict[str, Any]:
    return _object(_object(line.get("context")).get("traits"))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _id(value: Any) -> str:
    return "" if blank(value) or isinstance(value, (dict, list, bool)) else str(value)
