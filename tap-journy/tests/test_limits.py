"""The limit of 1,800 requests a minute, with a smaller number and a clock that tests move.

Blind spot: journy documents neither Retry-After nor a reset; the sandbox counts in a sliding
window, as the documentation says.
"""

from __future__ import annotations

from functools import partial

import pytest
import requests
from sync_core.journy.client import JournyPacer

LIMIT = 4


@pytest.fixture
def waits(sandbox, monkeypatch) -> list[float]:
    """The waits of the run, which move the sandbox's clock instead of taking time."""
    sandbox.reset(users=40, accounts=3, switches={"journy.rate_limit": LIMIT})
    sandbox.clock.freeze(frozen=True)
    made: list[float] = []

    def wait(seconds: float) -> None:
        made.append(seconds)
        sandbox.clock.advance(seconds)

    paced = partial(JournyPacer, sleep=wait, clock=sandbox.clock.time)
    monkeypatch.setattr("sync_core.journy.client.JournyPacer", paced)
    return made


SOURCE = {"users": {"page_size": 5}, "accounts": {"page_size": 5}}


def statuses(sandbox) -> list[int]:
    return [each["status"] for each in sandbox.journal()]


def test_the_headers_pace_a_run_so_that_nothing_is_refused(tap, sandbox, waits):
    run = tap(record_source=SOURCE)
    assert run.exit_code == 0
    assert len(run.records("users")) == 40
    assert set(statuses(sandbox)) == {200}
    assert len(statuses(sandbox)) > 3 * LIMIT
    assert sum(waits) <= 60 * len(statuses(sandbox)) / LIMIT


def test_a_refusal_without_retry_after_is_waited_out(tap, sandbox, waits):
    for _call in range(LIMIT):  # somebody else uses the same key
        requests.get(
            f"{sandbox.journy_url}/events", headers={"X-Api-Key": "sandbox-key"}, timeout=10
        )
    run = tap(record_source=SOURCE)
    assert run.exit_code == 0
    assert len(run.records("users")) == 40
    assert 429 in statuses(sandbox)
    refused = [each for each in statuses(sandbox) if each == 429]
    assert len(refused) <= 4  # it waits longer each time, rather than hammering
    assert waits[0] >= 10
