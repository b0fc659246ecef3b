"""Staying within a service's window, alone and with many threads."""

from __future__ import annotations

import queue
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_core.calls import Call
from sync_core.journy.client import JournyPacer
from sync_core.pacing import Pacer
from sync_core.pipedrive import PipedriveClient
from sync_core.pipedrive.endpoints import PERSON
from sync_core.pipedrive.service import PipedrivePacer

THREADS = 8


def said(remaining, reset=2):
    return {"x-ratelimit-remaining": str(remaining), "x-ratelimit-reset": str(reset)}


def on_time(clock, kind=Pacer):
    return kind(sleep=clock.sleep, clock=clock)


def send(pacer, headers, **options):
    return pacer.after(pacer.before(), headers, **options)


def test_a_window_that_is_used_up_is_waited_for(clock):
    pacer = on_time(clock)
    send(pacer, said(0, 2))
    send(pacer, said(19))
    assert clock.slept == [2]


def test_a_window_with_room_is_not_waited_for(clock):
    pacer = on_time(clock)
    for left in (19, 18, 1):
        send(pacer, said(left))
    send(pacer, said(0))
    assert clock.slept == []


def test_a_window_that_opened_meanwhile_is_not_waited_for(clock):
    pacer = on_time(clock)
    send(pacer, said(0, 2))
    clock.now += 3
    send(pacer, said(19))
    assert clock.slept == []


@pytest.mark.parametrize("reset", ["-1", "nan", "inf", "soon", "", "1e300"])
def test_no_reset_can_break_or_stall_it(clock, reset):
    pacer = on_time(clock)
    send(pacer, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset})
    send(pacer, {})
    assert sum(clock.slept) <= 60


def test_lanes_do_not_close_each_other(clock):
    pacer = on_time(clock)
    pacer.after(pacer.before("search"), said(0))
    send(pacer, said(5))
    assert clock.slept == []


def test_a_lost_answer_gives_its_place_back(clock):
    pacer = on_time(clock)
    for _ in range(5):
        send(pacer, None)
    assert clock.slept == []


def test_refusals_without_a_word_wait_longer_each_time_until_one_gets_through(clock):
    pacer = on_time(clock)
    assert [send(pacer, {}, refused=True) for _ in range(7)] == [2, 4, 8, 16, 32, 60, 60]
    send(pacer, {})
    assert send(pacer, {}, refused=True) == 2


class Service:
    """A window of the service: it counts what reaches it, in any order, and says what is left."""

    def __init__(self, limit):
        self.limit = limit
        self.counted = 0

    def count(self):
        self.counted += 1
        return said(max(self.limit - self.counted, 0))


class Waiting:
    """Threads that want to send one call each."""

    def __init__(self, pacer, threads):
        self.through = queue.SimpleQueue()
        self.pool = ThreadPoolExecutor(threads)
        for _ in range(threads):
            self.pool.submit(lambda: self.through.put(pacer.before()))

    def next(self):
        return self.through.get(timeout=30)

    def nobody_more(self):
        try:
            self.through.get(timeout=0.05)
        except queue.Empty:
            return True
        return False


@settings(deadline=None)  # simulated time takes real time, more on a busy machine
@given(
    limit=st.integers(1, 12),
    calls=st.integers(1, 12),
    order=st.lists(st.tuples(st.sampled_from(["arrive", "answer", "lose"]), st.integers(0, 11))),
)
def test_no_more_calls_reach_a_service_than_its_window_takes(limit, calls, order):
    """Whatever the order in which calls arrive and answers come back; one window, no others."""
    pacer, service = Pacer(), Service(limit)
    pacer._is_closed = lambda window: window.open_at > 0  # the window never opens again
    travelling, answers, sent = [], [], 0
    lost = sum(what == "lose" for what, _ in order)

    def pump():
        nonlocal sent
        window = pacer._lane("")
        while sent < calls and not pacer._is_closed(window) and window.has_room(0):
            travelling.append(pacer.before())
            sent += 1

    pump()
    for what, which in [*order, *[("arrive", 0)] * calls, *[("answer", 0)] * calls]:
        if what == "arrive" and travelling:
            place = travelling.pop(which % len(travelling))
            answers.append((place, service.count()))
        elif what != "arrive" and answers:
            place, headers = answers.pop(which % len(answers))
            pacer.after(place, None if what == "lose" else headers)
        pump()
        # A lost answer tells nothing: the next call has to ask again.
        assert service.counted + len(travelling) <= limit + lost


def test_the_first_call_goes_alone_and_its_answer_lets_the_others_go():
    pacer = Pacer()
    waiting = Waiting(pacer, THREADS)
    first = waiting.next()
    assert waiting.nobody_more()
    pacer.after(first, {})
    for _ in range(THREADS - 1):
        waiting.next()
    waiting.pool.shutdown()


def test_threads_share_what_an_answer_left_room_for():
    pacer = Pacer()
    waiting = Waiting(pacer, THREADS)
    pacer.after(waiting.next(), said(3))
    second, third, fourth = (waiting.next() for _ in range(3))
    assert waiting.nobody_more()
    pacer.after(third, said(1))
    assert waiting.nobody_more()  # the fourth may be the one that was left
    pacer.after(fourth, said(3))
    pacer.after(second, said(3))
    for _ in range(THREADS - 4):
        pacer.after(waiting.next(), said(3))
    waiting.pool.shutdown()


