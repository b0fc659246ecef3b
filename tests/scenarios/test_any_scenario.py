"""Whatever happens on both sides: the sync makes no double, loses nothing and comes to rest.

Each scenario is made up: people and programs edit, merge and delete on either side, runs fail, die
and are repeated, ledgers are lost, settings change. `PROPERTY_EXAMPLES=2000` makes up so many new
ones; without it they are the same each time. One that fails is printed as small as it gets.
Blind spot: one write at a time, and no edit while a run is under way.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sync_tests.scenarios.made_up import scenarios
from sync_tests.scenarios.shrinking import Smallest

EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")


@pytest.fixture
def smallest(tell):
    return Smallest(tell)


@settings(
    max_examples=int(EXAMPLES or 12),
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    print_blob=False,
    phases=[Phase.generate],  # it would shrink for minutes, value by value
    suppress_health_check=list(HealthCheck),
)
@given(scenario=scenarios())
def test_a_sync_in_both_directions_makes_no_double_loses_nothing_and_rests(smallest, scenario):
    smallest(scenario)
