"""Names compared as people write them, and the nearest ones suggested."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable


def fold(name: str) -> str:
    """A name without case, outer blanks and differences of Unicode form."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


#: Control characters and halves of surrogate pairs, which neither databases nor JSON take.
_NO_TEXT = frozenset({"Cc", "Cs"})
#: Control characters that lay a text out.
LAYOUT = frozenset("\t\n\r")


def same_email(value: str) -> str:
    """An e-mail address without regard to case and to how accents are encoded.

    ß stays ß, as an address with ss is another one.
    """
    plain = value.strip().lower()
    return plain if plain.isascii() else unicodedata.normalize("NFC", plain)


def spellings(term: str) -> list[str]:
    """A text with its accents as they are, and taken apart where it has any."""
    return list(dict.fromkeys((term, unicodedata.normalize("NFD", term))))


def has_control(value: str, allowed: Collection[str] = ()) -> bool:
    """Whether a text holds a control character that isn't allowed, or half of a character."""
    if value.isprintable():
        return False
    return any(unicodedata.category(each) in _NO_TEXT for each in value if each not in allowed)


def length(value: str) -> int:
    """How long a text is for a service, of which isn't known what it counts.

    An emoji counts as two, as in JavaScript and UTF-16, which is never less than its characters.
    """
    return len(value) + (0 if value.isascii() else sum(each > "\uffff" for each in value))


def snake_case(label: str) -> str:
    """A column name for a label: letters and digits in lower case, the rest underscores.

    Letters outside ASCII lose their accents where they have one and stay as they are otherwise.
    """
    plain = unicodedata.normalize("NFKD", label)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    name = re.sub(r"[^\w]+", "_", plain.casefold()).strip("_")
    return re.sub(r"_+", "_", name)


def one(noun: str) -> str:
    """A noun of this product, such as user or account, with its article."""
    return f"{'an' if noun[:1] in 'aeio' else 'a'} {noun}"


def number_of(count: int, noun: str, nouns: str = "") -> str:
    """How many of something there are, as a part of a sentence.

    Args:
        count: How many.
        noun: What one is called; a verb may stand with it.
        nouns: What several are called; by default the noun with an s.
    """
    return f"{count:,} {noun if count == 1 else nouns or f'{noun}s'}"


#: So many names fit into a sentence.
_SOME = 10


def near(name: str, known: Iterable[str], none: str = "there are none") -> str:
    """A sentence part that suggests the nearest names, or lists some.

    Args:
        name: What was given.
        known: What there is.
        none: What is said where there is nothing.
    """
    by_fold = {fold(each): each for each in known}
    close = difflib.get_close_matches(fold(name), by_fold, n=3, cutoff=0.6)
    if close:
        return f"did you mean {', '.join(repr(by_fold[each]) for each in close)}?"
    names = sorted(by_fold.values())
    some, more = names[:_SOME], len(names) - _SOME
    rest = f" and {more} more" if more > 0 else ""
    return f"known are {', '.join(map(repr, some))}{rest}" if some else none
