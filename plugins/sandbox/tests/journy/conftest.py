"""One journy service for all tests here, served over HTTP and reset before each test."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from sync_sandbox.clock import Clock
from sync_sandbox.journy import API_KEY, SWITCHES, JournyService
from sync_sandbox.population import populate
from sync_sandbox.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Iterator

USERS, ACCOUNTS = 120, 60


@dataclass
class Journy:
    """A client for the tests, and what they turn: the clock, the switches, the service itself."""

    url: str
    service: JournyService
    clock: Clock
    switches: Switches
    session: requests.Session
    key: str = API_KEY

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        headers = {"X-Api-Key": self.key} | options.pop("headers", {})
        sent = {"json": body} if body is not None else {}
        url = self.url + path
        return self.session.request(method, url, headers=headers, timeout=10, **sent, **options)

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Any) -> requests.Response:
        return self.call("POST", path, body)

    def upsert_user(self, properties: dict[str, Any] | None = None, **who: str) -> dict[str, Any]:
        return self._upsert("/users/upsert", who, properties)

    def upsert_account(
        self, properties: dict[str, Any] | None = None, **which: str
    ) -> dict[str, Any]:
        return self._upsert("/accounts/upsert", which, properties)

    def _upsert(self, path: str, who: dict[str, str], properties: Any) -> dict[str, Any]:
        answer = self.post(path, {"identification": who, "properties": properties or {}})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def add_members(self, account: dict[str, str], *users: dict[str, str]) -> None:
        members = [{"identification": user} for user in users]
        answer = self.post("/accounts/users/add", {"account": account, "users": members})
        assert answer.status_code == 201, answer.text

    def everything(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """All records of a list, page by page."""
        rows: list[dict[str, Any]] = []
        while True:
            answer = self.get(path, **params)
            assert answer.status_code == 200, answer.text
            rows += answer.json()["data"]
            if (following := answer.json()["paging"]["next"]) is None:
                return rows
            params["cursor"] = following

    def find(self, path: str, **wanted: str) -> list[dict[str, Any]]:
        rows = self.everything(path, limit=500)
        return [row for row in rows if all(row[name] == value for name, value in wanted.items())]

    def user(self, **wanted: str) -> dict[str, Any]:
        (row,) = self.find("/users", **wanted)
        return row

    def account(self, **wanted: str) -> dict[str, Any]:
        (row,) = self.find("/accounts", **wanted)
        return row


class _Server(uvicorn.Server):
    """Tells when it listens, so that nobody has to ask again and again."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets=sockets)
        self.listening.set()


@pytest.fixture(scope="session")
def _served() -> Iterator[Journy]:
    clock, switches = Clock(), Switches(SWITCHES)
    service = JournyService(clock, switches)
    service.load(populate(seed=1, persons=80, organizations=50, users=USERS, accounts=ACCOUNTS))
    app = Starlette(routes=[Mount("/journy", service.app)])
    options: dict[str, Any] = {"lifespan": "off", "ws": "none", "log_level": "warning"}
    server = _Server(uvicorn.Config(app, host="127.0.0.1", port=0, **options))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.listening.wait(30)
    port = server.servers[0].sockets[0].getsockname()[1]
    with requests.Session() as session:
        yield Journy(f"http://127.0.0.1:{port}/journy", service, clock, switches, session)
    server.should_exit = True
    thread.join(30)


@pytest.fixture
def journy(_served: Journy) -> Journy:
    _served.switches.reset()
    _served.clock.reset()
    _served.service.reset()
    _served.key = API_KEY
    return _served


@pytest.fixture
def nobody(journy: Journy) -> Journy:
    """The same service without any user or account."""
    world = journy.service.dump()
    journy.service.restore(world | {"records": {"user": [], "account": []}, "occurrences": []})
    return journy
