"""Whatever happens in between: at rest the loaded tables hold all that the account has.

Each story is made up: users and accounts come, change, join and go, before a run and between two of
its pages, values of all types come into one property, runs are killed, journy fails, clocks jump.
`PROPERTY_EXAMPLES=2000` makes up so many new ones; without it they are the same each time.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from sync_tests.journy_stories import teller
from sync_tests.journy_stories.steps import Story, stories

EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")


@pytest.fixture
def tell(sandbox, tap, monkeypatch):
    teller.small_pages(monkeypatch)

    def play(story: Story) -> None:
        teller.Teller(sandbox, tap, story).tell()

    return play


@settings(
    max_examples=int(EXAMPLES or 20),
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)
@given(story=stories())
def test_at_rest_the_tables_hold_what_the_account_has(tell, story):
    tell(story)
