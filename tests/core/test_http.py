"""What an HTTP client does with refusals, losses and nonsense, by what a call means."""

from __future__ import annotations

import logging
import socket
import ssl
import traceback

import pytest
import requests
from requests_mock import Mocker
from sync_core import errors
from sync_core.calls import Call
from sync_core.pacing import Pacer
from sync_core.pipedrive import PipedriveClient
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError
from urllib3.exceptions import SSLError as PoolSSLError

URL = "http://service.test"
READ = Call("GET", "/things", {"term": "jane@acme.example"})
CHANGE = Call("PATCH", "/things/1", body={"a": 1}, tokens=5)
UPSERT = Call("POST", "/things/upsert", body={"a": 1})
CREATE = Call("POST", "/things", body={"a": 1}, repeatable=False, tokens=5)
REPEATABLE = pytest.mark.parametrize("call", [READ, CHANGE, UPSERT], ids=["get", "patch", "upsert"])
ALL = pytest.mark.parametrize(
    "call", [READ, CHANGE, UPSERT, CREATE], ids=["get", "patch", "upsert", "create"]
)


@pytest.fixture
def wire():
    with Mocker() as mocker:
        yield mocker


def pool_error(reason):
    return MaxRetryError(None, "/things?term=jane@acme.example", reason)


REFUSED = requests.ConnectionError(pool_error(NewConnectionError(None, "refused")))
LOSSES = {
    "time-out": requests.ReadTimeout("/things?term=jane@acme.example"),
    "reset": requests.ConnectionError(ProtocolError("aborted", ConnectionResetError(104, "reset"))),
    "truncated": requests.exceptions.ChunkedEncodingError("IncompleteRead"),
}
SPOILT = {
    "malformed": {"text": '{"success":tru'},
    "page": {"text": "<html>hello</html>"},
    "not utf-8": {"content": b'"\xff"'},
    "nested without end": {"text": "[" * 5000},
    "a number out of range": {"text": "[1e999]"},
    "500": {"status_code": 500, "json": {}},
    "502 page": {"status_code": 502, "text": "<html>"},
    "503": {"status_code": 503, "json": {}},
    "524": {"status_code": 524},
    "408": {"status_code": 408, "json": {}},
}
LOST = pytest.mark.parametrize(
    "answer",
    [pytest.param({"exc": each}, id=name) for name, each in LOSSES.items()]
    + [pytest.param(each, id=name) for name, each in SPOILT.items()],
)


@REPEATABLE
@LOST
def test_a_call_that_may_be_repeated_is(wire, http, call, answer):
    wire.register_uri(call.method, URL + call.path, [answer, {"json": {"data": 1}}])
    assert http().send(call) == {"data": 1}
    assert wire.call_count == 2


@REPEATABLE
@LOST
def test_repeating_ends_after_five_tries(wire, http, call, answer, clock):
    wire.register_uri(call.method, URL + call.path, [answer])
    with pytest.raises(errors.TransientError) as caught:
        http().send(call)
    assert type(caught.value) is errors.TransientError
    assert wire.call_count == 5
    assert len(clock.slept) == 4
    assert sum(clock.slept) <= 15


@LOST
def test_a_create_without_a_usable_answer_is_never_sent_again(wire, http, answer):
    wire.post(URL + CREATE.path, [answer])
    with pytest.raises(errors.AmbiguousWriteError, match="looked up before it is sent again"):
        http().send(CREATE)
    assert wire.call_count == 1


NOT_SENT = {
    "refused": REFUSED,
    "connect time-out": requests.ConnectTimeout("slow"),
    "behind a proxy": requests.exceptions.ProxyError(
        pool_error(OSError("proxy", NewConnectionError(None, "refused")))
    ),
}


@ALL
@pytest.mark.parametrize("error", NOT_SENT.values(), ids=NOT_SENT.keys())
def test_a_call_that_was_never_sent_is_sent_again(wire, http, call, error):
    wire.register_uri(call.method, URL + call.path, [{"exc": error}, {"json": {"data": 1}}])
    client = http()
    assert client.send(call) == {"data": 1}
    assert client.usage.calls == 1


