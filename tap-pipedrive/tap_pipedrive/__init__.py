"""Singer tap that reads Pipedrive."""

from __future__ import annotations
