"""Looking up what happened: `runs` and `log`."""

from __future__ import annotations
