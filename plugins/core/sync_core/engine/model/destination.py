"""What the engine asks of a service that it writes to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from sync_core.budget import Daily
from sync_core.engine.model.item import Item, Match, Written
from sync_core.engine.model.plan import Plan
from sync_core.ledger.prices import Lookups


class Destination(Protocol):
    """A service that records are written to."""

    #: `pipedrive` or `journy`: the ledger's side, and the winner's name in a `conflict` rule.
    name: str
    #: Whether `match` brings the stored values; without, the ledger's memory stands in.
    readable: bool
    #: Whether a create may be repeated without making a second record.
    upserts: bool
    #: Key of the field that `flush` writes in groups, if there is one.
    grouped_field: str | None

    def match(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Match]:
        """Find the records of some items, by position; every position is answered."""
        ...

    def asked_by(self, plan: Plan, item: Item) -> Collection[tuple[str, str]]:
        """(Field, text) of every key that an item's record is looked for by."""
        ...

    def known_by(self, values: Mapping[str, Any]) -> Collection[tuple[str, str]]:
        """(Field, text) of every key that a record is found by once it has these values.

        Other streams may look for the same record by keys of their own, so theirs are among them.
        """
        ...

    def lacking(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> str:
        """What an item's new record with these values lacks, as a sentence; empty if nothing."""
        ...

    def outdated(
        self, plan: Plan, values: Mapping[str, Any], refused: Collection[str] = ()
    ) -> Mapping[str, str]:
        """Which values the service is known not to take any more, since the run began.

        Args:
            plan: The stream's plan.
            values: Field key -> value to send.
            refused: Keys of the fields that it has just refused, which are looked at anew.

        Returns:
            Field key -> why it doesn't take the value, as far as that is known.
        """
        ...

    def scout(self, plan: Plan, writes: Sequence[tuple[Item, Mapping[str, Any]]]) -> int | None:
        """Look at what a batch is about to change.

        Returns:
            Position of the one that has to be written first, and alone; None if there is none.
        """
        ...

    def create(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        """Create the record of an item."""
        ...

    def update(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        """Change the given fields of an item's record."""
        ...

    def delete(self, plan: Plan, item: Item) -> None:
        """Delete an item's record."""
        ...

    def flush(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Exception]:
        """Finish what is written in groups; the errors by position."""
        ...

    def pretend(
        self, plan: Plan, item: Item, record: str, values: Mapping[str, Any] | None
    ) -> Mapping[str, str]:
        """Take an item's record for written, for as long as this dry run lasts.

        Args:
            plan: The stream's plan.
            item: The item.
            record: Its record's id, made up where the record isn't there.
            values: The fields that it would have been given; None: it would have been deleted.

        Returns:
            Field key -> why the service wouldn't have taken it, as far as that is known.
        """
        ...

    def workers(self) -> int:
        """How many writes should be under way at once to use the service's burst window."""
        ...

    def whole_windows(self, most: int) -> int:
        """The most writes, up to so many, that end together with the service's burst window."""
        ...

    def clock(self) -> str:
        """The service's own time by now, however this machine's clock is set."""
        ...

    def usage(self) -> tuple[int, int]:
        """Calls and tokens so far."""
        ...

    def foretold(self) -> tuple[int, int]:
        """Calls and tokens of what a dry run left out so far, beside the writes of records."""
        ...

    def bill(self) -> Mapping[str, int]:
        """Tokens so far by kind of call; empty for a service that has none."""
        ...

    def lookup_price(self, plan: Plan, lookups: Lookups | None) -> int | None:
        """Tokens that finding a stream's records may cost; None for a service that has none.

        Args:
            plan: The stream's plan.
            lookups: How many are expected to be looked up; None where nobody knows.
        """
        ...

    def daily(self) -> Daily | None:
        """How the company's daily tokens stand; None where there are none, or nobody says."""
        ...

    def price(
        self, plan: Plan, writes: Sequence[tuple[Item, Mapping[str, Any]]]
    ) -> tuple[int, int]:
        """Calls and tokens that the writes of a batch take, of which none is made."""
        ...
