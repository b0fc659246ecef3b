"""One look at a service with a plugin's own credential: who it is, what is left of the budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from sync_core.headers import number
from sync_core.http import HttpClient
from sync_core.journy import JournyClient
from sync_core.pipedrive import PipedriveClient, endpoints, envelope
from sync_core.pipedrive.auth import OAuth, TokenAuth, grant
from sync_core.pipedrive.kept_token import KeptToken
from sync_core.pipedrive.service import PipedrivePacer, service_url

from sync_connector.agent import user_agent

Settings = Mapping[str, Any]

DAILY_LIMIT = "x-daily-ratelimit-token-limit"
DAILY_LEFT = "x-daily-ratelimit-token-remaining"
BURST = "x-ratelimit-limit"


@dataclass(frozen=True)
class Visit:
    """What one answer told.

    Attributes:
        data: Its data: Pipedrive's user, or journy's list of permissions.
        headers: What stood beside it, a number by name; absent where the service doesn't say.
        time: The service's clock, as comparable text; empty where it doesn't say.
        scopes: What an OAuth app was granted; None for an API token or key.
    """

    data: Any
    headers: Mapping[str, int] = field(default_factory=dict)
    time: str = ""
    scopes: tuple[str, ...] | None = None


class _Listener(PipedrivePacer):
    """Notes the numbers in the headers, beside pacing."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: dict[str, int] = {}

    def after(self, place: Any, headers: Mapping[str, str] | None, **options: Any) -> float:
        """Take in an answer."""
        found = {name: number((headers or {}).get(name)) for name in _NUMBERS}
        self.heard.update({name: int(each) for name, each in found.items() if each is not None})
        return super().after(place, headers, **options)


_NUMBERS = (DAILY_LIMIT, DAILY_LEFT, BURST)


def pipedrive(settings: Settings, *, place: Path | None = None) -> Visit:
    """Ask Pipedrive whose credential it is, with a plugin's settings (2 tokens).

    Args:
        settings: The plugin's.
        place: Folder of the kept refresh tokens; by default where a plugin would look.

    Raises:
        ConfigurationError: The settings don't describe a way in.
        ApiError: Pipedrive refuses it, or can't be reached.
    """
    PipedriveClient.from_settings(settings, user_agent=user_agent())  # objects to what is wrong
    listener, auth = _Listener(), _pipedrive_auth(settings, place)
    api_url = settings.get("api_url")
    http = HttpClient(
        "Pipedrive",
        service_url(api_url, settings.get("company_domain")),
        auth=auth,
        user_agent=user_agent(),
        secrets=(str(settings.get("api_token") or ""),),
        pacer=listener,
        follow=not api_url,
    )
    me = envelope.record(http.get(endpoints.ME, tokens=endpoints.ME_TOKENS), endpoints.ME)
    scopes = auth.scopes if isinstance(auth, OAuth) else None
    return Visit(me, listener.heard, http.server_time, scopes)


def _pipedrive_auth(settings: Settings, place: Path | None) -> requests.auth.AuthBase:
    if given := grant(settings):
        name = str(settings.get("connection_name") or "default")
        kept = KeptToken(given.refresh_token, name, place=place)
        return OAuth(given, kept, user_agent=user_agent())
    return TokenAuth(str(settings["api_token"]).strip())


def journy(settings: Settings) -> Visit:
    """Ask journy what a key may do, with a plugin's settings.

    Raises:
        ConfigurationError: The settings don't describe a way in.
        ApiError: journy refuses it, or can't be reached.
    """
    client = JournyClient(
        api_key=settings.get("api_key"), api_url=settings.get("api_url"), user_agent=user_agent()
    )
    return Visit(client.permissions(), time=client.http.server_time)
