"""The fields of both services side by side: what is mapped, what could be, what can't."""

from __future__ import annotations