@ALL
def test_an_address_where_nothing_answers(wire, http, call):
    wire.register_uri(call.method, URL + call.path, exc=REFUSED)
    client = http()
    with pytest.raises(errors.UnreachableError, match="check api_url and the network"):
        client.send(call)
    assert wire.call_count == 5
    assert client.usage.calls == client.usage.tokens == 0


def test_a_name_that_does_not_resolve(http):
    with pytest.raises(errors.UnreachableError, match=r"http://nowhere\.invalid"):
        http("http://nowhere.invalid").send(CREATE)


def test_a_port_where_nobody_listens(http):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(errors.UnreachableError, match=address):
            http(address).send(CREATE)


def test_a_certificate_that_is_not_trusted_is_told_at_once(wire, http):
    reason = PoolSSLError(ssl.SSLCertVerificationError(1, "self-signed certificate"))
    wire.post(URL + CREATE.path, exc=requests.exceptions.SSLError(pool_error(reason)))
    with pytest.raises(errors.UnreachableError, match="certificate that isn't trusted"):
        http().send(CREATE)
    assert wire.call_count == 1


KINDS = {
    400: errors.InvalidError,
    401: errors.AuthenticationError,
    402: errors.AccountClosedError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    405: errors.InvalidError,
    410: errors.NotFoundError,
    415: errors.InvalidError,
    422: errors.InvalidError,
    301: errors.UnreachableError,
    307: errors.UnreachableError,
}


@ALL
@pytest.mark.parametrize(("status", "kind"), KINDS.items(), ids=map(str, KINDS))
def test_a_refusal_has_its_kind_and_costs_one_request(wire, http, call, status, kind):
    wire.register_uri(
        call.method, URL + call.path, status_code=status, json={"error": "No", "error_info": "why"}
    )
    client = http()
    with pytest.raises(errors.ApiError) as caught:
        client.send(call)
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert caught.value.detail == "No; why"
    assert f"answered {status} to {call.method} {call.path}: No; why" in str(caught.value)
    assert wire.call_count == client.usage.calls == 1
    assert client.usage.tokens == call.tokens


BLOCKS = {
    "html": {"text": "<html>", "headers": {"Content-Type": "text/html; charset=UTF-8"}},
    "capitals": {"text": "{}", "headers": {"Content-Type": "TEXT/HTML"}},
    "not json": {"text": "error code: 1020", "headers": {"Content-Type": "text/plain"}},
}


@ALL
@pytest.mark.parametrize("page", BLOCKS.values(), ids=BLOCKS.keys())
def test_an_abuse_block_ends_it_at_once(wire, http, call, page):
    wire.register_uri(call.method, URL + call.path, status_code=403, **page)
    with pytest.raises(errors.BlockedError, match="wait before running again") as caught:
        http().send(call)
    assert wire.call_count == 1
    assert "<html>" not in str(caught.value)


def test_errors_that_no_other_call_can_survive_are_listed():
    fatal = (
        errors.AuthenticationError,
        errors.AccountClosedError,
        errors.BlockedError,
        errors.BudgetSpentError,
        errors.UnreachableError,
    )
    assert set(fatal) == set(errors.FATAL)


def test_a_service_may_mean_another_thing_by_a_status(wire, http):
    wire.get(URL + READ.path, status_code=403, json={"message": "disabled"})
    with pytest.raises(errors.AuthenticationError):
        http(errors={403: errors.AuthenticationError}).send(READ)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_an_empty_success_is_no_error(wire, http, status):
    wire.get(URL + READ.path, status_code=status)
    assert http().send(READ) is None


def test_redirects_are_not_followed(wire, http):
    elsewhere = wire.get("http://elsewhere.test/things", json={})
    wire.get(URL + READ.path, status_code=302, headers={"Location": "http://elsewhere.test/things"})
    with pytest.raises(errors.UnreachableError, match="redirects aren't followed; check api_url"):
        http().send(READ)
    assert not elsewhere.called


def test_no_call_may_hang_for_ever(wire, http):
    wire.get(URL + READ.path, json={})
    http().send(READ)
    assert wire.last_request.timeout == (5.0, 60.0)


