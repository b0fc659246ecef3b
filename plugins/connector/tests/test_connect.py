"""Connecting with Pipedrive in a browser, on a machine without one, and ending it."""

from __future__ import annotations

import re
import socket
import stat
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from urllib.parse import parse_qs, urlencode, urlsplit

import click
import dotenv
import pytest
import requests
from sync_connector.connecting.callback import Callback

ANY_PORT = "--redirect-uri=http://127.0.0.1:0/callback"
TOKENS = ("TAP_PIPEDRIVE_REFRESH_TOKEN", "TARGET_PIPEDRIVE_REFRESH_TOKEN")


def allow(address: str, decision: str = "allow") -> str:
    """Press the button on the consent page; gives the address that the browser is sent to."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    form = {**asked, "user": "1", "decision": decision}
    done = requests.post(address.partition("?")[0], data=form, allow_redirects=False, timeout=10)
    assert done.status_code == 302, done.text
    return done.headers["Location"]


class Browser:
    """A browser with a person before it, who does the same with each page that opens."""

    def __init__(self, what) -> None:
        self.opened: list[str] = []
        self._what = what
        self._busy = ThreadPoolExecutor(1)
        self._done = []

    def open(self, address: str) -> bool:
        self.opened.append(address)
        self._done.append(self._busy.submit(self._what, address))
        return True

    def seen(self):
        """What the person got to see of the last page, once it is all there."""
        return self._done[-1].result()

    def close(self) -> None:
        self._busy.shutdown()
        for done in self._done:
            done.result()


@pytest.fixture
def browser(monkeypatch):
    """Says what a person does in the browser that opens: a function of the page's address."""
    with ExitStack() as stack:

        def person_does(what):
            found = stack.enter_context(closing(Browser(what)))
            monkeypatch.setattr(webbrowser, "open", found.open)
            return found

        yield person_does


def visit(address: str) -> requests.Response:
    return requests.get(address, timeout=10)


def tokens_of(desk) -> dict[str, str]:
    return {name: value for name, value in dotenv.dotenv_values(desk.env).items() if value}


def test_allowing_access_in_the_browser_connects_both_plugins(oauth, browser):
    browser(lambda address: visit(allow(address)))
    shown = oauth.run("connect", ANY_PORT).output
    assert "Connected as Jane" in shown
    written = tokens_of(oauth)
    assert written[TOKENS[0]] == written[TOKENS[1]] != ""
    assert stat.S_IMODE(oauth.env.stat().st_mode) == 0o600


def test_what_was_written_opens_pipedrive_for_the_plugins(oauth, browser, sandbox):
    browser(lambda address: visit(allow(address)))
    oauth.run("connect", ANY_PORT)
    form = {"grant_type": "refresh_token", "refresh_token": tokens_of(oauth)[TOKENS[0]]}
    basic = ("sandbox-client", "sandbox-secret")
    server = f"{sandbox.pipedrive_url}/oauth/token"
    assert requests.post(server, data=form, auth=basic, timeout=10).status_code == 200


def test_no_secret_is_shown_or_written_elsewhere(oauth, browser, sandbox):
    person = browser(lambda address: visit(allow(address)))
    shown = oauth.run("connect", ANY_PORT).output
    (opened,) = person.opened
    state = parse_qs(urlsplit(opened).query)["state"][0]
    for secret in ("sandbox-secret", tokens_of(oauth)[TOKENS[0]]):
        assert secret not in shown
        assert secret not in opened
    assert len(state) >= 32
    assert not any(state in request["path"] for request in sandbox.journal())


def test_the_page_in_the_browser_says_what_to_do_next(oauth, browser):
    person = browser(lambda address: visit(allow(address)))
    oauth.run("connect", ANY_PORT)
    page = person.seen()
    assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert "Go back to the terminal" in page.text


def test_denied_access_connects_nothing_and_says_so(oauth, browser):
    browser(lambda address: visit(allow(address, decision="deny")))
    shown = oauth.run("connect", ANY_PORT, expect=1).output
    assert "Access was not allowed" in shown
    assert not oauth.env.exists()


def test_an_answer_to_another_question_is_turned_away_and_the_right_one_still_counts(
    oauth, browser
):
    def stranger_first(address):
        right = allow(address)
        forged = urlencode({"code": "stolen", "state": "guessed"})
        strange = f"{right.partition('?')[0]}?{forged}"
        pages = [visit(strange), visit(f"{right.partition('/callback')[0]}/favicon.ico")]
        visit(right)
        return pages

    person = browser(stranger_first)
    oauth.run("connect", ANY_PORT)
    pages = person.seen()
    assert [page.status_code for page in pages] == [400, 404]
    assert "doesn't belong to this question" in re.sub("&#x27;", "'", pages[0].text)
    assert tokens_of(oauth)[TOKENS[0]]


