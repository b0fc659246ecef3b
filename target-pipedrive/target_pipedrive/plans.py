"""Compiling one stream's settings against its schema and Pipedrive's catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sync_core.canonical import canon
from sync_core.engine import Plan
from sync_core.errors import ConfigurationError
from sync_core.mapping import (
    FieldMapping,
    Related,
    Rule,
    Source,
    SourceSchema,
    TargetField,
    ValueMisfitError,
    compile_source,
    refuse_twice,
    rule,
)
from sync_core.mapping.reading import column
from sync_core.pipedrive import Field, PipedriveClient
from sync_core.pipedrive.endpoints import ENTITIES, PERSON
from sync_core.pipedrive.index import MatchField
from sync_core.pipedrive.values import id_field
from sync_core.settings import collected, known_segments

from target_pipedrive.entities import StreamSettings
from target_pipedrive.fields import EntityFields

_NAME_PARTS = frozenset({"first_name", "last_name"})
_NOUNS = {"users": "user", "accounts": "account"}

#: Field types that `GET /api/v2/itemSearch/field` can look at, by Pipedrive's documentation.
_SEARCHABLE = frozenset({"varchar", "varchar_auto", "text", "double", "phone"})


def compile_plan(
    settings: StreamSettings, schema: SourceSchema, fields: EntityFields, related: Related
) -> tuple[Plan, MatchField]:
    """Compile the mapping of a stream.

    Args:
        settings: How the analyst wants it treated.
        schema: What its tap says of it.
        fields: The fields of the entity that it becomes.
        related: What users read of their accounts.

    Raises:
        ConfigurationError: Lists every line that doesn't fit the stream or Pipedrive.
    """
    key, configured, segments = collected(
        lambda: schema.find(settings.match_source, f"{settings.setting}.match")[0].name,
        partial(_configured, settings, schema, fields, related if settings.relation else None),
        partial(
            known_segments,
            list(settings.segments),
            schema.properties,
            f"{settings.setting}.segments",
        ),
    )
    taken = {rule.field.key for rule in configured}
    if "name" in taken:
        taken |= _NAME_PARTS  # Pipedrive takes either the whole name or its parts
    automatic = [r for r in _automatic(settings, schema, fields) if r.field.key not in taken]
    match_field = _match_field(settings, fields)
    plan = Plan(
        stream=settings.stream,
        entity=settings.entity,
        noun=_NOUNS.get(settings.stream, f"record of {settings.stream}"),
        kind=settings.kind,
        key_column=key,
        key_label="e-mail address" if settings.match_target is None else settings.match_target,
        side="journy",
        id_column=settings.id_column,
        rules=(*automatic, *configured, *_relation(settings)),
        create=settings.create,
        segments=segments,
        updated_column=settings.updated_column,
        casefold_key=settings.match_target is None,
        relation=settings.relation,
    )
    return plan, match_field


def _configured(
    settings: StreamSettings, schema: SourceSchema, fields: EntityFields, related: Related | None
) -> list[Rule]:
    sources = collected(
        *(partial(compile_source, line, schema, related) for line in settings.lines)
    )
    drawn = list(zip(settings.lines, sources, strict=True))
    found = collected(*(partial(fields.of, line, source) for line, source in drawn))
    rules = [_joined(*pair, field) for pair, field in zip(drawn, found, strict=True)]
    _refuse_both_names(rules)
    refuse_twice(rules)
    # Only now that every line is right may a missing field be made.
    return [
        _joined(*pair, fields.made(field, *pair)) for pair, field in zip(drawn, found, strict=True)
    ]


def _joined(line: FieldMapping, source: Source, field: TargetField) -> Rule:
    return rule(line, source, field, (field.key, source.name))


def _refuse_both_names(rules: Sequence[Rule]) -> None:
    """Refuse a person's whole name beside its parts: Pipedrive takes either."""
    parts = [rule for rule in rules if rule.field.key in _NAME_PARTS]
    if parts and any(rule.field.key == "name" for rule in rules):
        raise ConfigurationError(
            f"{parts[0].mapping.setting}: map either the whole name of a person or its parts"
        )


def _rule(line: FieldMapping, schema: SourceSchema, fields: EntityFields) -> Rule:
    return _joined(line, compile_source(line, schema), fields.find(line.target, line.setting))


def _automatic(settings: StreamSettings, schema: SourceSchema, fields: EntityFields) -> list[Rule]:
    """The automatic lines whose both ends exist; nobody asked for them, so the rest is silent."""
    return [
        _rule(line, schema, fields)
        for line in settings.automatic
        if line.source in schema.properties and fields.has(line.target)
    ]


def _relation(settings: StreamSettings) -> list[Rule]:
    """A person's organization: that of the user's account, where exactly one is linked."""
    relation = settings.relation
    if relation is None:
        return []

    def organization(account: Any) -> int:
        if account not in relation.resolved:
            raise ValueMisfitError("the user's account isn't linked to an organization")
        return int(relation.resolved[account])

    line = FieldMapping(relation.column, "org_id", setting="automatic mapping", automatic=True)
    field = id_field("org_id", "organization", organization)
    return [Rule(column(relation.into, None, whole=False), field, ("org_id", "accounts"), line)]


def _match_field(settings: StreamSettings, fields: EntityFields) -> MatchField:
    if settings.match_target is None:
        return MatchField(
            "emails", _emails, lambda client, key: client.search(PERSON, key, "email")
        )
    field = fields.raw(settings.match_target, settings.match_setting)
    search = partial(_search, settings.entity, field) if _can_search(field) else None
    return MatchField(field.key, _one, search)


def _can_search(field: Field) -> bool:
    return field.custom and field.type in _SEARCHABLE


def _search(entity: str, field: Field, client: PipedriveClient, key: str) -> list[int]:
    return client.search_field(ENTITIES[entity], field.key, key)


def _emails(stored: Any) -> list[str]:
    entries = stored if isinstance(stored, list) else []
    values = (str(entry.get("value") or "").strip().casefold() for entry in entries)
    return [value for value in values if value]


def _one(stored: Any) -> list[str]:
    value = canon(stored)
    return [] if value is None else [str(value)]
