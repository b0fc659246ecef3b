"""Values on their way into journy: strings, numbers, booleans, arrays of non-empty strings.

journy's documentation knows no nested objects; null would delete a property and is never sent
for a value that merely isn't known.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sync_core import times
from sync_core.canonical import canon
from sync_core.errors import ConfigurationError
from sync_core.mapping import TargetField, ValueMisfitError
from sync_core.text import LAYOUT, fold, has_control, near, snake_case
from sync_core.web import domain

#: Identifiers, not properties, in journy's API.
IDENTIFIERS = frozenset({"email", "user_id", "account_id", "domain"})
#: Key under which a user's account travels; written by the membership call, not as a property.
MEMBERSHIP = "accounts"
#: Key of an account's domain; sent as part of its identification.
DOMAIN = "domain"
#: Key of a user's address; sent as part of their identification.
EMAIL = "email"
#: Beyond this a number is endless to JavaScript, and null in its JSON.
_LARGEST = sys.float_info.max
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def to_property(value: Any) -> Any:
    """A value as journy takes it; raises `ValueMisfitError` where it can't."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, datetime):
        return times.comparable(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float, Decimal)):
        return _finite(value)
    if isinstance(value, list):
        return _strings(value)
    raise ValueMisfitError("expected text, a number, true or false, or a list; got an object")


def _text(value: str) -> str:
    if has_control(value, LAYOUT):
        # What journy makes of them isn't documented; most databases refuse at least NUL.
        raise ValueMisfitError("expected text without control characters")
    return value.strip()


def _finite(value: float | Decimal) -> float | int:
    size: Any = abs(value)
    if not size <= _LARGEST:  # what isn't a number compares with none
        raise ValueMisfitError("expected a finite number")
    if isinstance(value, int):
        return value
    # A whole number stays one: a float would lose digits of a long one.
    return int(value) if value == int(value) else float(value)


def _strings(values: list[Any]) -> list[str]:
    known = [each for each in values if each is not None]
    if not all(isinstance(each, (str, int, float, Decimal)) for each in known):
        raise ValueMisfitError("expected a list of texts")
    return [text for each in known if (text := _string(each))]


def _string(value: str | float | Decimal) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else str(canon(_finite(value)))


def property_field(
    name: str, setting: str, catalogue: Iterable[Mapping[str, Any]] | None
) -> TargetField:
    """A property as a mapping writes it.

    Args:
        name: The property's name, or the label of a known one; any other is made a name.
        setting: Where it was written, for messages.
        catalogue: `GET /properties/*`; None where the key may not read it.

    Raises:
        ConfigurationError: It is an identifier or computed, or the name can't be a property's.
    """
    known = {str(each["name"]): each for each in catalogue or () if "name" in each}
    labelled = [
        key for key, each in known.items() if fold(str(each.get("label") or "")) == fold(name)
    ]
    if name not in known and len(labelled) > 1:
        raise ConfigurationError(
            f"{setting}: {len(labelled)} journy properties are called {name!r}; "
            f"use one of their names instead: {', '.join(labelled)}"
        )
    asked = name
    if name not in known:
        # The server's own rule for names isn't published: lower snake_case is safe.
        name = labelled[0] if labelled else snake_case(name)
    if name in IDENTIFIERS:
        raise ConfigurationError(
            f"{setting}: {name!r} identifies a record in journy and can't be mapped"
        )
    if known.get(name, {}).get("isComputed"):
        raise ConfigurationError(
            f"{setting}: journy computes the property {name!r} itself; it can't be written"
        )
    if name not in known and not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{setting}: {asked!r} can't be a journy property: use small letters, digits and _; "
            f"{near(asked, known)}"
        )
    return TargetField(key=name, label=name, convert=to_property, known=name in known)


def domain_field() -> TargetField:
    """An account's domain, which identifies it beside its id."""

    def convert(value: Any) -> str:
        found = domain(value)
        if found is None or "." not in found:
            raise ValueMisfitError("expected a domain such as acme.example")
        return found

    return TargetField(key=DOMAIN, label="domain", convert=convert)


def email_field() -> TargetField:
    """A user's address, which identifies them beside their id."""
    return TargetField(key=EMAIL, label="e-mail address", convert=str)


def membership_field() -> TargetField:
    """The account that a user belongs to."""
    return TargetField(key=MEMBERSHIP, label="account", convert=str, clearable=True)
