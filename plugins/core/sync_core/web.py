"""Web addresses and domains."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from sync_core.errors import ConfigurationError

#: Matches any text: what stands before the host, and the rest.
_SCHEME = re.compile(r"(?s)([a-z][a-z0-9+.-]*://|//)?(.*)")


def domain(value: Any) -> str | None:
    """The bare domain of a web address: no scheme, `www.`, user, port, path; lower case."""
    if not isinstance(value, str):
        return None
    scheme, rest = _SCHEME.fullmatch(value.strip().lower()).groups()  # type: ignore[union-attr]
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    _, at, host = host.rpartition("@")
    if at and not scheme:  # an e-mail address rather than a web address
        return None
    return host.partition(":")[0].removeprefix("www.").rstrip(".") or None


def service_address(service: str, url: str, setting: str = "api_url") -> str:
    """A service's configured address, checked before anything is sent there.

    Args:
        service: Its name, for messages.
        url: The address.
        setting: Where it is configured, for messages.

    Raises:
        ConfigurationError: It isn't an http(s) address, or holds more than an address.
    """
    if not re.match(r"^https?://[^/\s]+", url or ""):
        raise ConfigurationError(
            f"{service}: {setting} must begin with http:// or https:// and name a host"
        )
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname and parts.hostname.encode("idna")) and parts.port != 0
    except ValueError:  # the port isn't a number, the brackets don't match, a label is too long
        usable = False
    if not usable or re.search(r"\s", url):
        raise ConfigurationError(f"{service}: {setting} names no host and port that can exist")
    if parts.username is not None or parts.query or parts.fragment:
        # Not repeated here: what stands there may be a password or a token.
        raise ConfigurationError(
            f"{service}: {setting} must be an address alone, without a user, a query or a "
            "fragment; credentials have their own settings"
        )
    return url.rstrip("/")


def credential(setting: str, value: str, where: str) -> str:
    """A credential fit for a header, without the blanks and line ends that copying adds.

    Args:
        setting: Its name.
        value: As configured.
        where: What it is, and where people find it.

    Raises:
        ConfigurationError: It can't be one; it isn't repeated in the text.
    """
    plain = value.strip()
    if not re.fullmatch(r"[!-~]+", plain):
        raise ConfigurationError(
            f"{setting} holds blanks, line ends or letters that no credential has: "
            f"set it to {where}"
        )
    return plain


def introduction(user_agent: str) -> str:
    """How requests introduce themselves, if a header takes it.

    Raises:
        ConfigurationError: It doesn't.
    """
    if not re.fullmatch(r"[!-~]([ -~]*[!-~])?", user_agent):
        raise ConfigurationError(
            "user_agent: expected letters, digits and signs of ASCII, without a line end or outer "
            f"blanks, got {user_agent!r}"
        )
    return user_agent
