"""Values reduced to what they say, so that both sides' spellings of one value compare equal."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

#: The digest of "nothing there".
EMPTY = ""
_DIGEST_BYTES = 16
#: Digits beyond which a number isn't written out; a float has no more than 309.
_LONGEST_NUMBER = 400


def canon(value: Any) -> Any:
    """A value without differences that mean nothing: blanks around text, 5 against 5.0.

    Returns:
        None for null, blank text, and empty lists and objects; otherwise JSON data.
    """
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip() or None
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if isinstance(value, Mapping):
        parts = {str(key): canon(part) for key, part in value.items()}
        return {key: parts[key] for key in sorted(parts) if parts[key] is not None} or None
    if isinstance(value, Sequence):
        each = (canon(part) for part in value)
        return sorted((part for part in each if part is not None), key=repr) or None
    return str(value)


def _number(value: float | Decimal) -> str:
    """A number's shortest decimal text, the same for 5, 5.0 and Decimal("5.00")."""
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
        return str(number)
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def is_empty(value: Any) -> bool:
    """Whether a value says nothing."""
    if value.__class__ is str:
        return not value.strip()
    return canon(value) is None


def in_words(value: Any) -> str:
    """A value as a text for people; empty where there is none."""
    if is_empty(value):
        return ""
    if isinstance(value, list):
        return ", ".join(in_words(each) for each in value)
    return str(canon(value))


def digest(value: Any) -> str:
    """A fixed-length fingerprint of a value, `EMPTY` where there is none.

    The ledger keeps these instead of values, so that it holds no more personal data than it needs.
    """
    plain = canon(value)
    if plain is None:
        return EMPTY
    return hashlib.blake2b(msgspec.json.encode(plain), digest_size=_DIGEST_BYTES).hexdigest()