@pytest.fixture
def already_there(monkeypatch):
    """Requests that stand at the door before anybody looks at the time; gives what was answered."""
    with ExitStack() as stack:
        sent = []

        def come(query: str) -> list[socket.socket]:
            def open_page(address: str) -> bool:
                back = urlsplit(parse_qs(urlsplit(address).query)["redirect_uri"][0])
                caller = socket.create_connection((back.hostname, back.port), timeout=10)
                sent.append(stack.enter_context(caller))
                caller.sendall(f"GET {back.path}?{query} HTTP/1.0\r\n\r\n".encode())
                return True

            monkeypatch.setattr(webbrowser, "open", open_page)
            return sent

        yield come


def test_only_answers_to_another_question_connect_nothing(oauth, already_there):
    callers = already_there("code=stolen&state=guessed")
    shown = oauth.run("connect", ANY_PORT, "--timeout=0.01", expect=1).output
    assert "Nobody answered" in shown
    assert callers[0].makefile("rb").readline().split()[1] == b"400"
    assert not oauth.env.exists()


def test_an_answer_that_came_in_time_counts_though_it_is_looked_at_too_late():
    with closing(Callback("http://127.0.0.1:0/callback", "ours")) as callback:
        parts = urlsplit(callback.address)
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as caller:
            caller.sendall(b"GET /callback?code=given&state=ours HTTP/1.0\r\n\r\n")
            late = iter((0.0, 2.0))
            assert callback.wait(1, clock=lambda: next(late)) == "given"


def test_nobody_at_the_browser_ends_in_a_sentence(oauth, browser):
    browser(lambda address: None)
    shown = oauth.run("connect", ANY_PORT, "--timeout=0.01", expect=1).output
    assert "within 0.01 s:" in shown
    assert "--no-browser" in shown


def test_a_port_that_is_taken_is_told_with_the_ways_out(oauth):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        redirect = f"http://127.0.0.1:{taken.getsockname()[1]}/callback"
        shown = oauth.run("connect", "--redirect-uri", redirect, expect=1).output
    assert "can't be listened on" in shown
    assert "--no-browser" in shown


@pytest.fixture
def paste(oauth, monkeypatch):
    """A machine without a browser: the address is opened elsewhere and what follows is pasted."""

    def run(what, *arguments, expect=0):
        def pasted(_text, **_options):
            return what(allow(printed[-1]))

        printed = []
        echo = click.echo

        def listen(text="", **options):
            printed.extend(re.findall(r"^http\S+/authorize\?\S+$", text, re.MULTILINE))
            echo(text, **options)

        monkeypatch.setattr(click, "echo", listen)
        monkeypatch.setattr(click, "prompt", pasted)
        return oauth.run("connect", "--no-browser", *arguments, expect=expect).output

    return run


def test_a_machine_without_a_browser_takes_the_address_that_was_pasted(oauth, paste):
    assert "Connected as Jane" in paste(lambda address: f"  {address}\n")
    assert tokens_of(oauth)[TOKENS[1]]


def test_an_https_callback_elsewhere_is_pasted_as_well(oauth, sandbox, paste):
    callback = "https://acme.example/callback"
    sandbox.switches.set("pipedrive.oauth_redirect_uri", callback)
    paste(lambda address: address, "--redirect-uri", callback)
    assert tokens_of(oauth)[TOKENS[0]]


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        (lambda address: re.sub("state=[^&]+", "state=other", address), "state differs"),
        (lambda address: re.sub("code=[^&]+", "code=wrong", address), "a code lives for five"),
        (lambda address: "wrong", "isn't the whole address"),
        (lambda address: re.sub("code=[^&]+&", "", address), "holds no code"),
    ],
    ids=["another state", "a wrong code", "no address", "no code"],
)
def test_a_wrong_paste_is_refused_by_its_own_sentence(oauth, paste, pasted, said):
    assert said in paste(pasted, expect=1)
    assert not oauth.env.exists()


def test_the_client_id_and_the_secret_are_asked_for_where_no_setting_has_them(oauth, browser):
    for role in ("tap-pipedrive", "target-pipedrive"):
        del oauth.settings[role]["client_id"], oauth.settings[role]["client_secret"]
    browser(lambda address: visit(allow(address)))
    shown = oauth.run("connect", ANY_PORT, typed="sandbox-client\nsandbox-secret\n").output
    assert "sandbox-secret" not in shown
    assert tokens_of(oauth)["TAP_PIPEDRIVE_CLIENT_SECRET"] == "sandbox-secret"
    assert tokens_of(oauth)["TARGET_PIPEDRIVE_CLIENT_ID"] == "sandbox-client"


def test_a_wrong_secret_is_told_without_repeating_it(oauth, browser):
    for role in ("tap-pipedrive", "target-pipedrive"):
        oauth.settings[role]["client_secret"] = "mistyped"
    browser(lambda address: visit(allow(address)))
    shown = oauth.run("connect", ANY_PORT, expect=1).output
    assert "compare client_id and client_secret" in shown
    assert "mistyped" not in shown


