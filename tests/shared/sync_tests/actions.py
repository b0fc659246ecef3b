"""An action on the simplest signal: a user who enters a segment."""

from __future__ import annotations

from typing import Any

PQL = "Product qualified leads"
CALL: dict[str, Any] = {
    "name": "call",
    "when": {"entity": "user", "segment_entered": PQL},
    "activity": {"type": "call", "subject": "Call {first_name}"},
}
