"""Names compared as people write them, and the nearest ones suggested."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable


def fold(name: str) -> str:
    """A name without case, outer blanks and differences of Unicode form."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def same_email(value: str) -> str:
    """An e-mail address without regard to case: ß stays ß, as an address with ss is another one."""
    return value.strip().lower()


def snake_case(label: str) -> str:
    """A column name for a label: letters and digits in lower case, the rest underscores.

    Letters outside ASCII lose their accents where they have one and stay as they are otherwise.
    """
    plain = unicodedata.normalize("NFKD", label)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    name = re.sub(r"[^\w]+", "_", plain.casefold()).strip("_")
    return re.sub(r"_+", "_", name)


def near(name: str, known: Iterable[str]) -> str:
    """A sentence part that suggests the nearest names, or lists some; empty without any."""
    by_fold = {fold(each): each for each in known}
    close = difflib.get_close_matches(fold(name), by_fold, n=3, cutoff=0.6)
    if close:
        return f"did you mean {', '.join(repr(by_fold[each]) for each in close)}?"
    some = sorted(by_fold.values())[:10]
    return f"known are {', '.join(map(repr, some))}" if some else ""
