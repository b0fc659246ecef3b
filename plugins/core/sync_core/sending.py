"""Sending requests over kept connections; what surrounds them is looked up once for an address."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import ConnectionPool

from sync_core import bounding
from sync_core.calls import Call
from sync_core.pacing import MOST_WORKERS

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
POOL_SIZE = MOST_WORKERS
_JSON = {"Content-Type": "application/json"}

# urllib3 logs every path with its query at debug level, and Pipedrive's searches carry e-mail
# addresses there. A filter holds whatever level a logging configuration sets later.
logging.getLogger("urllib3.connectionpool").addFilter(lambda record: record.levelno > logging.DEBUG)


class _KeptPools(HTTPAdapter):
    """Finds the connections to an address once; else each call looks for certificates on disk."""

    def __init__(self) -> None:
        super().__init__(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE, max_retries=0)
        self._pools: dict[Any, ConnectionPool] = {}

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> ConnectionPool:
        """The connections for a request, as `requests` lets an adapter choose them."""
        host = str(request.url).split("/", 3)[:3]
        name = (*host, verify, cert, *(proxies or {}).items())
        if name not in self._pools:
            found = super().get_connection_with_tls_context(request, verify, proxies, cert)
            self._pools[name] = bounding.in_time(found)
        return self._pools[name]


class _Stays(requests.Session):
    """Looks for no other address in an answer: the library does, and fails at one that is none."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        """None, whatever the answer says."""
        return


class Sender:
    """A `requests` session; safe to use from several threads.

    The session's own `request` asks the environment for proxies and certificates, and merges
    cookies and headers, for each call anew: a third of what a call takes.
    """

    def __init__(self, user_agent: str) -> None:
        """Prepare; nothing is sent yet.

        Args:
            user_agent: Sent with each request.
        """
        self._session = _Stays()
        self._session.headers["User-Agent"] = user_agent
        self._headers = {**self._session.headers}
        self._surroundings: dict[str, Any] = {}
        adapter = _KeptPools()
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def send(self, call: Call, address: str, auth: requests.auth.AuthBase) -> requests.Response:
        """Send a call once; redirects aren't followed.

        Args:
            call: The call.
            address: The service's, up to where the calls' paths begin.
            auth: Adds the credential, as a header.

        Raises:
            requests.RequestException: No answer came, or none that has an end.
        """
        if address not in self._surroundings:
            found = self._session.merge_environment_settings(address, {}, True, None, None)
            self._surroundings[address] = found
        response = self._session.send(
            self._prepared(call, address, auth),
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            **self._surroundings[address],
        )
        response._content = bounding.whole(response)  # noqa: SLF001 - no other way
        return response

    def _prepared(
        self, call: Call, address: str, auth: requests.auth.AuthBase
    ) -> requests.PreparedRequest:
        content = None if call.body is None else msgspec.json.encode(call.body)
        params = {k: v for k, v in call.params.items() if v is not None}
        request = requests.PreparedRequest()
        request.prepare_method(call.method)
        request.prepare_url(address + call.path, params or "")
        request.prepare_headers(self._headers if content is None else {**self._headers, **_JSON})
        request.prepare_cookies(self._session.cookies)
        request.prepare_body(call.form if content is None else content, None)
        request.prepare_auth(auth)
        return request
