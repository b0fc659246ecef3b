"""What is known of each stream before it arrives: the settings, completed from one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.engine import Item
from sync_core.engine.model import OnDelete, Relation
from sync_core.errors import ConfigurationError
from sync_core.journy.memberships import Identify
from sync_core.ledger.memberships import ADDED
from sync_core.mapping import FieldMapping, parse
from sync_core.settings import collected, section

DEFAULT_ID_FIELD = "Account ID"
DEFAULT_DOMAIN_FIELD = "website"


@dataclass(frozen=True)
class StreamSettings:
    """How the analyst wants one stream treated.

    Attributes:
        stream: The Singer stream, and the setting's name.
        entity: user or account.
        key: Field of the stream that the match key stands in.
        key_setting: Where that field is configured, for messages.
        key_label: What people call the match key.
        casefold_key: Whether case doesn't count in it.
        lines: The configured mapping.
        automatic: (source field, property) that the product adds where the stream has the field.
        create: Whether records that journy isn't known to have are created.
        relation: How a record finds its account.
        domain: Field with the domain, an account's second identifier.
        on_delete: What happens when a record was deleted in Pipedrive; None: nothing.
    """

    stream: str
    entity: str
    key: str
    key_setting: str
    key_label: str
    casefold_key: bool
    lines: tuple[FieldMapping, ...]
    automatic: tuple[tuple[str, str], ...]
    create: bool
    relation: Relation | None = None
    domain: str | None = None
    on_delete: OnDelete | None = None


#: What a line may say of a property besides.
_DETAILS = ("clear",)
_PERSONS = {"create": bool, "on_delete": str, "fields": list}
_ORGANIZATIONS = {**_PERSONS, "external_id_field": str, "domain_field": str}


def read_settings(config: Mapping[str, Any]) -> list[StreamSettings]:
    """Read `persons` and `organizations`.

    Raises:
        ConfigurationError: Lists everything that can't be read.
    """
    return collected(lambda: _organizations(config), lambda: _persons(config))


def _persons(config: Mapping[str, Any]) -> StreamSettings:
    given = section(config, "persons", _PERSONS)
    return StreamSettings(
        stream="persons",
        entity="user",
        key="emails",
        key_setting="persons",
        key_label="e-mail address",
        casefold_key=True,
        lines=tuple(parse(given["fields"] or [], "persons.fields", _DETAILS)),
        automatic=(("first_name", "first_name"), ("last_name", "last_name"), ("phones", "phone")),
        create=bool(given["create"]),
        relation=Relation("org_id", by="pipedrive_id", made=ADDED),
        on_delete=_on_delete(given["on_delete"], "persons.on_delete"),
    )


def _organizations(config: Mapping[str, Any]) -> StreamSettings:
    given = section(config, "organizations", _ORGANIZATIONS)
    id_field = given["external_id_field"] or DEFAULT_ID_FIELD
    return StreamSettings(
        stream="organizations",
        entity="account",
        key=id_field,
        key_setting="organizations.external_id_field",
        key_label=id_field,
        casefold_key=False,
        lines=tuple(parse(given["fields"] or [], "organizations.fields", _DETAILS)),
        automatic=(("name", "name"),),
        create=bool(given["create"]),
        domain=given["domain_field"] or DEFAULT_DOMAIN_FIELD,
        on_delete=_on_delete(given["on_delete"], "organizations.on_delete"),
    )


def _on_delete(given: str | None, setting: str) -> OnDelete | None:
    if given in (None, "ignore"):
        return None
    if given != "delete":
        raise ConfigurationError(f"{setting}: expected ignore or delete, got {given!r}")
    return OnDelete()


def _user(item: Item) -> dict[str, str]:
    """A user by the id that journy is known to have, else by the e-mail as id."""
    known = item.link.journy_id if item.link else ""
    return {"userId": known or item.key, "email": item.key}


def _account(item: Item) -> dict[str, str]:
    """An account by the id that journy is known to have: a deleted record may have another one."""
    known = item.link.journy_id if item.link else ""
    return {"accountId": known or item.key}


#: Entity -> how it is identified in journy.
IDENTIFY: Mapping[str, Identify] = {"user": _user, "account": _account}
