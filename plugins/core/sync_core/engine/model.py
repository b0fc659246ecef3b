"""What flows through the engine: plans, items, matches, outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, Protocol

from sync_core.budget import Daily
from sync_core.canonical import digest, is_empty
from sync_core.ledger import Link
from sync_core.ledger.accounts import Accounts
from sync_core.ledger.rows import Pair
from sync_core.mapping import Rule, TargetField

#: Reason of a record whose create may or may not have taken place.
ANSWER_LOST = "answer_lost"
#: Reason of a record that waits for the next run, since this one may spend no more.
BUDGET_SPENT = "budget_spent"
#: Reason of a record that vanished between reading and writing.
GONE = "gone"


class Kind(str, Enum):
    """What became of a record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of a record, and why.

    Attributes:
        kind: The outcome.
        reason: A code that reports count by.
        text: A sentence for people, without personal data.
        fields: Labels of the fields that were written.
    """

    kind: Kind
    reason: str
    text: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """How the records of one stream are treated; compiled before the first of them.

    Attributes:
        stream: The Singer stream.
        entity: What it becomes at the destination: person, organization, user, account.
        noun: What people call one of its records.
        kind: The ledger's name for this kind of link: user, account, or a mapped stream's name.
        key_column: Column that holds the match key (an e-mail, an account id).
        key_label: What people call the match key.
        side: Ledger side that the record's own id belongs to: `pipedrive` or `journy`.
        id_column: Column that holds the record's own id.
        updated_column: Column that holds the record's time of last change.
        rules: The compiled mapping.
        create: Whether a record unknown to the destination is created.
        segments: Names that a record must have one of; empty: everyone.
        casefold_key: Whether case doesn't count in the key.
        relation: How a record finds its organization or account, if it has one.
        on_delete: What happens when a record is deleted at its origin; None: nothing.
        further: Keys that may find a record where the match key doesn't, in their order.
    """

    stream: str
    entity: str
    noun: str
    kind: str
    key_column: str
    key_label: str
    side: str
    id_column: str
    rules: tuple[Rule, ...]
    create: bool = False
    segments: frozenset[str] = frozenset()
    updated_column: str | None = None
    casefold_key: bool = False
    relation: Relation | None = None
    on_delete: OnDelete | None = None
    further: tuple[FurtherKey, ...] = ()

    @cached_property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """The ledger's names of the lines, in the order of the rules."""
        return tuple(rule.pair for rule in self.rules)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The ledger's names of the lines, in an order of their own."""
        return tuple(sorted(rule.pair for rule in self.rules))

    @cached_property
    def shape(self) -> str:
        """A short name of the mapped fields; changes with them."""
        return digest("\n".join("\t".join(pair) for pair in self.pairs))[:8]


@dataclass(frozen=True)
class FurtherKey:
    """A key that may find a record, and never makes one.

    Attributes:
        column: Column that holds it.
        label: What people call the destination's field.
        field: That field's key.
        read: Source record -> the value.
        normal: Reduces a value to comparable texts.
    """

    column: str
    label: str
    field: str
    read: Callable[[Mapping[str, Any]], Any]
    normal: Callable[[Any], Sequence[str]]


@dataclass(frozen=True)
class OnDelete:
    """What happens at the destination when a record is deleted at its origin.

    Attributes:
        field: The field that is written; None: the record is deleted.
        value: What is written there, as the destination takes it.
        kin: The ledger's other kinds of links to the same kind of record.
    """

    field: TargetField | None = None
    value: Any = None
    kin: tuple[str, ...] = ()

    def holds(self, stored: Any) -> bool:
        """Whether a stored value says it already."""
        if self.field is None:
            return False
        return is_empty(stored) if self.value is None else self.field.holds(stored, self.value)


@dataclass(frozen=True)
class Relation:
    """A record's organization or account, found through the ledger's account links.

    Attributes:
        column: Column with the other record's id, or a list of ids.
        by: What those ids are: `key` (account ids) or `pipedrive_id` (organization ids).
        into: Column that the engine fills with the account id, for a rule to read.
        resolved: Account id -> organization id, filled as records come by.
        made: The ledger's name for the membership that we made ourselves; None where none is made.
        accounts: Finds the account of such a membership again.
    """

    column: str
    by: str
    into: str = "__account"
    resolved: dict[str, str] = field(default_factory=dict)
    made: Pair | None = None
    accounts: Accounts | None = None


