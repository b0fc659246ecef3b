"""True and false, as built-in fields hold them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sync_core.canonical import canon
from sync_core.mapping import TargetField, ValueMisfitError
from sync_core.pipedrive.fields import Field
from sync_core.pipedrive.values.how import How
from sync_core.pipedrive.values.kinds import kind

_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def flag(value: Any) -> bool:
    """True or false, as a flag, as 1 or 0, or in words."""
    plain = isinstance(value, (bool, int, float, Decimal, str))
    found = _WORDS.get(str(canon(value)).casefold()) if plain else None
    if found is None:
        raise ValueMisfitError(f"expected true or false, got {kind(value)}")
    return found


def flag_field(field: Field, _how: How) -> TargetField:
    """Fields that are true or false."""
    return TargetField(field.key, field.label, flag, plain=_known, holds=_same)


def _known(stored: Any) -> bool | None:
    return None if stored is None else bool(stored)


def _same(stored: Any, wanted: Any) -> bool:
    return bool(stored) == bool(wanted)
