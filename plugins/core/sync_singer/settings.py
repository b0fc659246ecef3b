"""Settings that several plugins declare in the same words."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th
from sync_core.budget import DEFAULT_SHARE
from sync_core.policy import Policy


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


def writing() -> list[th.Property[Any]]:
    """What both targets have."""
    return [
        th.Property(
            "dry_run",
            th.BooleanType,
            default=False,
            title="Dry run",
            description="Do everything but the writes; outcomes and counts are the real run's.",
        ),
        th.Property(
            "ledger_url",
            th.StringType,
            secret=True,
            default="sqlite:///ledger.db",
            title="Ledger",
            description="Database of links, agreed values and outcomes, as an SQLAlchemy URL; by "
            "default a SQLite file in the current folder.",
        ),
        *_ledger(),
    ]


def _ledger() -> list[th.Property[Any]]:
    """How patient the ledger is, and how long it remembers."""
    default = Policy()
    return [
        th.Property(
            "retry_limit",
            th.IntegerType(minimum=0),
            default=default.retry_limit,
            title="Retry limit",
            description="How often a record that keeps failing is tried, with waits that grow from "
            "minutes to a day, before it is only kept; 0: never given up.",
        ),
        th.Property(
            "keep_outcomes_days",
            th.IntegerType(minimum=0),
            default=default.keep_outcomes_days,
            title="Days to keep outcomes",
            description="After so many days a run and its outcomes are dropped from the ledger; "
            "links and agreed values stay. 0: never.",
        ),
        th.Property(
            "lock_wait_seconds",
            th.IntegerType(minimum=0),
            default=int(default.lock_wait_seconds),
            title="Seconds to wait for another run",
            description="How long a run waits for another one of the same connection and "
            "direction, on whatever machine, before it leaves with exit code 75.",
        ),
    ]


#: Everything that a single value of a mapping's line may be.
_SINGLE = ["string", "number", "boolean", "null"]


def account_fields() -> list[th.Property[Any]]:
    """Where an organization holds what journy knows its account by."""
    return [
        th.Property(
            "external_id_field",
            th.StringType,
            title="Account-ID field",
            description="Organization field, by name or key, that holds journy's account id; by "
            "default Account ID.",
        ),
        th.Property(
            "domain_field",
            th.StringType,
            title="Domain field",
            description="Organization field that holds the domain; by default website, where the "
            "company has it.",
        ),
    ]


def field_lines(
    source: str, destination: str, *, typed: bool = False, clears: bool = False
) -> th.Property[Any]:
    """The `fields` of a mapping.

    Args:
        source: Whose fields are read, for the descriptions.
        destination: Whose fields are written.
        typed: Whether the destination's fields have types that a line says more about.
        clears: Whether a line says if a vanished value deletes the destination's.
    """
    more = [*_typed(typed=typed), *([_CLEAR] if clears else [])]
    return th.Property(
        "fields",
        th.ArrayType(th.ObjectType(*_sources(source), *_ways(destination), *more)),
        title="Fields",
        description="Fields that go across on top of the automatic ones.",
    )


_CLEAR: th.Property[Any] = th.Property(
    "clear",
    th.BooleanType,
    default=False,
    description="Whether a value that vanishes at the source deletes the destination's.",
)


def _sources(source: str) -> list[th.Property[Any]]:
    """Where a line's value comes from, and what becomes of it."""
    names = {"type": ["string", "array"], "items": {"type": "string"}}
    values = {"type": ["string", "number", "boolean", "array"], "items": {"type": "string"}}
    return [
        th.Property(
            "from",
            th.CustomType(names),
            description=f"Field of {source}, or several: the first that isn't empty counts.",
        ),
        th.Property("value", th.CustomType(values), description="A constant instead of a field."),
        th.Property(
            "template",
            th.StringType,
            description="A text with fields in braces, such as {first_name} {last_name}.",
        ),
        th.Property(
            "map",
            th.CustomType({"type": "object", "additionalProperties": {"type": _SINGLE}}),
            description="Source value to destination value; null empties the field.",
        ),
        th.Property(
            "otherwise",
            th.CustomType({"type": _SINGLE}),
            description="What becomes of a value that the map doesn't have; without it such a "
            "value is refused.",
        ),
    ]


def _ways(destination: str) -> list[th.Property[Any]]:
    """Where a line's value goes, and who yields."""
    return [
        th.Property("to", th.StringType, required=True, description=f"Field of {destination}."),
        th.Property(
            "write",
            th.StringType,
            allowed_values=["always", "if_empty", "on_create"],
            default="always",
            description="When the value is written.",
        ),
        th.Property(
            "conflict",
            th.StringType,
            allowed_values=["pipedrive", "journy", "latest"],
            description="Which side wins where both have changed; by default pipedrive.",
        ),
    ]


def _typed(*, typed: bool) -> list[th.Property[Any]]:
    """What a line says of fields of some types."""
    if not typed:
        return []
    return [
        th.Property(
            "currency",
            th.StringType,
            description="Of an amount that comes without one, for a money field.",
        ),
        th.Property(
            "zone",
            th.StringType,
            description="Time zone in which a point in time becomes a date or a time of day.",
        ),
        th.Property(
            "merge",
            th.StringType,
            allowed_values=["replace", "add"],
            description="Whether the stored choices of a multiple option are replaced or added to.",
        ),
    ]
