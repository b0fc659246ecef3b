"""Unification: which record two identifiers mean.

Documented: a user is found by userId or e-mail, an account by accountId or domain. Not documented:
what happens when the two identifiers disagree; switches decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sync_sandbox.journy.records import Kind, Record, Table
    from sync_sandbox.switches import Switches


@dataclass(frozen=True)
class Identity:
    """Two identifiers as they are compared, at least one of them given."""

    external: str | None
    contact: str | None

    @classmethod
    def of(cls, kind: Kind, identification: dict[str, Any]) -> Identity:
        """Read an `identification` object."""
        contact = identification.get(kind.contact)
        return cls(identification.get(kind.external), contact.strip().lower() if contact else None)


@dataclass(frozen=True)
class Found:
    """The records that the identifiers mean: none, one, or two different ones."""

    by_external: Record | None
    by_contact: Record | None

    @property
    def conflict(self) -> bool:
        """Whether the two identifiers belong to two different records."""
        both = self.by_external is not None and self.by_contact is not None
        return both and self.by_external is not self.by_contact

    @property
    def any(self) -> Record | None:
        """One of the records, the external id's first."""
        return self.by_external or self.by_contact


def find(table: Table, identity: Identity) -> Found:
    """Look both identifiers up."""
    external = table.by_external.get(identity.external) if identity.external else None
    contact = table.by_contact.get(identity.contact) if identity.contact else None
    return Found(external, contact)


def chosen(found: Found, switches: Switches) -> Record | None:
    """Choose the record that a write goes to, where the identifiers disagree by switch."""
    if found.conflict and switches.get("journy.identity_conflict") == "contact_wins":
        return found.by_contact
    return found.any


def fill_in(table: Table, record: Record, identity: Identity, switches: Switches) -> bool:
    """Give a record the identifiers that it lacks; say whether it has new ones.

    An identifier that belongs to another record is never taken from it.
    """
    rule = switches.get("journy.identifier_change")
    external, contact = record.external, record.contact
    if external is None or rule == "replace_all":
        external = identity.external or external
    if contact is None or rule != "keep_all":
        contact = identity.contact or contact
    if table.by_external.get(external or "", record) is not record:
        external = record.external
    if table.by_contact.get(contact or "", record) is not record:
        contact = record.contact
    return table.rename(record, external, contact)