def test_eight_threads_stay_within_the_smallest_plan(sandbox):
    sandbox.reset(plan="lite", seats=10)
    client = PipedriveClient(
        api_token="sandbox-token", user_agent="test/1", api_url=sandbox.pipedrive_url
    )
    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(lambda n: client.create(PERSON, {"name": f"P {n}"}), range(70)))
    assert len({row["id"] for row in made}) == 70
    statuses = [entry["status"] for entry in sandbox.journal()]
    assert statuses.count(429) <= 2  # the sandbox may round its reset down by a millisecond
    assert client.http.usage.calls == len(statuses) == 70


def test_eight_threads_survive_others_who_use_up_the_window(sandbox):
    sandbox.reset(plan="lite", seats=10)
    clients = [
        PipedriveClient(
            api_token="sandbox-token", user_agent="test/1", api_url=sandbox.pipedrive_url
        )
        for _ in range(2)
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        work = lambda n: clients[n % 2].create(PERSON, {"name": f"P {n}"})  # noqa: E731
        assert len({row["id"] for row in pool.map(work, range(50))}) == 50
    statuses = [entry["status"] for entry in sandbox.journal()]
    assert statuses.count(429) <= 10
    assert 403 not in statuses


# journy: a remainder without a reset


def remaining(number):
    return {"X-RateLimit-Remaining": str(number), "x-ratelimit-remaining": str(number)}


def test_without_a_reset_the_oldest_call_has_to_leave_the_window(clock):
    pacer = on_time(clock, JournyPacer)
    send(pacer, remaining(2))
    clock.now += 25
    send(pacer, remaining(0))
    send(pacer, remaining(1))
    assert clock.slept == [35]


def test_a_window_filled_by_others_is_not_hammered(clock):
    pacer = on_time(clock, JournyPacer)
    assert [send(pacer, {}, refused=True) for _ in range(4)] == [10, 20, 40, 60]


def test_journys_limit_is_never_hit(sandbox, journy, clock):
    sandbox.reset(switches={"journy.rate_limit": 20})
    for number in range(25):
        before = sum(clock.slept)
        if number == 20:
            sandbox.clock.advance(60)
        journy.http.send(Call("POST", "/users/upsert", body={"identification": {"userId": "1"}}))
        assert sum(clock.slept) == before if number < 20 else True
    assert [entry["status"] for entry in sandbox.journal()] == [201] * 25
    assert 0 < sum(clock.slept) <= 61  # a minute, and a margin


def limit(number, left=None):
    return {"x-ratelimit-limit": str(number)} | ({} if left is None else remaining(left))


SAYINGS = {
    "nothing": lambda left: {},
    "the limit alone": lambda left: limit(1800),
    "the rest alone": remaining,
    "no numbers": lambda left: limit("many", "some"),
    "no finite numbers": lambda left: limit("nan", "inf"),
    "no limit that could be": lambda left: limit(-1, -1),
    "a limit of none": lambda left: limit(0, 0),
    "more left than fits": lambda left: limit(1800, 99_999),
    "a larger limit": lambda left: limit(5000, left + 3200),
    "the documented limit": lambda left: limit(1800, left),
}


class Minute:
    """Calls that reach journy, one after the other."""

    def __init__(self, clock):
        self.clock, self.pacer = clock, on_time(clock, JournyPacer)
        self.recent = deque()

    def call(self, said):
        """Let one call go, whose answer says of what is left; the calls of its minute."""
        place = self.pacer.before(method="POST")
        self.clock.now += 0.01
        self.recent.append(self.clock.now)
        while self.recent[0] <= self.clock.now - 60:
            self.recent.popleft()
        self.pacer.after(place, said(len(self.recent)))
        return len(self.recent)


@pytest.mark.parametrize("said", SAYINGS.values(), ids=SAYINGS)
def test_the_documented_limit_is_used_up_and_not_exceeded_whatever_the_headers_say(clock, said):
    minute, began = Minute(clock), clock.now
    assert max(minute.call(lambda count: said(1800 - count)) for _ in range(2000)) == 1800
    assert clock.now - began < 70


def test_a_smaller_limit_is_kept_to(clock):
    minute = Minute(clock)
    assert max(minute.call(lambda count: limit(60, 60 - count)) for _ in range(100)) == 60


@pytest.mark.parametrize(
    ("headers", "tokens", "spent"),
    [
        pytest.param({"x-daily-ratelimit-token-remaining": "0"}, 0, True, id="none left"),
        pytest.param({"x-daily-ratelimit-token-remaining": "9"}, 10, True, id="too few left"),
        pytest.param({"x-daily-ratelimit-token-remaining": "10"}, 10, False, id="enough left"),
        pytest.param({"x-daily-ratelimit-token-remaining": "?"}, 10, False, id="unreadable"),
        pytest.param({"x-ratelimit-remaining": "1"}, 10, True, id="no burst"),
        pytest.param({"x-ratelimit-remaining": "0"}, 10, False, id="a burst"),
        pytest.param({}, 10, False, id="no word"),
    ],
)
def test_what_a_429_means(headers, tokens, spent):
    assert PipedrivePacer().budget_spent(headers, tokens) is spent
