"""Texts with placeholders: checked against the columns once, filled for each record."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from sync_core.canonical import canon
from sync_core.errors import ConfigurationError


@dataclass(frozen=True)
class Template:
    """A text whose `{names}` stand for values; `{{` and `}}` are braces.

    Attributes:
        pieces: (text, name of the placeholder after it, if one follows).
    """

    pieces: tuple[tuple[str, str | None], ...]

    @property
    def names(self) -> list[str]:
        """The placeholders."""
        return list(dict.fromkeys(name for _, name in self.pieces if name))

    def _fill(self, values: Mapping[str, str], spell: Callable[[str], str]) -> str:
        return "".join(text + spell(values.get(name or "", "")) for text, name in self.pieces)

    def plain(self, values: Mapping[str, str]) -> str:
        """One line of plain text; a value that is missing leaves no gap."""
        return " ".join(self._fill(values, str).split())

    def markup(self, values: Mapping[str, str]) -> str:
        """HTML: the template's own tags count, those in values are shown as they are."""
        return self._fill(values, _escaped)


def _escaped(value: str) -> str:
    return "<br>".join(html.escape(value).splitlines())


def parse_template(text: str, setting: str) -> Template:
    """Read a template.

    Raises:
        ConfigurationError: A brace is open, or something other than a name stands in braces.
    """
    try:
        pieces = list(Formatter().parse(text))
    except ValueError:
        raise ConfigurationError(
            f"{setting}: a brace is missing its other half; write {{{{ or }}}} for a brace itself"
        ) from None
    for _, name, form, conversion in pieces:
        if name is not None and (not name.strip() or form or conversion):
            raise ConfigurationError(
                f"{setting}: expected the name of a field between braces, such as {{first_name}}"
            )
    return Template(tuple((literal, name and name.strip()) for literal, name, _, _ in pieces))


def spelled(value: Any) -> str:
    """A value as people read it; empty where there is none, or an object, which nobody reads."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(part for each in value if (part := spelled(each)))
    plain = None if isinstance(value, Mapping) else canon(value)
    return "" if plain is None else str(plain)
