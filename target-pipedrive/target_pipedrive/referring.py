"""A text that ends with a reference, by which its record is found again without the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sync_core.canonical import is_empty
from sync_core.mapping import UNKNOWN, Rule, simple
from sync_core.pipedrive.values.html import with_reference

_TEXT, _KEY = "text", "reference"


def referring(rule: Rule, column: str) -> Rule:
    """The rule of a text to which the record's key is added as its last line.

    Args:
        rule: What gives the text. An automatic one gives none, but the key itself: the stream maps
            no text of its own.
        column: The source's field with the key.
    """

    def read(record: Mapping[str, Any]) -> Any:
        text = None if rule.mapping.automatic else rule.read(record)
        return text if text is UNKNOWN else {_TEXT: text, _KEY: simple(record.get(column))}

    def convert(value: Mapping[str, Any]) -> str:
        said = value[_TEXT]
        text = "" if is_empty(said) else rule.field.convert(said)
        return with_reference(text, str(value[_KEY]).strip())

    return replace(rule, read=read, field=replace(rule.field, convert=convert))
