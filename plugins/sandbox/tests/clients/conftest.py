"""Clients that nobody here wrote, each installed once a session into a folder of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

NODE_CLIENT = "pipedrive@33.7.0"
INSTALL_SECONDS = 180


class RefusedError(Exception):
    """The client gave an error; `body` is what it hands to its user."""

    def __init__(self, body):
        super().__init__(body)
        self.body = body


class NodeClient:
    """The official Node client, in a process of its own."""

    def __init__(self, folder, address):
        driver = str(Path(__file__).with_name("node_driver.mjs"))
        self._process = subprocess.Popen(
            [shutil.which("node"), driver, str(folder), address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def _ask(self, **request):
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the Node process ended"
        answer = json.loads(line)
        if "error" in answer:
            raise RefusedError(answer["error"])
        return answer.get("result")

    def call(self, version, api, method, token="sandbox-token", **values):
        """One method of one API class: `call("v2", "PersonsApi", "getPerson", id=1)`."""
        return self._ask(
            action="call", version=version, api=api, method=method, values=values, token=token
        )

    def v1(self, api, method, **values):
        return self.call("v1", f"{api}Api", method, **values)

    def v2(self, api, method, **values):
        return self.call("v2", f"{api}Api", method, **values)

    def install(self, **settings):
        """Be an OAuth app from now on; gives the address of the consent page."""
        return self._ask(action="install", settings=settings)["page"]

    def oauth(self, method, argument=None):
        return self._ask(action="oauth", method=method, argument=argument)

    def forget(self):
        """Be no OAuth app any more."""
        self._ask(action="forget")

    def expire(self):
        """Make the client believe that its access token has run out."""
        self._ask(action="expire")

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory):
    """A folder into which npm has put the client."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node and npm are not installed")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text("{}", encoding="utf-8")
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), NODE_CLIENT]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:]
        pytest.skip(f"npm could not install {NODE_CLIENT}: {reason}")
    return folder


@pytest.fixture(scope="session")
def node_process(node_folder, session_sandbox):
    client = NodeClient(node_folder, session_sandbox.pipedrive_url)
    yield client
    client.close()


@pytest.fixture
def node(node_process, sandbox):
    """The client as a user of an API token; `install` makes it an OAuth app."""
    node_process.forget()
    return node_process


@pytest.fixture
def refused():
    """What a refused call gives: `refused(lambda: ...)` is the body of the error."""

    def body_of(call):
        with pytest.raises(RefusedError) as caught:
            call()
        return caught.value.body

    return body_of
