"""The sandbox's OAuth app, and how it is installed."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

APP = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}


def installed(sandbox: Any) -> str:
    """Install the app as Jane does in her browser; gives the refresh token."""
    back = "http://127.0.0.1:1/callback"
    consent = {"client_id": APP["client_id"], "redirect_uri": back, "user": "1"}
    url = f"{sandbox.pipedrive_url}/oauth"
    form = {**consent, "decision": "allow"}
    sent = requests.post(f"{url}/authorize", form, timeout=10, allow_redirects=False)
    (code,) = parse_qs(urlsplit(sent.headers["Location"]).query)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
    answer = requests.post(f"{url}/token", form, auth=tuple(APP.values()), timeout=10)
    return str(answer.json()["refresh_token"])
