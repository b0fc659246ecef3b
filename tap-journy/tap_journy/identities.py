"""Visitors become the users who they turned out to be."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from tap_journy.kinds import blank
from tap_journy.known import Known
from tap_journy.parts import BY_ID, Ordered, Parts

#: More than there are lines. Users without a line of their own stand behind those who have one,
#: and visitors who stay unknown behind both.
_BEHIND = 2**60
#: Whose they are, and who of them came first.
BY_OWNER = attrgetter("id", "number")


def settle(users: Parts, visitors: Parts, owned: Ordered, found: Ordered) -> None:
    """Find all users, with what was said of them before they were known.

    Args:
        users: What lines say of users.
        visitors: What lines say of visitors, and who they turned out to be.
        owned: Takes in for the time being visitors who are users, `BY_OWNER`.
        found: Takes in the users, and visitors of whom an e-mail address is known; no `id`, then.
    """
    for visitor in visitors.whole():
        if not visitor.number:
            continue  # nothing was said of it but who it is
        if len(visitor.owners) == 1:  # a device that two users share tells of neither
            (visitor.id,) = visitor.owners
            owned.add(visitor)
        elif not blank(visitor.traits.get("email")):
            visitor.id, visitor.number = "", visitor.number + 2 * _BEHIND
            found.add(visitor)
    owned.end()
    for user in _joined(users.whole(), owned):
        found.add(user)
    found.end()
    owned.close()


def _joined(users: Iterable[Known], owned: Iterable[Known]) -> Iterator[Known]:
    """Each user with those who turned out to be it; the earliest line of any stands first."""
    for _own_id, parts in groupby(heapq.merge(users, owned, key=BY_ID), key=BY_ID):
        user, *visitors = parts
        if user.owners:  # a visitor: no line tells of the user itself
            user.number += _BEHIND
        for visitor in visitors:
            user.absorb(visitor)
        yield user