@dataclass
class Item:
    """One record on its way.

    Attributes:
        record: The source record.
        source_id: Its own id there.
        key: The match key that it goes by.
        keys: Every key that it answers to, such as all of a person's e-mails.
        further: (Destination field, text) of the keys that may find it as well, in their order.
        updated: Its time of last change, comparable.
        link: What the ledger remembers of it.
        match: What the destination has for it.
        outcome: What became of it; None while it is on its way.
        rejected_fields: Field label -> why its value was refused.
        conflicts: Field label -> who won, where both sides had changed it.
        former: The link that was the record's until its key became another link's.
        written: The destination's answer.
        kept: Why an earlier run had kept it; empty if none had.
        given_up: Why it failed, now that it has failed too often.
        intended: Whether its create was noted before it was sent.
        lost_at: When the answer to its create was lost, if it was.
        mark: Mark of its mapped values.
        milliseconds: How long its write took, waits included; None without one.
    """

    record: dict[str, Any]
    source_id: str = ""
    key: str = ""
    keys: tuple[str, ...] = ()
    further: tuple[tuple[str, str], ...] = ()
    updated: str = ""
    link: Link | None = None
    match: Match | None = None
    outcome: Outcome | None = None
    rejected_fields: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    former: Link | None = None
    written: Written | None = None
    kept: str = ""
    given_up: str = ""
    lost_at: str = ""
    intended: bool = False
    mark: str = ""
    milliseconds: int | None = None


@dataclass(frozen=True)
class Match:
    """What the destination has for an item.

    Attributes:
        ids: Remote ids that match; none, one, or several.
        current: Field key -> stored value; None where the destination can't be read.
        updated: The remote record's time of last change, where it is known.
        stamp: Fingerprint of the stored values, where they were read.
        as_agreed: Whether the record certainly holds what was last agreed on, so that it wasn't
            read; `current` then has no more than writing needs.
        why: Which keys found which records, where that is why there are several.
        unaffordable: Why it wasn't looked for, where the run may not spend what that costs.
        note: What a person should know of the match, though it is certain.
    """

    ids: tuple[str, ...] = ()
    current: Mapping[str, Any] | None = None
    updated: str = ""
    stamp: str = ""
    as_agreed: bool = False
    why: str = ""
    unaffordable: str = ""
    note: str = ""


@dataclass(frozen=True)
class Written:
    """The destination's answer to a write.

    Attributes:
        remote_id: The record's id there.
        updated: Its new time of last change, by the service's own clock.
        rejected: Field key -> why the service didn't take it; the rest was written.
        current: Field key -> stored value after the write, where the answer tells.
        stamp: Fingerprint of those.
    """

    remote_id: str
    updated: str = ""
    rejected: Mapping[str, str] = field(default_factory=dict)
    current: Mapping[str, Any] | None = None
    stamp: str = ""


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

    def lacking(self, plan: Plan, values: Mapping[str, Any]) -> str:
        """What a new record with these values lacks, as a sentence; empty if it is complete."""
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

    def workers(self) -> int:
        """How many writes should be under way at once to use the service's burst window."""
        ...

    def usage(self) -> tuple[int, int]:
        """Calls and tokens so far."""
        ...

    def bill(self) -> Mapping[str, int]:
        """Tokens so far by kind of call; empty for a service that has none."""
        ...

    def lookup_price(self, plan: Plan) -> int | None:
        """Tokens that finding a stream's records may cost; None for a service that has none."""
        ...

    def daily(self) -> Daily | None:
        """How the company's daily tokens stand; None where there are none, or nobody says."""
        ...

    def price(
        self, plan: Plan, writes: Sequence[tuple[Item, Mapping[str, Any]]]
    ) -> tuple[int, int]:
        """Calls and tokens that the writes of a batch take, of which none is made."""
        ...
