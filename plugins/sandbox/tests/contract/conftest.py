"""What the contract tests share: the vendor's files, and one answer of each operation."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from sync_sandbox import Sandbox
from sync_sandbox.pipedrive.routes import ENDPOINTS

HERE = Path(__file__).parent


def module(path):
    """A module that lies beside the tests, or near them."""
    name = f"sandbox_contract_{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


calls = module(HERE / "calls.py")
clients = module(HERE.parent / "conftest.py")


@pytest.fixture(scope="session")
def beside():
    """A module of this folder by its name."""
    return lambda name: module(HERE / f"{name}.py")


@pytest.fixture(scope="session")
def vendor():
    """The operations of the vendor's files by method and path."""
    pytest.importorskip("yaml", reason="PyYAML reads the OpenAPI files")
    found = module(HERE.parent / "pipedrive" / "openapi.py").operations()
    if found is None:
        pytest.skip("no OpenAPI files: set SANDBOX_OPENAPI_DIR to the folder that holds them")
    return found


CONTACT_SYNC = {"pipedrive.contact_sync": True}


@pytest.fixture(scope="session")
def still():
    """A company with a record of each kind that is only ever read."""
    with Sandbox(**clients.SMALL, switches=CONTACT_SYNC) as sandbox:
        client = clients.Client(sandbox)
        yield calls.World(client)
        client.session.close()


@pytest.fixture(scope="session")
def ask(session_sandbox, still):
    """Carries out an operation as `calls` says: a write in a company that nobody has touched."""
    client = clients.Client(session_sandbox)

    def send(method, path, **params):
        known = still
        if method != "GET":
            session_sandbox.reset(switches=CONTACT_SYNC)
            known = calls.World(client)
        return known.send(method, path, calls.CALLS[method, path], **params)

    yield send
    client.session.close()


@pytest.fixture(scope="session")
def answers(ask):
    """The answer of each operation."""
    return {(one.method, one.path): ask(one.method, one.path) for one in ENDPOINTS}