def test_parameters_without_a_value_are_left_out(wire, http):
    wire.get(URL + READ.path, json={})
    http().get("/things", {"cursor": None, "limit": 500})
    assert wire.last_request.query == "limit=500"


# 429


WAITS = {
    "reset": ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, 1),
    "nothing": ({}, 2),
    "retry-after": ({"Retry-After": "7"}, 7),
    "retry-after wins": ({"Retry-After": "3", "x-ratelimit-reset": "1"}, 3),
    "retry-after of the past": ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
    "retry-after far ahead": ({"Retry-After": "Wed, 21 Oct 2199 07:28:00 GMT"}, 60),
    "retry-after of a day": ({"Retry-After": "86400"}, 60),
    "retry-after by the service's clock": (
        {"Retry-After": "Wed, 21 Oct 2015 07:28:05 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"},
        5,
    ),
    "retry-after in words": ({"Retry-After": "soon"}, 2),
    "retry-after below zero": ({"Retry-After": "-5"}, 0),
    "retry-after not a number": ({"Retry-After": "nan"}, 2),
    "retry-after endless": ({"Retry-After": "inf"}, 2),
    "reset below zero": ({"x-ratelimit-reset": "-5"}, 0),
    "reset as a moment": ({"x-ratelimit-reset": "1750000000"}, 60),
    "reset in words": ({"x-ratelimit-reset": "soon"}, 2),
}


@ALL
@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS.keys())
def test_a_burst_refusal_waits_as_told_and_goes_on(wire, http, clock, call, wait):
    headers, seconds = wait
    refusal = {"status_code": 429, "headers": headers, "json": {}}
    wire.register_uri(call.method, URL + call.path, [refusal, {"json": {"data": 1}}])
    client = http()
    assert client.send(call) == {"data": 1}
    assert sum(clock.slept) == pytest.approx(seconds)
    assert client.usage.by_method == {f"{call.method} 429": 1, f"{call.method} 200": 1}
    assert client.usage.tokens == 2 * call.tokens


@ALL
def test_a_burst_limit_that_stays_shut_is_given_up(wire, http, clock, call):
    wire.register_uri(call.method, URL + call.path, status_code=429, json={})
    with pytest.raises(errors.RateLimitedError, match="fewer runs side by side"):
        http().send(call)
    assert wire.call_count == 5
    assert clock.slept == [2, 4, 8, 16]


@pytest.mark.parametrize("agent", ["a\nb", " a", "sync → Pipedrive"])
def test_a_user_agent_that_no_header_takes_is_refused_by_its_setting(agent):
    with pytest.raises(errors.ConfigurationError, match="user_agent"):
        PipedriveClient(api_token="t", user_agent=agent)


@pytest.mark.parametrize("headers", [{"x-ratelimit-reset": "0"}, {"Retry-After": "0"}])
def test_a_limit_that_stays_shut_although_it_is_said_to_open_is_not_hammered(
    wire, http, clock, headers
):
    refusal = {"status_code": 429, "headers": {"x-ratelimit-remaining": "0", **headers}, "json": {}}
    wire.post(URL + CREATE.path, [*[refusal] * 4, {"json": {"data": 1}}])
    assert http().send(CREATE) == {"data": 1}
    assert clock.slept == [2, 4, 8]


SPENT = {
    "the daily header": {"x-daily-ratelimit-token-remaining": "0"},
    "less left than the call costs": {"x-daily-ratelimit-token-remaining": "4"},
    "a burst window with room": {"x-ratelimit-remaining": "19", "x-ratelimit-reset": "2"},
}


@pytest.mark.parametrize("headers", SPENT.values(), ids=SPENT.keys())
def test_a_spent_daily_budget_ends_it_at_once(wire, http, clock, headers):
    wire.post(URL + CREATE.path, status_code=429, headers=headers, json={})
    with pytest.raises(errors.BudgetSpentError, match="next run after the reset"):
        http().send(CREATE)
    assert wire.call_count == 1
    assert clock.slept == []


