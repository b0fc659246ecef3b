"""What is known of each stream before it arrives: the settings, completed from one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.engine.model import Relation
from sync_core.errors import ConfigurationError
from sync_core.mapping import DETAILS, FieldMapping, parse
from sync_core.pipedrive.endpoints import ENTITIES
from sync_core.settings import collected, section
from sync_core.text import near

from target_pipedrive.leaving import DeleteRule, read_rule
from target_pipedrive.matching import MatchLine, further_lines

DEFAULT_ID_FIELD = "Account ID"
DEFAULT_DOMAIN_FIELD = "website"


@dataclass(frozen=True)
class StreamSettings:
    """How the analyst wants one stream treated.

    Attributes:
        stream: The Singer stream.
        setting: Where it is configured, for messages.
        entity: What it becomes, of `ENTITIES`.
        kind: The ledger's name for its links.
        match_source: Column with the match key.
        match_target: Pipedrive field with the match key; None means a person's e-mails.
        id_column: Column with the record's own id, which outlasts its match key.
        lines: The configured mapping.
        automatic: The lines that the product adds where both ends exist.
        create: Whether unknown records are created.
        segments: Segments as written.
        updated_column: Column with the time of last change.
        relation: How a record finds its organization.
        further: Keys that may find a record where the match key doesn't.
        on_delete: What happens when a record was deleted at its origin; None: nothing.
    """

    stream: str
    setting: str
    entity: str
    kind: str
    match_source: str
    match_target: str | None
    id_column: str
    lines: tuple[FieldMapping, ...]
    automatic: tuple[FieldMapping, ...] = ()
    create: bool = False
    segments: tuple[str, ...] = ()
    updated_column: str | None = None
    relation: Relation | None = None
    further: tuple[MatchLine, ...] = ()
    on_delete: DeleteRule | None = None

    @property
    def named(self) -> bool:
        """Whether it is one of `streams`, of which nothing is known but what the analyst says."""
        return self.setting.startswith("streams.")

    @property
    def must_match(self) -> bool:
        """Whether the match field was named by the analyst, so that its absence is an error."""
        return self.named or bool(self.lines) or self.create

    @property
    def asked(self) -> list[FieldMapping]:
        """Automatic lines to a field that the analyst named, so that its absence is an error."""
        return [
            line
            for line in self.automatic
            if line.setting == _DOMAIN and line.target != DEFAULT_DOMAIN_FIELD
        ]

    @property
    def match_setting(self) -> str:
        """Where the match field is configured."""
        name = "match" if self.named else "external_id_field"
        return f"{self.setting}.{name}"


def _automatic(*pairs: tuple[str, str]) -> tuple[FieldMapping, ...]:
    return tuple(
        FieldMapping(source, target, setting="automatic mapping", automatic=True)
        for source, target in pairs
    )


#: What a person gets from a user without being asked; source column -> Pipedrive field key.
PERSON_LINES = _automatic(
    ("email", "emails"),
    ("first_name", "first_name"),
    ("last_name", "last_name"),
    ("phone", "phones"),
)
_ENTITY = {
    "segments": list,
    "match": list,
    "create": bool,
    "on_delete": object,
    "fields": list,
}
_DOMAIN = "accounts.domain_field"
_ACCOUNT = {**_ENTITY, "external_id_field": str, "domain_field": str}
_STREAM: Mapping[str, type] = {
    "entity": str,
    "match": object,
    "id": str,
    "create": bool,
    "on_delete": object,
    "fields": list,
}


def read_settings(config: Mapping[str, Any]) -> list[StreamSettings]:
    """Read `users`, `accounts` and `streams`.

    Raises:
        ConfigurationError: Lists everything that can't be read.
    """
    streams = config.get("streams") or {}
    return collected(
        lambda: _users(config),
        lambda: _accounts(config),
        *(lambda name=name: _stream(name, streams[name]) for name in streams),
    )


def _users(config: Mapping[str, Any]) -> StreamSettings:
    given = section(config, "users", _ENTITY)
    return StreamSettings(
        stream="users",
        setting="users",
        entity="person",
        kind="user",
        match_source="email",
        match_target=None,
        id_column="user_id",
        lines=tuple(parse(given["fields"] or [], "users.fields", DETAILS)),
        automatic=PERSON_LINES,
        create=bool(given["create"]),
        segments=tuple(given["segments"] or ()),
        updated_column="updated_at",
        relation=Relation("accounts", by="key"),
        further=further_lines(given["match"], "users.match"),
        on_delete=read_rule(given["on_delete"], "users.on_delete"),
    )


def _accounts(config: Mapping[str, Any]) -> StreamSettings:
    given = section(config, "accounts", _ACCOUNT)
    id_field = given["external_id_field"] or DEFAULT_ID_FIELD
    domain_field = given["domain_field"] or DEFAULT_DOMAIN_FIELD
    return StreamSettings(
        stream="accounts",
        setting="accounts",
        entity="organization",
        kind="account",
        match_source="account_id",
        match_target=id_field,
        id_column="account_id",
        lines=tuple(parse(given["fields"] or [], "accounts.fields", DETAILS)),
        automatic=(
            *_automatic(("account_id", id_field), ("name", "name")),
            FieldMapping("domain", domain_field, setting=_DOMAIN, automatic=True),
        ),
        create=bool(given["create"]),
        segments=tuple(given["segments"] or ()),
        updated_column="updated_at",
        further=further_lines(given["match"], "accounts.match"),
        on_delete=read_rule(given["on_delete"], "accounts.on_delete"),
    )


def _stream(name: str, given: Any) -> StreamSettings:
    setting = f"streams.{name}"
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{setting}: expected an object with {', '.join(_STREAM)}")
    about = section({setting: given}, setting, _STREAM)
    entity = about["entity"]
    if entity not in ENTITIES:
        if not entity:
            raise ConfigurationError(f"{setting}.entity: expected one of {', '.join(ENTITIES)}")
        hint = near(str(entity), ENTITIES)
        raise ConfigurationError(f"{setting}.entity: there is no entity {entity!r}; {hint}")
    first, *others = about["match"] if _is_several(about["match"]) else [about["match"]]
    source, target = _match(first, entity, f"{setting}.match")
    return StreamSettings(
        stream=name,
        setting=setting,
        entity=entity,
        kind=name,
        match_source=source,
        match_target=target,
        id_column=about["id"] or source,
        lines=tuple(parse(about["fields"] or [], f"{setting}.fields", DETAILS)),
        automatic=_automatic((source, target or "emails")),
        create=bool(about["create"]),
        further=further_lines(others, f"{setting}.match", first=1),
        on_delete=read_rule(about["on_delete"], f"{setting}.on_delete"),
    )


def _is_several(match: Any) -> bool:
    return isinstance(match, list) and bool(match)


def _match(given: Any, entity: str, setting: str) -> tuple[str, str | None]:
    """The (source column, Pipedrive field) of a `match` setting."""
    match = {"from": given} if isinstance(given, str) else given
    if not isinstance(match, Mapping) or not isinstance(match.get("from"), str):
        raise ConfigurationError(
            f"{setting}: expected the name of the stream's field with the e-mail address, "
            "or {from: its field, to: Pipedrive's field}"
        )
    target = match.get("to")
    if entity != "person" and not isinstance(target, str):
        raise ConfigurationError(
            f"{setting}: {ENTITIES[entity].plural} are matched by a field of your choice: "
            "{from: the stream's field, to: Pipedrive's field}"
        )
    if entity == "person" and target is not None:
        raise ConfigurationError(f"{setting}: persons are matched by e-mail; leave `to` out")
    return match["from"], target
