"""How the plugins get into the two services, and what all of them have."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th
from sync_core.budget import DEFAULT_SHARE


def common(service: str, api_url: str) -> list[th.Property[Any]]:
    """What all four plugins have.

    Args:
        service: The service's name.
        api_url: What the address is, and its default.
    """
    return [
        th.Property(
            "enabled",
            th.BooleanType,
            default=True,
            title="Enabled",
            description="Whether this plugin does anything; false ends at once with success.",
        ),
        th.Property(
            "connection_name",
            th.StringType,
            default="default",
            title="Connection name",
            description="Names this pair of accounts in logs and in the ledger.",
        ),
        th.Property("api_url", th.StringType, title="API address", description=api_url),
        th.Property(
            "user_agent",
            th.StringType,
            title="User agent",
            description=f"How requests introduce themselves to {service}; by default with the "
            "plugin's name and version.",
        ),
    ]


def pipedrive_access() -> list[th.Property[Any]]:
    """How both Pipedrive plugins get in."""
    return [
        th.Property(
            "api_token",
            th.StringType,
            secret=True,
            title="API token",
            description="Pipedrive API token (Pipedrive: Personal preferences, API).",
        ),
        *_oauth(),
        th.Property(
            "company_domain",
            th.StringType,
            title="Company domain",
            description="The name before .pipedrive.com; requests to the company's own address "
            "are answered faster.",
        ),
        th.Property(
            "daily_token_share",
            th.NumberType(exclusive_minimum=0, maximum=1),
            default=DEFAULT_SHARE,
            nullable=False,
            title="Share of the daily tokens",
            description="How much of the company's daily tokens that are left one run may spend; "
            "then it stops politely with exit code 75, and the next run goes on.",
        ),
    ]


def _oauth() -> list[th.Property[Any]]:
    """An OAuth app in place of the API token."""
    return [
        th.Property(
            "client_id",
            th.StringType,
            title="OAuth client id",
            description="Client id of an OAuth app of yours; it counts where no API token is set.",
        ),
        th.Property(
            "client_secret",
            th.StringType,
            secret=True,
            title="OAuth client secret",
            description="Client secret of that app.",
        ),
        th.Property(
            "refresh_token",
            th.StringType,
            secret=True,
            title="OAuth refresh token",
            description="What Pipedrive gave when the app was installed. Should Pipedrive replace "
            "it, the new one is kept in oauth-<connection_name>.json in Meltano's system "
            "directory, readable by you alone.",
        ),
        th.Property(
            "oauth_url",
            th.StringType,
            title="OAuth address",
            description="Address below which /token lies; by default "
            "https://oauth.pipedrive.com/oauth.",
        ),
    ]


def journy_access() -> list[th.Property[Any]]:
    """How both journy plugins get in."""
    return [
        th.Property(
            "api_key",
            th.StringType,
            secret=True,
            title="API key",
            description="journy.io API key (journy: Settings, API access).",
        ),
    ]
