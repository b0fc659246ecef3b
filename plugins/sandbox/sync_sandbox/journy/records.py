"""The records of one kind: found by either identifier, read in the order of their last change."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPARE_ENTRIES = 1000


@dataclass(frozen=True)
class Kind:
    """What differs between users and accounts: the names of their two identifiers.

    `external` is the id in the customer's database and is compared exactly. `contact` (an e-mail
    address or a domain) is compared and kept in lower case.
    """

    name: str
    external: str
    contact: str


USER = Kind("user", "userId", "email")
ACCOUNT = Kind("account", "accountId", "domain")
KINDS = {kind.name: kind for kind in (USER, ACCOUNT)}


@dataclass
class Record:
    """One user or account.

    `links` holds the keys of the records on the other side, in the order they came. `former` holds
    members that were removed: journy keeps such users, marked as removed (journy OpenAPI,
    accounts/users/remove).
    """

    key: int
    external: str | None
    contact: str | None
    created: int
    updated: int
    properties: dict[str, Any] = field(default_factory=dict)
    links: dict[int, None] = field(default_factory=dict)
    former: dict[int, None] = field(default_factory=dict)

    def label(self) -> str:
        """The identifier to show: the external id, else the e-mail address or domain."""
        return self.external or self.contact or str(self.key)


class Table:
    """All records of one kind.

    `_order` holds (updated, key) ascending. A change appends a new entry and leaves the old one
    behind: reading skips entries that no longer tell the record's last change, and they are swept
    out when they outnumber the records. So neither a write nor a page copies the table.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.records: dict[int, Record] = {}
        self.by_external: dict[str, Record] = {}
        self.by_contact: dict[str, Record] = {}
        self._order: list[tuple[int, int]] = []
        self._next_key = 1

    def add(self, external: str | None, contact: str | None, now: int) -> Record:
        """Create an empty record."""
        record = Record(self._next_key, external, contact, created=now, updated=now)
        self.place(record)
        self._enter((now, record.key))
        return record

    def place(self, record: Record) -> None:
        """Take in a finished record; `sort` must follow before anything is read in order."""
        self.records[record.key] = record
        self._next_key = max(self._next_key, record.key + 1)
        if record.external is not None:
            self.by_external[record.external] = record
        if record.contact is not None:
            self.by_contact[record.contact] = record

    def sort(self) -> None:
        """Put all records in order, after placing many."""
        self._order = sorted((record.updated, record.key) for record in self.records.values())

    def remove(self, record: Record) -> None:
        """Forget a record and its identifiers."""
        del self.records[record.key]
        if record.external is not None:
            self.by_external.pop(record.external, None)
        if record.contact is not None:
            self.by_contact.pop(record.contact, None)

    def rename(self, record: Record, external: str | None, contact: str | None) -> bool:
        """Give a record its identifiers; say whether one changed."""
        if (record.external, record.contact) == (external, contact):
            return False
        if record.external is not None:
            self.by_external.pop(record.external, None)
        if record.contact is not None:
            self.by_contact.pop(record.contact, None)
        record.external, record.contact = external, contact
        self.place(record)
        return True

    def touch(self, record: Record, now: int) -> None:
        """Note that a record changed now."""
        if record.updated != now:
            record.updated = now
            self._enter((now, record.key))

    def since(self, position: tuple[int, int]) -> Iterator[Record]:
        """Give the records whose (updated, key) is at the position or after it, in order."""
        order, records = self._order, self.records
        previous = None
        for index in range(bisect_left(order, position), len(order)):
            entry = order[index]
            record = records.get(entry[1])
            if record is not None and record.updated == entry[0] and entry != previous:
                yield record
            previous = entry

    def _enter(self, entry: tuple[int, int]) -> None:
        order = self._order
        if not order or entry > order[-1]:
            order.append(entry)
        else:
            insort(order, entry)
        if len(order) > 2 * len(self.records) + _SPARE_ENTRIES:
            self.sort()
