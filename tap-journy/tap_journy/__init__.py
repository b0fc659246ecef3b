"""Singer tap that reads journy.io."""

from __future__ import annotations