BURST = {
    "daily tokens left": {"x-daily-ratelimit-token-remaining": "5", "x-ratelimit-remaining": "3"},
    "no word of either": {},
    "a full window": {"x-ratelimit-remaining": "0"},
}


@pytest.mark.parametrize("headers", BURST.values(), ids=BURST.keys())
def test_a_burst_is_not_taken_for_the_daily_budget(wire, http, headers):
    refusal = {"status_code": 429, "headers": headers, "json": {}}
    wire.post(URL + CREATE.path, [refusal, {"json": {}}])
    assert http().send(CREATE) == {}


def test_a_service_without_a_budget_has_bursts_only(wire, http):
    refusal = {"status_code": 429, "headers": {"x-ratelimit-remaining": "5"}, "json": {}}
    wire.get(URL + READ.path, [refusal, {"json": {}}])
    assert http(pacer=Pacer).send(READ) == {}


def test_maintenance_may_say_how_long_it_takes(wire, http, clock):
    wire.get(
        URL + READ.path,
        [{"status_code": 503, "headers": {"Retry-After": "30"}, "json": {}}, {"json": {}}],
    )
    http().send(READ)
    assert clock.slept == [30]


# Counting


def test_every_call_that_left_is_counted(wire, http):
    lost = {"exc": requests.ReadTimeout()}
    wire.patch(URL + CHANGE.path, [lost, {"status_code": 503, "json": {}}, {"json": {}}])
    client = http()
    client.send(CHANGE)
    assert client.usage.by_method == {"PATCH no answer": 1, "PATCH 503": 1, "PATCH 200": 1}
    assert (client.usage.calls, client.usage.tokens) == (3, 15)


def test_the_clock_is_the_services_own_and_survives_an_answer_without_it(wire, http):
    date = {"Date": "Wed, 21 Oct 2015 07:28:00 GMT"}
    wire.get(URL + READ.path, [{"json": {}, "headers": date}, {"json": {}}])
    client = http()
    client.send(READ)
    client.send(READ)
    assert client.server_time == client.usage.first_answer_at == "2015-10-21T07:28:00.000000Z"


@pytest.mark.parametrize(
    "date", ["", "today", "Wed, 99 Oct 2015", "Fri, 31 Dec 9999 23:59:59 -1400"]
)
def test_a_date_header_that_is_none_does_no_harm(wire, http, date):
    wire.get(URL + READ.path, json={"a": 1}, headers={"Date": date})
    client = http()
    assert client.send(READ) == {"a": 1}
    assert client.server_time == ""


# Addresses


ADDRESSES = {
    "nothing": (None, "must begin with http"),
    "empty": ("", "must begin with http"),
    "no scheme": ("api.test", "must begin with http"),
    "another scheme": ("ftp://api.test", "must begin with http"),
    "no host": ("https://", "must begin with http"),
    "a port beyond all": ("http://api.test:99999", "no host and port"),
    "a port in words": ("http://api.test:many", "no host and port"),
    "port zero": ("http://api.test:0", "no host and port"),
    "an empty label": ("http://api..test", "no host and port"),
    "a label too long": (f"http://{'a' * 64}.test", "no host and port"),
    "half a bracket": ("http://[::1", "no host and port"),
    "a blank": ("http://api.test/a b", "no host and port"),
    "a password": ("https://me:hush-hush@api.test", "an address alone"),
    "a token": ("https://api.test?api_token=hush-hush", "an address alone"),
    "a fragment": ("https://api.test#hush-hush", "an address alone"),
}


