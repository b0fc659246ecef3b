"""Texts in HTML, of which the service may keep only a part, and the reference at their end."""

from __future__ import annotations

import html
from html.parser import HTMLParser
from typing import Any

from sync_core.mapping import TargetField, ValueMisfitError
from sync_core.pipedrive.fields import Field
from sync_core.pipedrive.values.how import How
from sync_core.pipedrive.values.scalars import text

#: Begins the last line of a text by which a record is found again.
REFERENCE = "Ref: "
#: No limit is documented, so what is too long is left to the service to refuse.
_LONGEST = 1_000_000
_UNSEEN = frozenset({"script", "style", "head", "title"})
#: Elements within a line; every other one ends it.
_INLINE = frozenset(
    {"a", "abbr", "b", "code", "em", "font", "i", "img", "mark", "s", "small", "span", "strike",
     "strong", "sub", "sup", "u"}
)  # fmt: skip
#: Marks that a service which cleans HTML keeps, by one of their spellings.
_MARKS = {"b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "s": "s", "strike": "s"}


class _Lines(HTMLParser):
    """The lines of a text as a reader sees them, with or without their marks."""

    def __init__(self, *, marked: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._marked = marked
        self._hidden = 0
        self._parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002 - the parser's own
        """An element begins."""
        self._hidden += tag in _UNSEEN
        self._seen(tag, "<{}>")

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        self._hidden = max(0, self._hidden - (tag in _UNSEEN))
        self._seen(tag, "</{}>")

    def handle_data(self, data: str) -> None:
        """Text, whose own line breaks are blanks in HTML."""
        if not self._hidden:
            self._parts.append(" ".join(f".{data}.".split())[1:-1])

    def _seen(self, tag: str, form: str) -> None:
        if tag not in _INLINE:
            self._parts.append("\n")
        elif self._marked and tag in _MARKS:
            self._parts.append(form.format(_MARKS[tag]))

    def read(self, source: Any) -> list[str]:
        """The lines that aren't blank."""
        self.feed(source if isinstance(source, str) else "")
        self.close()
        lines = (" ".join(line.split()) for line in "".join(self._parts).split("\n"))
        return [line for line in lines if line]


def shown(source: Any) -> str:
    """What a text says: its lines, with what is bold, slanted, underlined or struck."""
    return "\n".join(_Lines(marked=True).read(source))


def tidy(key: str) -> str:
    """A key as it reads back from HTML, in which a run of blanks is one."""
    return " ".join(key.split())


def references(source: Any) -> list[str]:
    """The key in the last line that begins with `Ref:`, if there is one."""
    found = [line for line in _Lines(marked=False).read(source) if line.startswith(REFERENCE)]
    return [found[-1][len(REFERENCE) :]] if found else []


def with_reference(source: str, key: str) -> str:
    """A text with a reference as its last line.

    Raises:
        ValueMisfitError: The line couldn't be read again.
    """
    whole = f"{source}<p>{REFERENCE}{html.escape(tidy(key), quote=False)}</p>"
    if references(whole) != [tidy(key)]:
        raise ValueMisfitError(
            "the text leaves an element or a comment open, so that its reference couldn't be read "
            "again; close it"
        )
    return whole


def html_texts(field: Field, _how: How) -> TargetField:
    """Texts in HTML, which Pipedrive cleans in a way that isn't documented."""
    return TargetField(
        field.key,
        field.label,
        text(_LONGEST),
        plain=shown,
        holds=lambda stored, wanted: shown(stored) == shown(wanted),
        as_stored=True,
    )
