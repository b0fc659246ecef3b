"""Field mappings as data: read from settings, compiled once against source and destination."""

from __future__ import annotations

from sync_core.mapping.fields import Said, TargetField, ValueMisfitError
from sync_core.mapping.lines import (
    CONFLICTS,
    DETAILS,
    WRITES,
    Conflict,
    Constant,
    FieldMapping,
    Write,
    parse,
)
from sync_core.mapping.reading import UNKNOWN, Partial, simple
from sync_core.mapping.related import Related, chosen
from sync_core.mapping.rules import Rule, refuse_twice, rule
from sync_core.mapping.schema import SourceColumn, SourceSchema
from sync_core.mapping.sources import Source, compile_source, names

__all__ = [
    "CONFLICTS",
    "DETAILS",
    "UNKNOWN",
    "WRITES",
    "Conflict",
    "Constant",
    "FieldMapping",
    "Partial",
    "Related",
    "Rule",
    "Said",
    "Source",
    "SourceColumn",
    "SourceSchema",
    "TargetField",
    "ValueMisfitError",
    "Write",
    "chosen",
    "compile_source",
    "names",
    "parse",
    "refuse_twice",
    "rule",
    "simple",
]
