"""Everything that a run depends on, looked at before anything is written."""

from __future__ import annotations
