"""Whatever happens on both sides: the sync makes no double, loses nothing and comes to rest.

Each scenario is made up: people and programs edit, merge and delete on either side, runs fail, die
and are repeated, ledgers are lost, settings change. `PROPERTY_EXAMPLES=2000` makes up so many new
ones; without it they are the same each time. One that fails is printed as small as it gets.
Blind spot: one write at a time, and no edit while a run is under way.
"""

from __future__ import annotations

import os
import random

import pytest
from sync_tests.scenarios.made_up import scenario
from sync_tests.scenarios.shrinking import Smallest

EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")


@pytest.mark.parametrize("number", range(int(EXAMPLES or 12)))
def test_a_sync_in_both_directions_makes_no_double_loses_nothing_and_comes_to_rest(tell, number):
    Smallest(tell)(scenario(random.randrange(2**32) if EXAMPLES else number))
