"""Match keys: the first one by which a record is known, and further ones that may only match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sync_core.canonical import canon
from sync_core.engine.model import FurtherKey
from sync_core.errors import ConfigurationError
from sync_core.mapping import FieldMapping, SourceSchema, TargetField
from sync_core.mapping.reading import column
from sync_core.pipedrive import Field, PipedriveClient
from sync_core.pipedrive.endpoints import ENTITIES, PERSON
from sync_core.pipedrive.index import MatchField
from sync_core.pipedrive.values.html import references, tidy
from sync_core.settings import collected
from sync_core.text import same_email
from sync_core.web import domain

from target_pipedrive.fields import EntityFields

#: Field types that `GET /api/v2/itemSearch/field` can look at, by Pipedrive's documentation.
_SEARCHABLE = frozenset({"varchar", "varchar_auto", "text", "double", "phone"})
#: Those of them whose values may have blanks around them.
_TEXTS = frozenset({"varchar", "varchar_auto", "text"})
#: Custom field types whose values can be compared as they are.
_COMPARABLE = _SEARCHABLE | {"int"}


#: Stream and column whose values are domains, in whatever field of text they stand.
_DOMAINS = ("accounts", "domain")


@dataclass(frozen=True)
class MatchLine:
    """One further key as the analyst wrote it: the stream's field, Pipedrive's field, and where."""

    source: str
    target: str
    setting: str


def further_lines(given: Any, setting: str, first: int = 0) -> tuple[MatchLine, ...]:
    """Read the `match` of users or accounts, or what follows the first key of a stream.

    Args:
        given: The lines.
        setting: Where they stand, for messages.
        first: The place of the first of them.

    Raises:
        ConfigurationError: It isn't a list of {from, to}.
    """
    if given is None:
        return ()
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise ConfigurationError(f"{setting}: expected a list of {{from, to}}")
    return tuple(collected(*(
        partial(_line, each, f"{setting}[{at}]") for at, each in enumerate(given, first)
    )))  # fmt: skip


def _line(given: Any, setting: str) -> MatchLine:
    line = given if isinstance(given, Mapping) else {}
    if set(line) != {"from", "to"} or not all(map(_is_name, line.values())):
        raise ConfigurationError(
            f"{setting}: expected {{from: the stream's field, to: Pipedrive's field}}"
        )
    return MatchLine(str(line["from"]), str(line["to"]), setting)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def emails() -> MatchField:
    """A person's addresses, each of which matches; case doesn't count."""
    return MatchField("emails", _emails, lambda client, key: client.search(PERSON, key, "email"))


def field_of(entity: str, name: str, setting: str, fields: EntityFields) -> MatchField:
    """A field of the company's that a match key stands in.

    Raises:
        ConfigurationError: There is none of the name, or its values can't be compared.
    """
    field = fields.raw(name, setting)
    built_in = _BUILT_IN.get((entity, field.key))
    if built_in is not None:
        return built_in
    if not field.custom or field.type not in _COMPARABLE:
        own = ["a custom field of text, number or phone"] if ENTITIES[entity].fields_path else []
        known = [key for kind, key in _BUILT_IN if kind == entity]
        raise ConfigurationError(
            f"{setting}: {ENTITIES[entity].plural} can't be matched by {field.label!r}; "
            f"{' or '.join(own + known)} can"
        )
    # A field search on the fields of leads isn't documented, so these are listed.
    searched = field.type in _SEARCHABLE and ENTITIES[entity].nested
    if not searched:
        return MatchField(field.key, _one, None, _spelled)
    search, within = (partial(way, entity, field) for way in (_search, _within))
    has_blanks = field.type in _TEXTS
    return MatchField(field.key, _one, search, _spelled, within=within if has_blanks else None)


def domain_of(line: FieldMapping, id_field: str, fields: EntityFields) -> TargetField:
    """The field that the analyst named for the domain.

    Args:
        line: The line.
        id_field: The field that holds the account id.
        fields: The fields of organizations.

    Raises:
        ConfigurationError: It isn't there, holds no domains, or what accounts are matched by.
    """
    found, field = fields.find(line.target, line.setting), fields.raw(line.target, line.setting)
    if fields.has(id_field) and fields.raw(id_field, line.setting).key == field.key:
        raise ConfigurationError(
            f"{line.setting}: {field.label!r} holds the account id, by which organizations are "
            "matched; choose another field"
        )
    if field.key != "website" and not (field.custom and field.type in _TEXTS):
        raise ConfigurationError(
            f"{line.setting}: {field.label!r} holds no domains; website or a custom field of text "
            "does"
        )
    return found


def further_keys(
    lines: Sequence[MatchLine], entity: str, schema: SourceSchema, fields: EntityFields
) -> tuple[list[FurtherKey], list[MatchField]]:
    """Compile further keys against stream and catalogue.

    Raises:
        ConfigurationError: Lists every line whose ends don't exist.
    """
    pairs: list[tuple[FurtherKey, MatchField]]
    pairs = collected(*(partial(_further, line, entity, schema, fields) for line in lines))
    return [key for key, _ in pairs], [field for _, field in pairs]


def _further(
    line: MatchLine, entity: str, schema: SourceSchema, fields: EntityFields
) -> tuple[FurtherKey, MatchField]:
    source, part = schema.find(line.source, line.setting)
    field = field_of(entity, line.target, line.setting, fields)
    if (schema.stream, source.name) == _DOMAINS and field.normal is _one:
        # Only a list shows every spelling, as with a website.
        field = replace(field, normal=_domain, search=None, tidy=_bare, form=":domain")
    read = column(source.name, part, whole=False)
    return FurtherKey(line.source, line.target, field.key, read, field.normal), field


def _search(entity: str, field: Field, client: PipedriveClient, key: str) -> list[int]:
    return client.search_field(ENTITIES[entity], field.key, key)


def _within(entity: str, field: Field, client: PipedriveClient, key: str) -> list[int]:
    return client.search_within(ENTITIES[entity], field.key, key)


def _emails(stored: Any) -> list[str]:
    entries = stored if isinstance(stored, list) else []
    values = (same_email(str(entry.get("value") or "")) for entry in entries)
    return [value for value in values if value]


def _one(stored: Any) -> list[str]:
    value = canon(stored)
    return [] if value is None else [str(value)]


def _spelled(key: str) -> str:
    """A key as `_one` writes what is stored."""
    return "".join(_one(key))


def _domain(stored: Any) -> list[str]:
    found = domain(stored)
    return [] if found is None else [found]


def _bare(key: str) -> str:
    """A key as `_domain` writes what is stored."""
    return domain(key) or key


def _by_name(client: PipedriveClient, key: str) -> list[int]:
    return client.search(ENTITIES["organization"], key, "name")


def _by_title(client: PipedriveClient, key: str) -> list[int]:
    return client.search(ENTITIES["deal"], key, "title")


#: Built-in fields that may find a record, by entity and key. A website can't be searched for,
#: since it may be stored in any spelling of an address.
_BUILT_IN: Mapping[tuple[str, str], MatchField] = {
    ("organization", "name"): MatchField("name", _one, _by_name, _spelled),
    ("deal", "title"): MatchField("title", _one, _by_title, _spelled),
    ("lead", "title"): MatchField("title", _one, None, _spelled),
    ("activity", "subject"): MatchField("subject", _one, None, _spelled),
    ("activity", "note"): MatchField("note", references, None, tidy),
    ("note", "content"): MatchField("content", references, None, tidy),
    ("organization", "website"): MatchField("website", _domain, None, _bare),
}


def findable(entity: str) -> list[str]:
    """The built-in fields that may find a record of an entity."""
    return [key for kind, key in _BUILT_IN if kind == entity]
