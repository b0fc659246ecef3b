"""Singer target that writes to journy.io."""

from __future__ import annotations