def test_the_env_file_keeps_its_comments_and_other_lines(oauth, browser):
    before = "# ours\nJOURNY_API_KEY=abc # a key\n\n# OAuth\n"
    before += "TAP_PIPEDRIVE_REFRESH_TOKEN=old\nexport A='b'"
    oauth.env.write_text(before)
    oauth.env.chmod(0o644)
    browser(lambda address: visit(allow(address)))
    oauth.run("connect", ANY_PORT)
    lines = oauth.env.read_text().splitlines()
    assert lines[:4] == ["# ours", "JOURNY_API_KEY=abc # a key", "", "# OAuth"]
    assert "export A='b'" in lines
    assert "old" not in oauth.env.read_text()
    assert stat.S_IMODE(oauth.env.stat().st_mode) == 0o600


def test_an_api_token_in_the_env_file_is_emptied_after_asking(oauth, browser):
    oauth.env.write_text("PIPEDRIVE_API_TOKEN=personal\n")
    oauth.settings["tap-pipedrive"]["api_token"] = "personal"
    browser(lambda address: visit(allow(address)))
    shown = oauth.run("connect", ANY_PORT, typed="n\n").output
    assert "PIPEDRIVE_API_TOKEN counts before OAuth" in shown
    assert tokens_of(oauth)["PIPEDRIVE_API_TOKEN"] == "personal"
    oauth.run("connect", ANY_PORT, "--yes")
    assert "PIPEDRIVE_API_TOKEN" not in tokens_of(oauth)


def test_an_api_token_elsewhere_is_named(oauth, browser):
    oauth.settings["target-pipedrive"]["api_token"] = "personal"
    browser(lambda address: visit(allow(address)))
    shown = oauth.run("connect", ANY_PORT).output
    assert "target-pipedrive has an api_token elsewhere than in .env" in shown
    assert "personal" not in shown


def test_the_least_scopes_are_said_with_what_they_are_for(oauth, browser):
    oauth.settings["target-pipedrive"]["owner"] = "jane@acme.example"
    browser(lambda address: visit(allow(address)))
    shown = oauth.run("connect", ANY_PORT).output
    table = shown.partition("and no others:")[2].partition("Allow access")[0]
    assert re.findall(r"[a-z-]+:[a-z]+", table) == ["contacts:full", "search:read", "users:read"]
    assert "finding the owner of what is created" in table
    assert "these can go: activities:full, admin" in shown


def test_missing_scopes_are_said_with_what_will_not_work(oauth, browser, sandbox):
    sandbox.switches.set("pipedrive.oauth_scopes", "base contacts:read")
    browser(lambda address: visit(allow(address)))
    shown = oauth.run("connect", ANY_PORT).output
    assert re.search(r"contacts:full +│ writing persons", shown)
    assert "Add these scopes to the app" in shown


@pytest.fixture
def connected(oauth, browser):
    """A desk that is connected; the settings have what `.env` has, as Meltano reads it."""
    browser(lambda address: visit(allow(address)))
    oauth.run("connect", ANY_PORT)
    for role, name in zip(("tap-pipedrive", "target-pipedrive"), TOKENS, strict=True):
        oauth.settings[role]["refresh_token"] = tokens_of(oauth)[name]
    return oauth


def test_disconnecting_uninstalls_the_app_and_forgets(connected, sandbox):
    connected.env.write_text(connected.env.read_text() + "# kept\n")
    token = connected.settings["tap-pipedrive"]["refresh_token"]
    shown = connected.run("disconnect").output
    assert "the app is uninstalled" in shown
    assert token not in shown
    assert "# kept" in connected.env.read_text()
    assert not set(TOKENS) & tokens_of(connected).keys()
    form = {"grant_type": "refresh_token", "refresh_token": token}
    basic = ("sandbox-client", "sandbox-secret")
    server = f"{sandbox.pipedrive_url}/oauth/token"
    assert requests.post(server, data=form, auth=basic, timeout=10).status_code == 400


def test_disconnecting_removes_a_token_that_replaced_the_configured_one(connected, tmp_path):
    kept = tmp_path / "state" / "pipedrive-journy" / "oauth-default.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")
    connected.run("disconnect")
    assert not kept.exists()


def test_disconnecting_without_an_answer_keeps_everything_unless_forced(connected, sandbox):
    sandbox.fault("/pipedrive/oauth/revoke", "POST", action={"status": 403}, times=None)
    assert connected.run("disconnect", expect=1)
    assert set(TOKENS) <= tokens_of(connected).keys()
    assert "Not revoked" in connected.run("disconnect", "--force").output
    assert not set(TOKENS) & tokens_of(connected).keys()


def test_a_token_outside_of_the_env_file_is_named(connected):
    connected.env.unlink()
    assert "has its refresh_token elsewhere" in connected.run("disconnect").output


def test_disconnecting_what_is_not_connected_says_so(oauth):
    assert "Nothing is connected" in oauth.run("disconnect").output


def test_a_project_without_pipedrive_has_nothing_to_connect(desk):
    del desk.settings["tap-pipedrive"], desk.settings["target-pipedrive"]
    assert "nothing to connect" in desk.run("connect", expect=1).output
