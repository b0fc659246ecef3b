"""Settings that several plugins declare in the same words."""

from __future__ import annotations

from sync_singer.settings.access import common, journy_access, pipedrive_access
from sync_singer.settings.keeping import writing
from sync_singer.settings.lines import account_fields, field_lines

__all__ = [
    "account_fields", "common", "field_lines", "journy_access", "pipedrive_access", "writing",
]  # fmt: skip
