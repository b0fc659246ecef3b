"""Compiling one stream's settings against its schema and journy's properties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sync_core.engine import Plan
from sync_core.engine.renaming import KEY, TOLD
from sync_core.errors import ConfigurationError
from sync_core.journy.values import DOMAIN, EMAIL, domain_field, email_field, membership_field
from sync_core.ledger.memberships import MEMBER
from sync_core.mapping import (
    UNKNOWN,
    FieldMapping,
    Related,
    Rule,
    Source,
    SourceSchema,
    TargetField,
    compile_source,
    refuse_twice,
    rule,
)
from sync_core.settings import collected, tried

from target_journy.entities import DEFAULT_DOMAIN_FIELD, StreamSettings

FindField = Callable[[StreamSettings, str, str], TargetField]
_AUTOMATIC = "automatic mapping"


def compile_plan(
    settings: StreamSettings, schema: SourceSchema, find: FindField, related: Related
) -> Plan:
    """Compile the mapping of a stream.

    Args:
        settings: How the analyst wants it treated.
        schema: What its tap says of it.
        find: Gives the property of a name.
        related: What persons read of their organizations.

    Raises:
        ConfigurationError: Lists every line that doesn't fit the stream or journy.
    """
    key, configured, domain = collected(
        lambda: schema.find(settings.key, settings.key_setting)[0].name,
        partial(_configured, settings, schema, find, related if settings.relation else None),
        partial(_domain, settings, schema),
    )
    taken = {rule.field.key for rule in configured}
    automatic = [r for r in _automatic(settings, schema, find) if r.field.key not in taken]
    return Plan(
        stream=settings.stream,
        entity=settings.entity,
        noun=settings.stream.removesuffix("s"),
        kind=settings.entity,
        key_column=key,
        key_label=settings.key_label,
        side="pipedrive",
        id_column="id",
        rules=(*automatic, *configured, *domain, *_address(settings), *_membership(settings)),
        create=settings.create,
        updated_column="update_time",
        casefold_key=settings.casefold_key,
        relation=settings.relation,
        on_delete=settings.on_delete,
        key_is_id=settings.entity == "account",  # a user keeps the id when the address changes
        second_id=DOMAIN if settings.domain else "",
    )


def _configured(
    settings: StreamSettings, schema: SourceSchema, find: FindField, related: Related | None
) -> list[Rule]:
    problems: list[str] = []
    drawn = [
        (
            line,
            tried(partial(compile_source, line, schema, related), problems),
            tried(partial(find, settings, line.target, line.setting), problems),
        )
        for line in settings.lines
    ]
    tried(partial(refuse_twice, [(line, to) for line, _, to in drawn if to is not None]), problems)
    if problems:
        raise ConfigurationError(problems)
    return [_joined(*each) for each in drawn]


def _rule(
    settings: StreamSettings, line: FieldMapping, schema: SourceSchema, find: FindField
) -> Rule:
    field = find(settings, line.target, line.setting)
    return _joined(line, compile_source(line, schema), field)


def _joined(line: FieldMapping, source: Source, field: TargetField) -> Rule:
    # journy's documentation: null deletes a property. So it is sent only where a line says so.
    field = replace(field, clearable=bool(line.details.get("clear")))
    return rule(line, source, field, (source.name, field.key))


def _automatic(settings: StreamSettings, schema: SourceSchema, find: FindField) -> list[Rule]:
    """The automatic lines that the stream has a field for; nobody asked, so the rest is silent."""
    return [
        _rule(
            settings,
            FieldMapping(source, target, setting=_AUTOMATIC, automatic=True),
            schema,
            find,
        )
        for source, target in settings.automatic
        if source in schema.properties
    ]


def _domain(settings: StreamSettings, schema: SourceSchema) -> list[Rule]:
    if settings.domain is None:
        return []
    if settings.domain == DEFAULT_DOMAIN_FIELD and not schema.has(settings.domain):
        return []  # nobody asked for it, and some companies' plans don't have it
    where = f"{settings.stream}.domain_field"
    line = FieldMapping(settings.domain, "domain", setting=where, automatic=True)
    source = compile_source(line, schema)
    return [rule(line, source, domain_field(), (source.name, "domain"))]


def _address(settings: StreamSettings) -> list[Rule]:
    if settings.entity != "user":
        return []
    line = FieldMapping(settings.key, EMAIL, setting=_AUTOMATIC, automatic=True)

    def read(record: Mapping[str, Any]) -> Any:
        return record.get(KEY, UNKNOWN)

    return [Rule(read, email_field(), TOLD, line)]


def _membership(settings: StreamSettings) -> list[Rule]:
    if settings.relation is None:
        return []
    line = FieldMapping(settings.relation.column, "accounts", setting=_AUTOMATIC, automatic=True)
    field = membership_field()
    into = settings.relation.into

    def read(record: Mapping[str, Any]) -> Any:
        return record.get(into, UNKNOWN)

    return [Rule(read, field, MEMBER, line)]