@pytest.mark.parametrize(("url", "words"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_an_address_that_can_not_work_is_refused_before_anything_is_sent(http, url, words):
    with pytest.raises(errors.ConfigurationError, match=words) as caught:
        http(url)
    assert "api_url" in str(caught.value)
    assert "hush-hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url", [f"{URL}/", f"{URL}//", "http://[::1]:8080/x", "https://bücher.test"]
)
def test_an_address_that_can_work_is_taken(http, url):
    assert http(url).base_url == url.rstrip("/")


# Secrets and personal data


HIDDEN = ("jane@acme.example", "jane%40acme.example", "s3cret")


def trouble(client, call):
    with pytest.raises(errors.ApiError) as caught:
        client.send(call)
    return "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "answer",
    [pytest.param({"exc": each}, id=name) for name, each in LOSSES.items()]
    + [
        pytest.param({"exc": REFUSED}, id="refused"),
        pytest.param(
            {
                "status_code": 400,
                "json": {
                    "error": "no jane@acme.example",
                    "message": "/things?term=jane%40acme.example&x=s3cret",
                    "errors": {"fields": {"email": "jane@acme.example is taken"}},
                },
            },
            id="400",
        ),
        pytest.param({"status_code": 500, "json": {"error": "key s3cret"}}, id="500"),
        pytest.param({"status_code": 429, "json": {"error": "key s3cret"}}, id="429"),
        pytest.param({"text": "jane@acme.example"}, id="not json"),
    ],
)
@pytest.mark.parametrize("call", [READ, CREATE], ids=["search", "create"])
def test_neither_error_nor_traceback_nor_log_tells_a_secret(wire, http, caplog, answer, call):
    wire.register_uri(call.method, URL + call.path, [answer])
    caplog.set_level(logging.INFO, "requests_mock.adapter")  # the test's own wire logs addresses
    with caplog.at_level(logging.DEBUG):
        text = trouble(http(), call)
    assert f"{call.method} /things" in text
    for hidden in HIDDEN:
        assert hidden not in text + caplog.text


def test_a_real_search_leaves_no_address_in_the_debug_log(pipedrive, caplog):
    from sync_core.pipedrive.endpoints import PERSON

    with caplog.at_level(logging.DEBUG):
        pipedrive.search(PERSON, "jane@acme.example", "email")
        logging.getLogger("urllib3.connectionpool").setLevel(logging.DEBUG)
        pipedrive.search(PERSON, "jane@acme.example", "email")
    for hidden in (*HIDDEN, "sandbox-token", "/search"):
        assert hidden not in caplog.text


def test_a_path_with_a_query_is_shown_without_it(wire, http):
    wire.get(f"{URL}/things?key=hush-hush", status_code=400, json={})
    assert "hush-hush" not in trouble(http(), Call("GET", "/things?key=hush-hush"))


@pytest.mark.parametrize(
    "body",
    [[1], "text", None, {"error": None}, {"errors": []}, {"errors": {"fields": [1]}}],
    ids=str,
)
def test_a_refusal_in_an_odd_shape_is_still_told(wire, http, body):
    wire.get(URL + READ.path, status_code=400, json=body)
    with pytest.raises(errors.InvalidError) as caught:
        http().send(READ)
    assert caught.value.detail == ""


@pytest.mark.parametrize(
    "beside",
    [
        {"field_code": "c0ffee"},
        {"error_details": [{"field_code": "c0ffee"}, {"field_code": 7}, {"field_code": "c0ffee"}]},
        {"additional_data": {"error": {"field_code": "c0ffee", "code": "E"}}},
    ],
    ids=str,
)
def test_a_field_that_a_refusal_names_beside_its_text_is_told_with_it(wire, http, beside):
    body = {"error": "Validation failed: custom_fields", **beside}
    wire.get(URL + READ.path, status_code=400, json=body)
    with pytest.raises(errors.InvalidError) as caught:
        http().send(READ)
    assert caught.value.detail == "c0ffee; Validation failed: custom_fields"


def test_the_services_words_are_cut_short(wire, http):
    wire.get(URL + READ.path, status_code=400, json={"error": "x" * 5000})
    with pytest.raises(errors.InvalidError) as caught:
        http().send(READ)
    assert len(caught.value.detail) == 300


@pytest.mark.parametrize(("excepted", "proxy"), [("", "http://proxy.test:3128"), (".test", None)])
def test_the_machines_proxies_and_certificates_are_heeded(http, wire, monkeypatch, excepted, proxy):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", excepted)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/certificates.pem")
    wire.get("https://service.test/things", json={})
    http("https://service.test").send(READ)
    assert wire.last_request.proxies.get("https") == proxy
    assert wire.last_request.verify == "/etc/certificates.pem"
