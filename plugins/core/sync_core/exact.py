"""Records as JSON for the ledger, and back, with each number as the tap had sent it.

A number with a decimal point arrives as a Decimal, which JSON encoders write as text by default:
kept so, it would come back as another type, and be written as one.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


def encode(value: Any) -> str:
    """A record as JSON."""
    return _ENCODER.encode(value).decode()


def decode(text: str) -> Any:
    """A record as it was."""
    return _DECODER.decode(text)
