"""Texts, numbers and amounts of money."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sync_core.canonical import canon, is_empty
from sync_core.mapping import TargetField, ValueMisfitError, simple
from sync_core.pipedrive.fields import Field
from sync_core.pipedrive.values.how import How, Make
from sync_core.pipedrive.values.kinds import kind, same
from sync_core.text import LAYOUT, has_control, length

SHORT, LONG = 255, 65_000
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_AMOUNT = re.compile(r"(?:([A-Za-z]{3}) *)?([+-]?[0-9]+(?:\.[0-9]+)?)(?: *([A-Za-z]{3}))?")
_CODE = re.compile(r"[A-Za-z]{3}")
#: Digits that a number field keeps (Pipedrive's documentation of custom fields).
PRECISION = 16
_LONGEST_NUMBER = 300


def text(limit: int) -> Callable[[Any], str]:
    """A converter to text of at most so many characters; nothing is cut off."""

    def convert(value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list) and all(each is None or isinstance(each, str) for each in value):
            value = ", ".join(each.strip() for each in value if not is_empty(each))
        if isinstance(value, (float, Decimal)) and not math.isfinite(value):
            raise ValueMisfitError("expected text, got a number without end")
        if not isinstance(value, (str, int, float, Decimal)):
            raise ValueMisfitError(f"expected text, got {kind(value)}")
        plain = value.strip() if isinstance(value, str) else str(canon(value))
        _refuse_unfit(plain, limit)
        return plain

    return convert


def _refuse_unfit(plain: str, limit: int) -> None:
    if has_control(plain, LAYOUT):
        # What the service makes of them isn't documented; most databases refuse at least NUL.
        raise ValueMisfitError("expected text without control characters")
    if (count := length(plain)) > limit:
        counted = ", an emoji counted as two" if count > len(plain) else ""
        raise ValueMisfitError(f"at most {limit} characters fit, got {count}{counted}")


def number(value: Any) -> float | int:
    """A number, or text that is one; thousands separators and decimal commas are refused."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise ValueMisfitError(f"expected a number with a decimal point, got {kind(value)}")
    if not _is_writable(value):
        raise ValueMisfitError("expected a finite number")
    exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if len(str(abs(int(exact))).rstrip("0")) > PRECISION:
        raise ValueMisfitError(
            f"expected a number of at most {PRECISION} digits, which is what the field keeps; map "
            "it to a text field"
        )
    # A whole number stays one, which is read back as it was sent.
    return int(exact) if exact == int(exact) else float(exact)


def _is_writable(value: float | Decimal) -> bool:
    if isinstance(value, int):
        return bool(abs(value) < 10**_LONGEST_NUMBER)
    return bool(math.isfinite(value) and Decimal(value).adjusted() < _LONGEST_NUMBER)


def texts(limit: int) -> Make:
    """Text fields."""
    return lambda field, _how: TargetField(
        field.key, field.label, text(limit), holds=same, clearable=True
    )


def numbers(field: Field, _how: How) -> TargetField:
    """Number fields."""
    return TargetField(field.key, field.label, number, holds=same, clearable=True)


def money(value: Any, currency: str) -> dict[str, Any]:
    """An amount and its currency, which is empty where neither says it.

    Args:
        value: {value, currency}, a number, or text such as `12.50` or `12.50 EUR`.
        currency: Of an amount without one.
    """
    amount, code = _amount(value)
    if code and not (isinstance(code, str) and _CODE.fullmatch(code.strip())):
        raise ValueMisfitError("expected a currency of three letters, such as EUR")
    return {"value": number(amount), "currency": code.strip().upper() if code else currency}


def _amount(value: Any) -> tuple[Any, Any]:
    if isinstance(value, Mapping):
        if not {"value"} <= value.keys() <= {"value", "currency"}:
            raise ValueMisfitError("expected an object with value and currency")
        return value["value"], value.get("currency")
    if not isinstance(value, str):
        return value, None
    match = _AMOUNT.fullmatch(value.strip())
    if match is None and not _NUMBER.fullmatch(value.strip()):
        raise ValueMisfitError(
            "expected an amount with a decimal point, such as 12.50 or 12.50 EUR, got other text"
        )
    if match is None:
        return value, None
    before, amount, after = match.groups()
    if before and after:
        raise ValueMisfitError("expected an amount with one currency, got two")
    return amount, before or after


def amounts(field: Field, how: How) -> TargetField:
    """Money fields: an amount without a currency keeps the stored one, and is refused without."""

    def holds(stored: Any, wanted: Mapping[str, Any]) -> bool:
        there = _stored(stored)
        return same(there.get("value"), wanted["value"]) and (
            not wanted["currency"] or same(there.get("currency"), wanted["currency"])
        )

    def combine(stored: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
        code = wanted["currency"] or _stored(stored).get("currency")
        if not code:
            # Pipedrive's API tells no company's default currency, and guessing one costs money.
            raise ValueMisfitError(
                "expected a currency beside the amount; name one in the line, such as currency: EUR"
            )
        return {"value": wanted["value"], "currency": code}

    return TargetField(
        key=field.key,
        label=field.label,
        convert=lambda value: money(value, how.currency),
        plain=simple,
        holds=holds,
        combine=combine,
        clearable=True,
        whole=True,
    )


def _stored(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {"value": value}
