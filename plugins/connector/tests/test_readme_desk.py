"""What the README shows of connect and check is what they say, but for addresses."""

from __future__ import annotations

import re
import webbrowser
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

README = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")


def shown(command: str) -> list[str]:
    """The lines that the README shows below a command."""
    (block,) = re.findall(
        rf"```text\n\$ \.venv/bin/connector {re.escape(command)}\n(.*?)```", README, re.DOTALL
    )
    return lines(block)


def lines(text: str) -> list[str]:
    """What doesn't depend on the machine."""
    text = re.sub(r"http\S+/authorize\S+", "<address>", text)
    text = re.sub(r"(Written to )\S+", r"\1<file>", text)
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.usual("pipedrive.daily_headers")
def test_check_says_what_the_readme_shows(desk, sandbox):
    sandbox.reset(plan="lite", seats=1)
    desk.settings["target-journy"]["api_key"] = "mistyped"
    assert lines(desk.run("check", "--quick", expect=1).output) == shown("check --quick")


def test_connect_says_what_the_readme_shows(oauth, sandbox, monkeypatch):
    sandbox.switches.set("pipedrive.oauth_scopes", "base contacts:full search:read users:read")
    oauth.settings["target-pipedrive"]["owner"] = "jane@acme.com"
    threads = []

    def open_page(address: str) -> bool:
        threads.append(Thread(target=allow, args=(address,)))
        threads[0].start()
        return True

    monkeypatch.setattr(webbrowser, "open", open_page)
    done = oauth.run("connect", "--redirect-uri", "http://127.0.0.1:0/callback")
    threads[0].join()
    assert lines(done.output) == shown("connect")


def allow(address: str) -> None:
    """Press the button on the consent page, and go where it leads."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    form = {**asked, "user": "1", "decision": "allow"}
    requests.post(address.partition("?")[0], data=form, timeout=10)
