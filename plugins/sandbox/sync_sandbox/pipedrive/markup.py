"""HTML of notes: kept as it was sent, or cleaned the way services clean it."""

from __future__ import annotations

import html
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.state import State

HIDDEN = ("script", "style")
# What stays, and as what; every other element is let go, but not what it holds.
KEPT = {
    **{tag: tag for tag in ("p", "br", "ul", "ol", "li", "b", "i", "u", "a")},
    "div": "p",
    "strong": "b",
    "em": "i",
}


class Cleaner(HTMLParser):
    """Writes a text again without attributes, scripts and elements that are not known."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002  # the parser's own
        """An element begins."""
        self._hidden += tag in HIDDEN
        if tag in KEPT:
            self.parts.append(f"<{KEPT[tag]}>")

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        self._hidden -= tag in HIDDEN and self._hidden > 0
        if tag in KEPT:
            self.parts.append(f"</{KEPT[tag]}>")

    def handle_data(self, data: str) -> None:
        """Text, in which even quotation marks become entities."""
        if not self._hidden:
            self.parts.append(html.escape(data))


def stored(state: State, text: str) -> str:
    """A text as the service stores it, by the switch."""
    if state.switches.get("pipedrive.note_html") == "kept":
        return text
    cleaner = Cleaner()
    cleaner.feed(text)
    cleaner.close()
    return "".join(cleaner.parts)
