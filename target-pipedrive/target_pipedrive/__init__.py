"""Singer target that writes to Pipedrive."""

from __future__ import annotations
