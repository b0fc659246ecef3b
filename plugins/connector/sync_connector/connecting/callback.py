"""The address on this machine to which the browser comes back, open for one answer."""

from __future__ import annotations

import hmac
import html
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sync_core.errors import ConfigurationError, SyncError

LOOPBACK = ("127.0.0.1", "localhost")
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:1.1rem system-ui,sans-serif;max-width:34em;margin:15vh auto;padding:0 1em}}
:root{{color-scheme:light dark}}</style><h1>{title}</h1><p>{text}</p></html>"""


class NotConnectedError(SyncError):
    """Nobody allowed access."""


class OtherAnswerError(NotConnectedError):
    """The browser brought the answer to a question that isn't ours, or not the latest."""


def read_answer(query: str, state: str) -> str:
    """The code in what the browser brought back.

    Args:
        query: The query of the address.
        state: What we sent along; an answer to another question holds another.

    Raises:
        NotConnectedError: It isn't an answer to us, or access was denied.
    """
    given = {name: values[0] for name, values in parse_qs(query).items()}
    if not hmac.compare_digest(given.get("state", "").encode(), state.encode()):
        raise OtherAnswerError(
            "The answer doesn't belong to this question (its state differs): nothing was "
            "connected. Open the address that was shown last"
        )
    if "error" in given:
        raise NotConnectedError(
            "Access was not allowed in Pipedrive: nothing was connected. "
            "Run `connector connect` again to allow it"
        )
    if not given.get("code"):
        raise NotConnectedError("The answer holds no code: nothing was connected; run this again")
    return given["code"]


class Callback:
    """A small server on the loopback interface; it serves one answer and is gone."""

    def __init__(self, redirect: str, state: str) -> None:
        """Begin to listen.

        Args:
            redirect: The callback address as it is registered with the app; with port 0 a free
                port is taken.
            state: What the answer has to hold.

        Raises:
            ConfigurationError: The port is taken.
        """
        parts = urlsplit(redirect)
        self._state = state
        self._path = parts.path or "/"
        self._answer: str | NotConnectedError | None = None
        try:
            self._server = HTTPServer((parts.hostname or "", parts.port or 0), _handler(self))
        except OSError as error:
            raise ConfigurationError(
                f"{parts.netloc} can't be listened on ({error.strerror}): end what uses the port, "
                "register another callback address and name it with --redirect-uri, "
                "or use --no-browser"
            ) from error
        port = self._server.server_address[1]
        self.address = parts._replace(netloc=f"{parts.hostname}:{port}").geturl()

    def close(self) -> None:
        """Stop listening."""
        self._server.server_close()

    def wait(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> str:
        """Serve until the answer comes; strangers and wrong answers are turned away.

        Returns:
            The code.

        Raises:
            NotConnectedError: It was denied, or none came in time.
        """
        end = clock() + seconds
        left = seconds
        while self._answer is None and left > 0:
            left = end - clock()
            # What came while there was time is looked at, even if the machine was too busy for it.
            self._server.timeout = max(left, 0)
            self._server.handle_request()
        if self._answer is None:
            raise NotConnectedError(
                f"Nobody answered in the browser within {seconds:g} s: nothing was "
                "connected. Run this again; on a machine without a browser with --no-browser"
            )
        if isinstance(self._answer, NotConnectedError):
            raise self._answer
        return self._answer

    def take(self, target: str) -> tuple[int, str, str]:
        """Look at one request of the browser.

        Returns:
            Status, title and text of the page to show.
        """
        parts = urlsplit(target)
        if parts.path != self._path or self._answer is not None:
            return 404, "Nothing here", "This address only takes one answer of Pipedrive."
        try:
            self._answer = read_answer(parts.query, self._state)
        except OtherAnswerError as error:  # anybody may come here with that: go on waiting
            return 400, "Not connected", str(error)
        except NotConnectedError as error:
            self._answer = error
            return 400, "Not connected", str(error)
        return 200, "Almost done", "Go back to the terminal. This window can be closed."


def _handler(callback: Callback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # a browser that connects ahead and says nothing doesn't hold us up

        def do_GET(self) -> None:
            """Answer the browser."""
            status, title, text = callback.take(self.path)
            page = _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: Any) -> None:
            """Log nothing: the address holds the code."""

    return Handler
