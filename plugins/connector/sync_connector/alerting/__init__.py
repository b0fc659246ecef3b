"""What is worth waking somebody for."""

from __future__ import annotations
