"""The command `plan`: what the next sync would do and cost, without a write."""

from __future__ import annotations
