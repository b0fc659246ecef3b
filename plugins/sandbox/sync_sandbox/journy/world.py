"""The state of the journy account: users, accounts, their links, events, and writes that wait.

Every write is an operation, a plain dictionary: accepted at once, applied when its time has come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sync_sandbox.journy.catalogues import EVENTS, PROPERTIES
from sync_sandbox.journy.computed import recompute
from sync_sandbox.journy.identity import Found, Identity, chosen, fill_in, find
from sync_sandbox.journy.properties import Catalogue
from sync_sandbox.journy.records import ACCOUNT, KINDS, USER, Kind, Record, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync_sandbox.clock import Clock
    from sync_sandbox.switches import Switches

Operation = dict[str, Any]
Apply = Callable[["World", Operation, int], None]


class World:
    """Users and accounts with everything that hangs on them."""

    def __init__(self, clock: Clock, switches: Switches, apply: Apply) -> None:
        self.clock = clock
        self.switches = switches
        self.apply = apply
        self.clear()

    def clear(self) -> None:
        """Empty the world, and let the catalogues be as in a fresh account."""
        self.tables = {name: Table(kind) for name, kind in KINDS.items()}
        self.catalogues = {name: Catalogue(rows) for name, rows in PROPERTIES.items()}
        self.event_names = list(EVENTS)
        self.occurrences: list[dict[str, Any]] = []
        self.devices: dict[str, int] = {}
        self.pending: deque[tuple[int, Operation]] = deque()
        self.touched = False

    @property
    def users(self) -> Table:
        """All users."""
        return self.tables[USER.name]

    @property
    def accounts(self) -> Table:
        """All accounts."""
        return self.tables[ACCOUNT.name]

    def now(self) -> int:
        """The sandbox's time in milliseconds since 1970."""
        return int(self.clock.time() * 1000)

    def linked(self, kind: Kind, record: Record) -> list[Record]:
        """The records on the other side of a record's links."""
        others = self._other(kind).records
        return [others[key] for key in record.links]

    def found(self, kind: Kind, identification: dict[str, Any]) -> Found:
        """The records that an `identification` means now."""
        return find(self.tables[kind.name], Identity.of(kind, identification))

    def submit(self, operation: Operation) -> None:
        """Accept a write; it shows at once, or after `journy.accept_delay_seconds`."""
        delay = self.switches.get("journy.accept_delay_seconds")
        self.touched = True
        self.pending.append((self.now() + int(delay * 1000), operation))
        self.settle()

    def settle(self) -> None:
        """Apply the writes whose time has come, in the order in which they were accepted."""
        now = self.now()
        while self.pending and self.pending[0][0] <= now:
            due, operation = self.pending.popleft()
            self.apply(self, operation, due)

    def owner(self, kind: Kind, identification: dict[str, Any], now: int) -> Record:
        """Find or create the record that a write goes to, with the identifiers filled in."""
        table, identity = self.tables[kind.name], Identity.of(kind, identification)
        found = find(table, identity)
        if found.conflict and self.switches.get("journy.identity_conflict") == "merge":
            self._merge(kind, found, now)
        record = chosen(find(table, identity), self.switches)
        if record is None:
            record = table.add(identity.external, identity.contact, now)
            recompute(kind.name, record)
        elif fill_in(table, record, identity, self.switches):
            self.finish(kind, record, now, changed=True)
        return record

    def linkable(self, kind: Kind, identification: dict[str, Any], now: int) -> Record | None:
        """Find a record to link or to track, creating it if the switch allows that."""
        known = self.found(kind, identification).any is not None
        if known or self.switches.get("journy.link_unknown") == "create":
            return self.owner(kind, identification, now)
        return None

    def _merge(self, kind: Kind, found: Found, now: int) -> None:
        """Make one record of two: the external id's stays and its properties win."""
        winner, loser = found.by_external, found.by_contact
        if winner is None or loser is None:
            return
        winner.properties = loser.properties | winner.properties
        homes = self.linked(kind, loser)
        contact = loser.contact
        self.delete(kind, loser, now)
        self.tables[kind.name].rename(winner, winner.external, contact)
        for home in homes:
            self.link(*((winner, home) if kind is USER else (home, winner)), now)
        self.finish(kind, winner, now, changed=True)

    def delete(self, kind: Kind, record: Record, now: int) -> None:
        """Delete a record with its links."""
        for other in self.linked(kind, record):
            self.unlink(kind, record, other, now)
        self.tables[kind.name].remove(record)

    def link(self, user: Record, account: Record, now: int) -> None:
        """Make a user a member of an account."""
        if account.key not in user.links:
            user.links[account.key] = account.links[user.key] = None
            account.former.pop(user.key, None)
            self.finish(USER, user, now, changed=True)
            self.finish(ACCOUNT, account, now, changed=True)

    def unlink(self, kind: Kind, record: Record, other: Record, now: int) -> None:
        """Cut the link between a record and one on the other side."""
        del record.links[other.key]
        del other.links[record.key]
        self.finish(kind, record, now, changed=True)
        self.finish(self._other(kind).kind, other, now, changed=True)

    def finish(self, kind: Kind, record: Record, now: int, *, changed: bool) -> None:
        """Recompute a record after a write, and move `updatedAt` only if something changed."""
        if recompute(kind.name, record) or changed:
            self.tables[kind.name].touch(record, now)

    def _other(self, kind: Kind) -> Table:
        return self.accounts if kind is USER else self.users

    def fill(self, kind: Kind, records: Iterable[Record]) -> None:
        """Take in many finished records at once."""
        table = self.tables[kind.name]
        for record in records:
            table.place(record)
        table.sort()
