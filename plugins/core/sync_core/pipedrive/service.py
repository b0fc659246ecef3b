"""Where Pipedrive is, and how it tells how fast and how much it may be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sync_core.errors import ConfigurationError
from sync_core.headers import number
from sync_core.pacing import Pacer

DEFAULT_URL = "https://api.pipedrive.com"


class PipedrivePacer(Pacer):
    """Pipedrive's headers; the daily one isn't documented and may be missing.

    Burst limits count requests in a rolling window of two seconds, by Pipedrive's page on them.
    """

    window_seconds = 2.0
    budget_header = "x-daily-ratelimit-token-remaining"

    def budget_spent(self, headers: Mapping[str, str], tokens: int = 0) -> bool:
        """By the daily header where there is one, else by a burst window that still has room."""
        if number(headers.get(self.budget_header)) is not None:
            return super().budget_spent(headers, tokens)
        remaining = number(headers.get(self.remaining_header))
        return remaining is not None and remaining >= 1


def service_url(api_url: str | None, company_domain: str | None) -> str:
    """The address below which `/api/v2` and `/v1` begin.

    Args:
        api_url: As configured; wins where it is set.
        company_domain: The company's name before `.pipedrive.com`, or the whole host.

    Raises:
        ConfigurationError: The company domain isn't one host label.
    """
    if api_url:
        return api_url
    if not company_domain:
        return DEFAULT_URL
    name = company_domain.removesuffix(".pipedrive.com")
    if not re.fullmatch(r"[A-Za-z0-9-]+", name):
        raise ConfigurationError(
            f"company_domain: expected the name before .pipedrive.com, got {company_domain!r}"
        )
    return f"https://{name}.pipedrive.com"
