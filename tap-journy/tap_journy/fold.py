"""Segment's identify, group and track lines folded into the latest state per user and account."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from operator import attrgetter
from typing import Any, NamedTuple

from tap_journy import identities
from tap_journy.kinds import blank, stamp
from tap_journy.known import Known
from tap_journy.lines import Line, as_object
from tap_journy.parts import Ordered, Parts

#: Bytes of lines that are folded in memory, where they take several times that; beyond, what they
#: say is put away in temporary files.
HELD = 2**24
_CALLS = frozenset({"track", "page", "screen"})
_BY_NUMBER = attrgetter("number")


class Folded(NamedTuple):
    """All users and accounts of an archive, in the order in which lines first told of them."""

    users: Ordered
    accounts: Ordered


class Fold:
    """Takes the lines of an archive, however many there are.

    Attributes:
        lines: How many lines were folded.
        odd: What tells of nobody or of nothing known -> how often.
        spilled: Whether temporary files were needed.
    """

    def __init__(self, files: ExitStack) -> None:
        """Begin; `files` closes what temporary files there are in the end."""
        self._files = files
        self._users, self._visitors, self._accounts = Parts(files), Parts(files), Parts(files)
        self._held = self._size = 0
        self.lines = 0
        self.odd: Counter[str] = Counter()
        self.spilled = False

    def take(self, line: Line, file: int, size: int) -> None:
        """Fold one line of so many bytes; `file` is its file's number."""
        self.lines += 1
        self._size = size
        kind, at = line.type, _time(line)
        if kind == "alias":
            self._alias(line, file)
        elif kind == "group":
            self._group(line, at, file)
        elif kind == "identify" or kind in _CALLS:
            self._call(line, at, line.traits if kind == "identify" else None, file)
        else:
            self.odd["lines of a type that tells nothing of users or accounts"] += 1
        self._held += size
        if self._held >= HELD:
            self._spill()

    def _spill(self) -> None:
        for parts in (self._users, self._visitors, self._accounts):
            parts.spill()
        self._held, self.spilled = 0, True

    def _call(self, line: Line, at: str, traits: Any, file: int) -> None:
        user = self._user(line)
        if user is None:
            self.odd["lines without userId and anonymousId"] += 1
        else:
            context, own = self._context(line), self._object(traits)
            self._tell(user, at, {**context, **own} if context else own, file)

    def _user(self, line: Line) -> Known | None:
        user, anonymous = _id(line.user_id), _id(line.anonymous_id)
        if user and anonymous:
            self._visitors.of(anonymous).owners.add(user)
        if user:
            return self._users.of(user)
        return self._visitors.of(anonymous) if anonymous else None

    def _alias(self, line: Line, file: int) -> None:
        user, before = _id(line.user_id), _id(line.previous_id)
        if user and before and user != before:
            visitor = self._visitors.of(before)
            visitor.owners.add(user)
            visitor.files.add(file)  # it tells nothing, but of whom others told

    def _group(self, line: Line, at: str, file: int) -> None:
        group = _id(line.group_id)
        if not group:
            self.odd["lines of type group without groupId"] += 1
            return
        self._tell(self._accounts.of(group), at, self._object(line.traits), file)
        user = self._user(line)
        if user is not None:
            self._tell(user, at, self._context(line), file)
            user.join(group, at)

    def _context(self, line: Line) -> dict[str, Any]:
        return self._object(line.context.traits) if line.context else {}

    def _object(self, traits: Any) -> dict[str, Any]:
        found = as_object(traits)
        if found is None and traits:
            self.odd["traits that are no object"] += 1
        return found or {}

    def _tell(self, known: Known, at: str, traits: dict[str, Any], file: int) -> None:
        known.number = known.number or self.lines
        known.size += self._size
        known.tell(at, traits, file)

    def end(self) -> Folded:
        """Put together what the lines say; there are no more of them."""
        # Where all of it is in memory, it stays there; otherwise little of it has to.
        room = HELD // 4 if self.spilled else HELD
        accounts, users = (Ordered(_BY_NUMBER, self._files, room) for _which in range(2))
        owned = Ordered(identities.BY_OWNER, self._files, room)
        for account in self._accounts.whole():
            accounts.add(account)
        accounts.end()
        identities.settle(self._users, self._visitors, owned, users)
        return Folded(users, accounts)


def _time(line: Line) -> str:
    """When a call was made, by the best clock that says so."""
    for value in (line.timestamp, line.original_timestamp, line.sent_at, line.received_at):
        if found := stamp(value):
            return found
    return ""


def _id(value: Any) -> str:
    if type(value) is str:  # nearly always
        return value
    return "" if blank(value) or isinstance(value, (dict, list, bool)) else str(value)
