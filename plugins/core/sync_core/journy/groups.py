"""Users in groups, since one call takes a hundred; one who is refused keeps out nobody else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sync_core.errors import ApiError, InvalidError
from sync_core.journy.client import MEMBERS_PER_CALL

#: So many of a refused group are sent alone; when all of these are refused, the account is.
_PROBES = 6
#: How journy's documented answer names a field of the account: "account.accountId: …".
_ACCOUNT = re.compile(r"(?:^|[;,] )account(?:\.\w+)*: ")


@dataclass(frozen=True)
class Group:
    """Members of one account that go out in one call: positions of items."""

    account: str
    members: tuple[int, ...]

    def part(self, members: tuple[int, ...]) -> Group:
        """Some of the members."""
        return Group(self.account, members)

    def without(self, sent: tuple[int, ...]) -> Group:
        """All members but some."""
        return self.part(tuple(each for each in self.members if each not in sent))

    def halves(self) -> tuple[Group, Group]:
        """The same members in two groups."""
        middle = len(self.members) // 2
        return self.part(self.members[:middle]), self.part(self.members[middle:])

    def probes(self) -> tuple[int, ...]:
        """A few of the members, from all over."""
        return self.members[:: -(-len(self.members) // _PROBES)]


Send = Callable[[Group], None]


def grouped(accounts: Mapping[int, str]) -> Iterator[Group]:
    """The groups of some positions, by the accounts that these belong to."""
    members: dict[str, list[int]] = defaultdict(list)
    for at, account in accounts.items():
        members[account].append(at)
    for account, positions in members.items():
        for start in range(0, len(positions), MEMBERS_PER_CALL):
            yield Group(account, tuple(positions[start : start + MEMBERS_PER_CALL]))


def deliver(group: Group, send: Send) -> dict[int, ApiError]:
    """Send a group; where it is refused, whoever of it isn't.

    What a refusal is about is told by its text, or else by trying a few members alone.

    Returns:
        The errors by position.
    """
    error = _try(group, send)
    if error is None:
        return {}
    if not isinstance(error, InvalidError) or len(group.members) == 1 or _of_account(error):
        return dict.fromkeys(group.members, error)
    failed: dict[int, ApiError] = {}
    for tried, at in enumerate(group.probes(), start=1):
        why = _try(group.part((at,)), send)
        if why is None:
            return failed | _halve(group.without(group.probes()[:tried]), send)
        if not isinstance(why, InvalidError):  # an outage says nothing of any of them
            return dict.fromkeys(group.members, why) | failed
        failed[at] = why
    return dict.fromkeys(group.members, error) | failed


def _halve(group: Group, send: Send) -> dict[int, ApiError]:
    """Send a group whose account is taken, in ever smaller parts as far as it is refused."""
    error = _try(group, send) if group.members else None
    if isinstance(error, InvalidError) and len(group.members) > 1:
        return {at: why for half in group.halves() for at, why in _halve(half, send).items()}
    return dict.fromkeys(group.members, error) if error else {}


def _try(group: Group, send: Send) -> ApiError | None:
    try:
        send(group)
    except ApiError as error:
        return error
    return None


def _of_account(error: ApiError) -> bool:
    return bool(_ACCOUNT.search(error.detail))
