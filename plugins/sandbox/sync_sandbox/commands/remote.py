"""Speaks to a running sandbox for the commands that ask one."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

import click
import msgspec

Command = TypeVar("Command", bound=Callable[..., Any])
URL = "http://127.0.0.1:8765"


def url_option(text: str, default: str | None = URL) -> Callable[[Command], Command]:
    """The option `--url`."""
    return click.option("--url", default=default, show_default=True, help=text)


def control(
    url: str, method: str, path: str, *, body: Any = None, query: dict[str, int] | None = None
) -> Any:
    """Send one request to the control interface.

    Raises:
        click.ClickException: nothing answers there, or it refuses; the text says why.
    """
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter(f"{url!r} is no http URL", param_hint="--url")
    request = urllib.request.Request(  # noqa: S310  # checked
        f"{url.rstrip('/')}/_sandbox/{path}{'?' + urlencode(query) if query else ''}",
        data=None if body is None else msgspec.json.encode(body),
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310  # checked
            return msgspec.json.decode(response.read())
    except urllib.error.HTTPError as error:
        raise click.ClickException(_refusal(url, error)) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise click.ClickException(
            f"no sandbox answers at {url}: {reason}; start one with `sandbox serve`"
        ) from error


def _refusal(url: str, error: urllib.error.HTTPError) -> str:
    """The sandbox's own sentence, or that this is no sandbox."""
    try:
        return str(msgspec.json.decode(error.read())["error"])
    except (ValueError, KeyError, TypeError):
        return f"what answers at {url} is no sandbox: HTTP status {error.code}"
