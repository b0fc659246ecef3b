"""Answers that go wrong on the wire itself, from a server that sends what bytes it likes.

Blind spot: HTTP/1.1 without TLS.
"""

from __future__ import annotations

import gzip
import socket
import threading
import zlib

import pytest
from sync_core import errors, times
from sync_core.calls import Call

READ, CHANGE = Call("GET", "/things"), Call("PATCH", "/things/1", body={"a": 1})
REMOVE = Call("DELETE", "/things/1")
CREATE = Call("POST", "/things", body={"a": 1}, repeatable=False)
HEAD = b"HTTP/1.1 200 OK\r\n"
FINE = HEAD + b"Content-Length: 2\r\n\r\n{}"
ZIPPED = gzip.compress(b'{"name": "' + b"Ann" * 100 + b'"}')
#: What comes, before the connection ends.
BROKEN = {
    "nothing": b"",
    "no HTTP at all": b"220 mail.example ESMTP\r\n",
    "half a body": HEAD + b'Content-Length: 100\r\n\r\n{"a":',
    "half a body of unknown length": HEAD + b'\r\n{"a": [1, 2',
    "half a chunk": HEAD + b'Transfer-Encoding: chunked\r\n\r\n50\r\n{"a":',
    "no last chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "a chunk without a size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "not what gzip makes": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
    "half of what gzip made": HEAD + b"Content-Encoding: gzip\r\n\r\n" + ZIPPED[:-20],
    "a head without end": HEAD + b"x: " + b"a" * 70_000 + b"\r\n\r\n",
    "hints of an answer": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
}


class Server:
    """Takes requests, and answers each as the next of its answers says; the last one stays."""

    def __init__(self):
        self.answers, self.requests, self.hangs_up = [FINE], [], True
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:  # closed
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection):
        while (request := self._read(connection)) is not None:
            self.requests.append(request)
            answer = self.answers.pop(0) if self.answers[1:] else self.answers[0]
            try:
                for piece in [answer] if isinstance(answer, bytes) else answer():
                    connection.sendall(piece)
            except OSError:  # the client has enough of it
                return
            if self.hangs_up:
                return

    @staticmethod
    def _read(connection):
        with connection.makefile("rb") as lines:
            first, length = lines.readline().decode(), 0
            for line in iter(lines.readline, b"\r\n"):
                if not line:
                    return None
                name, _, value = line.decode().partition(":")
                length = int(value) if name.lower() == "content-length" else length
            lines.read(length)
        return first.partition(" HTTP")[0]

    def close(self):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("call", [READ, CHANGE, REMOVE], ids=lambda call: call.method)
def test_what_may_be_repeated_is_sent_again_and_gets_its_own_answer(server, http, call, answer):
    server.answers = [answer, FINE]
    assert http(server.url).send(call) == {}
    assert len(server.requests) == 2


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_a_create_is_sent_once_and_the_next_call_gets_its_own_answer(server, http, answer):
    server.answers = [answer, FINE]
    client = http(server.url)
    with pytest.raises(errors.AmbiguousWriteError):
        client.send(CREATE)
    assert client.send(READ) == {}
    assert server.requests == ["POST /things", "GET /things"]


def test_connections_that_the_server_ends_between_calls_cost_nothing(server, http):
    client = http(server.url)
    for call in (READ, CHANGE, REMOVE):
        assert client.send(call) == {}
    assert len(server.requests) == 3


@pytest.mark.parametrize("place", ["http://[elsewhere", "//", "http://elsewhere.test:port/", ""])
def test_a_redirect_to_nowhere_is_told_as_any_other(server, http, place):
    head = f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n"
    server.answers = [head.encode()]
    for call in (READ, CREATE):
        with pytest.raises(errors.UnreachableError, match="redirects aren't followed"):
            http(server.url).send(call)
    assert len(server.requests) == 2


@pytest.fixture
def trickle(monkeypatch, clock):
    """Makes answers of which a byte comes just before each time-out, on and on."""
    monkeypatch.setattr(times, "steady", clock)

    def trickle(beginning, rest=b" "):
        def pieces():
            yield beginning
            for _ in range(10**6):  # more than can be under way before the client reads on
                clock.now += 59
                yield rest

        return pieces

    return trickle


#: How an answer without an end begins, and how it goes on.
ENDLESS = {
    "a head": (HEAD + b"x: ", b"a"),
    "heads of answers to come": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body": (HEAD + b"Content-Length: 100000\r\n\r\n{", b" "),
    "a body of unknown length": (HEAD + b"\r\n{", b" "),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a refusal": (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 100000\r\n\r\n{", b" "),
}


@pytest.fixture(scope="module")
def bomb():
    """An answer of 129 MiB, in 129 KiB."""
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    body = b"".join(packer.compress(b" " * 2**20) for _ in range(129)) + packer.flush()
    return HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS)
@pytest.mark.parametrize("call", [READ, CHANGE, CREATE], ids=lambda call: call.method)
def test_an_answer_that_trickles_ends_after_five_minutes(server, http, trickle, call, answer):
    server.answers = [trickle(*answer), FINE]
    client = http(server.url)
    with pytest.raises(errors.TransientError, match=r"Service gave .* over after 300 s") as caught:
        client.send(call)
    assert isinstance(caught.value, errors.AmbiguousWriteError) is (call is CREATE)
    assert len(server.requests) == 1, "five times five minutes help nobody"
    assert client.send(READ) == {}


@pytest.mark.parametrize("call", [READ, CHANGE, CREATE], ids=lambda call: call.method)
def test_an_answer_that_has_no_end_once_it_is_unpacked_is_left(server, http, bomb, call):
    server.answers = [bomb, FINE]
    client = http(server.url)
    with pytest.raises(errors.TransientError, match="more than 128 MiB") as caught:
        client.send(call)
    assert isinstance(caught.value, errors.AmbiguousWriteError) is (call is CREATE)
    assert client.usage.calls == 1
    assert client.send(READ) == {}
    assert len(server.requests) == 2


def test_a_page_that_is_large_but_has_an_end_is_read(server, http):
    page = gzip.compress(b" " * 40 * 2**20 + b"{}")
    head = f"Content-Encoding: gzip\r\nContent-Length: {len(page)}\r\n\r\n"
    server.answers = [HEAD + head.encode() + page]
    assert http(server.url).send(READ) == {}
