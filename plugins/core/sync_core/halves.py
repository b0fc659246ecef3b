"""JSON in which a text ends with half of a character, as some services send it."""

from __future__ import annotations

import re

#: What begins with a backslash in a text of JSON. A character beyond the first 65,536 takes two; a
#: service that cuts texts between them sends one, which JSON allows.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\.",
    re.DOTALL,
)


def without_halves(content: bytes) -> bytes:
    """JSON with a sign for what is missing in place of each half, which no reader takes."""
    return _ESCAPE.sub(_whole, content)


def _whole(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape["half"] else escape[0]
