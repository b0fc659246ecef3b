"""The Meltano utility `connector`: what the two directions did, and why."""

from __future__ import annotations
