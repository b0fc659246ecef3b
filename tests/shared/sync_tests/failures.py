"""How a service may fail or behave oddly, by the name that made-up stories call it by."""

from __future__ import annotations

from typing import Any

#: Name -> what the sandbox does.
ACTIONS: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "429": {"status": 429},
    "forbidden": {"status": 403, "body": {"success": False, "error": "no"}},
    "spent": {"status": 429, "headers": {"x-daily-ratelimit-token-remaining": "0"}},
    "cut": {"drop_before": True},
    "lost": {"drop_after": True},
    "truncated": {"truncate": True},
    "malformed": {"malformed": True},
    "blocked": {"html": True},
    "revoked": {"status": 401, "body": {"success": False, "error": "unauthorized access"}},
    "reversed": {"reverse_rows": True},
    "doubled": {"duplicate_rows": True},
}
