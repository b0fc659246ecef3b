"""An action on the simplest signal, a user who enters a segment, and that user."""

from __future__ import annotations

from typing import Any

PQL = "Product qualified leads"
CALL: dict[str, Any] = {
    "name": "call",
    "when": {"entity": "user", "segment_entered": PQL},
    "activity": {"type": "call", "subject": "Call {first_name}"},
}
ANN: dict[str, Any] = {
    "user_id": "u1",
    "email": "ann@acme.example",
    "first_name": "Ann",
    "last_name": "Lee",
}
COLD, HOT = {**ANN, "segments": []}, {**ANN, "segments": [PQL]}
