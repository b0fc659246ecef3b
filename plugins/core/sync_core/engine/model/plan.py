"""How the records of a stream are treated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sync_core.canonical import digest, is_empty
from sync_core.ledger.accounts import Accounts
from sync_core.ledger.rows import Pair
from sync_core.mapping import Rule, TargetField
from sync_core.segments import NONE_CHOSEN, Segments


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
        segments: Those that a record must be in one of; none: everyone.
        casefold_key: Whether case doesn't count in the key.
        relation: How a record finds its organization or account, if it has one.
        on_delete: What happens when a record is deleted at its origin; None: nothing.
        further: Keys that may find a record where the match key doesn't, in their order.
        key_is_id: Whether the key is the record's id at the destination, so that another key means
            another record there.
        second_id: Key of the field that identifies a record beside its id, if there is one; no two
            records may have the same.
        catalogue: Mark of what the destination says of its fields; changes with it.
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
    segments: Segments = NONE_CHOSEN
    updated_column: str | None = None
    casefold_key: bool = False
    relation: Relation | None = None
    on_delete: OnDelete | None = None
    further: tuple[FurtherKey, ...] = ()
    key_is_id: bool = False
    second_id: str = ""
    catalogue: str = ""

    @property
    def there(self) -> str:
        """Ledger side that is written to."""
        return "journy" if self.side == "pipedrive" else "pipedrive"

    @property
    def key_follows(self) -> bool:
        """Whether the other side's record keeps its id when the key changes, and is told of that.

        Only a user's is: an account's key is its id, and other streams' are their fields.
        """
        return self.kind == "user"

    @cached_property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """The ledger's names of the lines, in the order of the rules."""
        return tuple(rule.pair for rule in self.rules)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The ledger's names of the lines, in an order of their own."""
        return tuple(sorted(rule.pair for rule in self.rules))

    @cached_property
    def terms(self) -> str:
        """A short name of what decides how values are written; changes with any line or field."""
        return digest([self.catalogue, *(repr(rule.mapping) for rule in self.rules)])[:8]

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
