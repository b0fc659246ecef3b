"""Compiling one stream's settings against its schema and Pipedrive's catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sync_core.engine import Plan
from sync_core.engine.model import FurtherKey
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
from sync_core.pipedrive import Field
from sync_core.pipedrive.endpoints import ENTITIES
from sync_core.pipedrive.index import MatchField
from sync_core.pipedrive.values import id_field
from sync_core.segments import Segments, known_segments
from sync_core.settings import collected, tried

from target_pipedrive.entities import StreamSettings
from target_pipedrive.fields import EntityFields
from target_pipedrive.matching import emails, field_of, further_keys
from target_pipedrive.referring import referring

#: Gives a checked stream's plan and the fields to match by, and makes the fields that are missing.
Draft = Callable[[], tuple[Plan, list[MatchField]]]
#: A line, where its values come from, and the field or the stand-in of one that is made later.
_Drawn = tuple[FieldMapping, Source, TargetField]
_NAME_PARTS = frozenset({"first_name", "last_name"})
_NOUNS = {"users": "user", "accounts": "account"}


def compile_plan(
    settings: StreamSettings, schema: SourceSchema, fields: EntityFields, related: Related
) -> Draft:
    """Check the mapping of a stream.

    Args:
        settings: How the analyst wants it treated.
        schema: What its tap says of it.
        fields: The fields of the entity that it becomes.
        related: What users read of their accounts.

    Returns:
        What gives the plan; to be called once every other stream is right as well.

    Raises:
        ConfigurationError: Lists every line that doesn't fit the stream or Pipedrive.
    """
    key, own_id, drawn, further, segments, added, first = collected(
        partial(_whole, schema, settings.match_source, f"{settings.setting}.match"),
        partial(_own_id, schema, settings),
        partial(_configured, settings, schema, fields, related if settings.relation else None),
        partial(further_keys, settings.further, settings.entity, schema, fields),
        partial(
            known_segments,
            list(settings.segments),
            schema.properties,
            f"{settings.setting}.segments",
        ),
        partial(_automatic, settings, schema, fields),
        partial(_first_field, settings, fields),
    )
    keys, others = further
    taken = {field.key for _line, _source, field in drawn}
    if "name" in taken:
        taken |= _NAME_PARTS  # Pipedrive takes either the whole name or its parts
    automatic = [r for r in added if r.field.key not in taken]
    plan = _plan(settings, key, own_id, segments, keys)

    def draft() -> tuple[Plan, list[MatchField]]:
        made = [
            _joined(line, source, fields.made(field, line, source)) for line, source, field in drawn
        ]
        rules = (*automatic, *made, *_relation(settings))
        if first.key == ENTITIES[settings.entity].reference:
            rules = tuple(referring(each, key) if each.field.key == first.key else each
                          for each in rules)  # fmt: skip
        return replace(plan, rules=rules), [first, *others]

    return draft


def _plan(
    settings: StreamSettings,
    key: str,
    own_id: str,
    segments: Segments,
    further: Sequence[FurtherKey],
) -> Plan:
    """The plan of a stream, still without its rules."""
    return Plan(
        stream=settings.stream,
        entity=settings.entity,
        noun=_NOUNS.get(settings.stream, f"record of {settings.stream}"),
        kind=settings.kind,
        key_column=key,
        key_label="e-mail address" if settings.match_target is None else settings.match_target,
        side="journy",
        id_column=own_id,
        rules=(),
        create=settings.create,
        segments=segments,
        updated_column=settings.updated_column,
        casefold_key=settings.match_target is None,
        relation=settings.relation,
        further=tuple(further),
    )


def _own_id(schema: SourceSchema, settings: StreamSettings) -> str:
    """The column by which a record is known again though its match key has changed."""
    if not settings.named:
        return settings.id_column
    name = "match" if settings.id_column == settings.match_source else "id"
    return _whole(schema, settings.id_column, f"{settings.setting}.{name}")


def _whole(schema: SourceSchema, name: str, setting: str) -> str:
    """The column of this name, whose values are ids or keys."""
    column, part = schema.find(name, setting)
    if part is not None:
        raise ConfigurationError(
            f"{setting}: {name!r} is a part of the column {column.name}, and a record is known by "
            "a whole one; let the tap flatten it"
        )
    return column.name


def _configured(
    settings: StreamSettings, schema: SourceSchema, fields: EntityFields, related: Related | None
) -> list[_Drawn]:
    problems: list[str] = []
    drawn = [_drawn(line, schema, fields, related, problems) for line in settings.lines]
    places = [(line, tried(partial(fields.place, line), problems)) for line in settings.lines]
    known = [(line, place) for line, place in places if place is not None]
    tried(partial(_refuse_both_names, known), problems)
    tried(partial(refuse_twice, known), problems)
    if problems:
        raise ConfigurationError(problems)
    return drawn


def _drawn(
    line: FieldMapping,
    schema: SourceSchema,
    fields: EntityFields,
    related: Related | None,
    problems: list[str],
) -> _Drawn:
    """A line with both its ends; an end that is missing is among the problems."""
    source = tried(partial(compile_source, line, schema, related), problems)
    return line, source, source and tried(partial(fields.of, line, source), problems)


def _joined(line: FieldMapping, source: Source, field: TargetField) -> Rule:
    return rule(line, source, field, (field.key, source.name))


def _refuse_both_names(targets: Sequence[tuple[FieldMapping, Field]]) -> None:
    """Refuse a person's whole name beside its parts: Pipedrive takes either."""
    parts = [line for line, field in targets if field.key in _NAME_PARTS]
    if parts and any(field.key == "name" for _, field in targets):
        raise ConfigurationError(
            f"{parts[0].setting}: map either the whole name of a person or its parts"
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


def _first_field(settings: StreamSettings, fields: EntityFields) -> MatchField:
    if settings.match_target is None:
        return emails()
    return field_of(settings.entity, settings.match_target, settings.match_setting, fields)
