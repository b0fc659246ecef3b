"""A sandbox for the whole session, clients that wait without taking time, and empty ledgers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests
import sqlalchemy as sa
from sync_core.http import HttpClient
from sync_core.journy import JournyClient
from sync_core.journy.client import JournyPacer
from sync_core.ledger import Ledger, tables
from sync_core.pacing import Pacer
from sync_core.pipedrive import PipedriveClient
from sync_core.pipedrive.service import PipedrivePacer
from sync_sandbox import Sandbox

SMALL = {"seed": 7, "persons": 60, "organizations": 12, "users": 5, "accounts": 3}
URL = "http://service.test"


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.slept.append(seconds)
        self.now += seconds


class Key(requests.auth.AuthBase):
    def __call__(self, request):
        request.headers["x-key"] = "s3cret"
        return request


@pytest.fixture(scope="session")
def session_sandbox() -> Iterator[Sandbox]:
    with Sandbox(**SMALL) as sandbox:
        yield sandbox


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def http(clock: Clock) -> Callable[..., HttpClient]:
    """A client of any service, whose waits take no time."""

    def make(url: str = URL, pacer: type[Pacer] = PipedrivePacer, **options) -> HttpClient:
        return HttpClient(
            "Service",
            url,
            auth=Key(),
            user_agent="test/1",
            secrets=("s3cret",),
            pacer=pacer(sleep=clock.sleep, clock=clock),
            sleep=clock.sleep,
            **options,
        )

    return make


@pytest.fixture
def pipedrive(sandbox: Sandbox, clock: Clock) -> PipedriveClient:
    client = PipedriveClient(
        api_token="sandbox-token", user_agent="test/1", api_url=sandbox.pipedrive_url
    )
    client.http._pacer = PipedrivePacer(sleep=clock.sleep, clock=clock)
    client.http._sleep = clock.sleep
    return client


@pytest.fixture
def journy(sandbox: Sandbox, clock: Clock) -> JournyClient:
    client = JournyClient(api_key="sandbox-key", user_agent="test/1", api_url=sandbox.journy_url)
    client.http._pacer = JournyPacer(sleep=clock.sleep, clock=clock)
    client.http._sleep = clock.sleep
    return client


@pytest.fixture(scope="session")
def postgres(postgres) -> str:
    """The URL of a database on the tests' own server."""
    return postgres.fresh("ledger")


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request, tmp_path):
    """A ledger's address, of each kind of database that a ledger can be in."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'a folder'}.db"
    found = request.getfixturevalue("postgres")
    engine = sa.create_engine(found)
    tables.metadata.drop_all(engine)
    engine.dispose()
    return found


@pytest.fixture
def open_ledger(ledger_url):
    opened = []

    def make(connection="default", policy=None):
        opened.append(Ledger(ledger_url, connection, policy))
        return opened[-1]

    yield make
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger):
    return open_ledger()
