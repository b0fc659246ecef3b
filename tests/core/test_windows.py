"""Keeping a burst window as full as the service allows, by our own calls; time is simulated."""

from __future__ import annotations

import heapq
from collections import deque
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_core.journy.client import JournyPacer
from sync_core.pipedrive.service import PipedrivePacer
from sync_core.windows import OwnCalls

WINDOW = 2.0
#: Calls in two seconds of Pipedrive's plans, with an API token and with an OAuth app.
BURSTS = (20, 40, 80, 100, 120, 160, 400, 480)


class Service:
    """A sliding window as a service keeps it."""

    def __init__(self, limit, seconds=WINDOW):
        self.limit = limit
        self.seconds = seconds
        self.times = deque()
        self.most = 0

    def count(self, now):
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        self.times.append(now)
        self.most = max(self.most, len(self.times))
        return self.limit - len(self.times)


def ticks(limit, seconds, calls, workers, delays):
    """Send so many calls through a window; (seconds from the first to the last, the service).

    `delays` gives the way there and the way back of each call.
    """
    service, own = Service(limit, seconds), OwnCalls(seconds)
    now, sent, busy, arrived = 0.0, 0, 0, []
    events, order, asking = [], count(), min(limit / 2, 10)
    while len(arrived) < calls:
        free = own.has_room(now) or (not own.is_alone(now) and sent < asking)
        if sent == 0 or (sent < calls and busy < workers and free):
            place = own.leave("", sent, 0, "POST", now)
            there, back = next(delays)
            heapq.heappush(events, (now + there, next(order), "count", place, back))
            sent, busy = sent + 1, busy + 1
            continue
        opening = own.opens_at(now) if sent < calls and busy < workers else None
        if opening is not None and (not events or opening < events[0][0]):
            now = opening
            continue
        if not events:  # for a while it looked as if others filled the window too
            now, asking = now + 5 * seconds, sent + 1
            continue
        now, _, what, place, more = heapq.heappop(events)
        if what == "count":
            left = service.count(now)
            arrived.append(now)
            heapq.heappush(events, (now + more, next(order), "answer", place, left))
        else:
            busy -= 1
            own.answer(place, now, came=True)
            own.learn(limit, limit - more - (sent - place.gone), now)
    return arrived[-1] - arrived[0], service


def always(there, back):
    while True:
        yield there, back


@pytest.mark.parametrize("limit", BURSTS)
@pytest.mark.parametrize(
    ("there", "back"), [(0.0, 0.002), (0.075, 0.075), (0.15, 0.0), (0.0, 0.15)]
)
def test_every_plans_window_is_at_least_95_percent_busy_and_never_too_full(limit, there, back):
    windows = 6
    took, service = ticks(limit, WINDOW, limit * windows + 1, 64, always(there, back))
    assert service.most <= limit
    assert windows * WINDOW / took >= 0.95


def test_journys_minute_is_at_least_95_percent_busy_and_never_too_full():
    took, service = ticks(1800, 60.0, 1800 * 3 + 1, 16, always(0.1, 0.1))
    assert service.most <= 1800
    assert 3 * 60 / took >= 0.95


@settings(deadline=None)  # simulated time takes real time, more on a busy machine
@given(
    delays=st.lists(
        st.tuples(st.floats(0.05, 0.06), st.floats(0.05, 0.06)), min_size=20, max_size=90
    ),
    limit=st.integers(2, 30),
)
def test_no_delay_of_single_calls_makes_a_window_too_full(delays, limit):
    many = (delays[n % len(delays)] for n in count())
    _, service = ticks(limit, WINDOW, len(delays), 16, many)
    assert service.most <= limit


def said(remaining, limit=20):
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": "2",
    }


def send(pacer, clock, remaining, **options):
    place = pacer.before(method="POST")
    clock.now += 0.01
    return pacer.after(place, said(remaining), **options)


def test_a_window_that_only_we_fill_opens_when_our_first_call_leaves_it(clock):
    pacer = PipedrivePacer(sleep=clock.sleep, clock=clock)
    for left in range(19, -1, -1):
        send(pacer, clock, left)
    assert clock.slept == []
    send(pacer, clock, 0)
    assert sum(clock.slept) == pytest.approx(2 * 1.015 - 19 * 0.01 - 0.9 * 0.01)


def test_a_window_that_others_fill_too_is_left_to_its_reset(clock):
    pacer = PipedrivePacer(sleep=clock.sleep, clock=clock)
    for left in (9, 6, 3, 0):
        send(pacer, clock, left)
    send(pacer, clock, 19)
    assert clock.slept == [2]


def test_calls_that_were_refused_together_count_as_one_refusal(clock):
    pacer = JournyPacer(sleep=clock.sleep, clock=clock)
    pacer.after(pacer.before(), {})
    together = [pacer.before() for _ in range(6)]
    assert {pacer.after(one, {}, refused=True) for one in together} == {60}
    assert not pacer.is_stuck()


def test_refusal_after_refusal_ends_the_trying(clock):
    pacer = PipedrivePacer(sleep=clock.sleep, clock=clock)
    for _ in range(5):
        assert not pacer.is_stuck()
        send(pacer, clock, 0, refused=True)
    assert pacer.is_stuck()
    send(pacer, clock, 19)
    assert not pacer.is_stuck()


@pytest.mark.parametrize(
    ("limit", "seconds", "workers"),
    [(20, 0.002, 8), (20, 0.15, 8), (120, 0.15, 22), (480, 0.15, 64)],
)
def test_as_many_calls_are_under_way_as_window_and_delay_ask_for(clock, limit, seconds, workers):
    pacer = PipedrivePacer(sleep=clock.sleep, clock=clock)
    assert pacer.workers() == 8
    place = pacer.before(method="POST")
    clock.now += seconds
    pacer.after(place, said(limit - 1, limit))
    assert pacer.workers() == workers


@pytest.mark.parametrize(
    ("limit", "most"), [(20, 500), (80, 480), (120, 480), (400, 400), (480, 480), (1800, 500)]
)
def test_a_batch_ends_together_with_a_window_where_it_is_longer_than_one(clock, limit, most):
    pacer = PipedrivePacer(sleep=clock.sleep, clock=clock)
    assert pacer.whole_windows(500) == 500
    pacer.after(pacer.before(), said(limit - 1, limit))
    assert pacer.whole_windows(500) == most
