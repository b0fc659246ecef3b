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
from sync_tests.scenarios.steps import (
    Both,
    Edit,
    Fault,
    Give,
    Make,
    Rest,
    Run,
    Scenario,
    Swap,
    Unify,
    Wait,
)

LAGS = {"pipedrive.list_lag_seconds": 30.0, "pipedrive.search_lag_seconds": 30.0}
#: What was found once, or would be worst, as small as it got: what goes wrong -> a scenario.
FOUND = {
    "the twin who stays lacks what the user has": Scenario(
        steps=(
            Make("person", 1),
            Edit("person", 0, "phones", 0),
            Run("pipedrive"),
            Make("person", 1),
            Run("pipedrive"),
            Edit("person", 0, "emails", 11),
            Run("pipedrive"),
            Rest(),
        )
    ),
    "a stage that was just typed is overwritten": Scenario(
        steps=(
            Give("user", 0, "lifecycle", 0),
            Rest(),
            Edit("person", 0, "Lifecycle stage", 1),
            Give("user", 0, "lifecycle", 2),
            Rest(),
        )
    ),
    "a value that has won and is set back never reaches the loser": Scenario(
        steps=(
            Give("user", 0, "lifecycle", 0),
            Rest(),
            Edit("person", 0, "Lifecycle stage", 1),
            Give("user", 0, "lifecycle", 2),
            Run(),
            Edit("person", 0, "Lifecycle stage", 0),
            Rest(),
        )
    ),
    "who only had a key when they were last seen is written to: an organization": Scenario(
        settings={"import": 1},
        steps=(
            Make("organization", 1),
            Give("account", 4, "plan", 1),
            Run("pipedrive"),
            Edit("organization", 0, "Account ID", 3),
            Rest(),
        ),
    ),
    "who only had a key when they were last seen is written to: a person": Scenario(
        settings={"import": 1},
        steps=(
            Make("person", 1),
            Give("user", 1, "phone", 0),
            Run("pipedrive"),
            Edit("person", 0, "emails", 2),
            Run(),
            Rest(),
        ),
    ),
    "of two persons who swap addresses one lacks what the user has": Scenario(
        steps=(
            Give("user", 1, "email", 5),
            Give("user", 0, "phone", 0),
            Give("user", 4, "email", 6),
            Run(),
            Swap("person", 1, 0),
        )
    ),
    "one of two twins is written to that the other direction saw alone": Scenario(
        settings={"import": 1},
        steps=(
            Make("person", 3),
            Run("pipedrive"),
            Make("person", 3),
            Give("user", 3, "phone", 0),
            Run(),
        ),
    ),
    "users who hand their addresses on change persons": Scenario(
        steps=(
            Give("user", 0, "email", 4),
            Give("user", 2, "phone", 0),
            Both(),
            Unify("user", 2, 0),
            Give("user", 0, "phone", 2),
        )
    ),
    "one of two twins is written to": Scenario(
        steps=(Make("person", 1), Make("person", 1), Give("user", 1, "phone", 0), Run())
    ),
    "what somebody typed gives way to what journy says": Scenario(
        steps=(
            Make("person", 1),
            Edit("person", 0, "phones", 0),
            Give("user", 1, "phone", 0),
            Rest(),
            Edit("person", 0, "phones", 6),
            Give("user", 1, "phone", 1),
            Run(),
        )
    ),
    "whose answer was lost is made again": Scenario(
        switches=LAGS,
        steps=(
            Give("user", 0, "first_name"),
            Run(fault=Fault("target", "lost", "POST", 0, None)),
            Wait(1),
            Run(full=True),
        ),
    ),
}
EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")


@pytest.mark.parametrize("number", range(int(EXAMPLES or 12)))
def test_a_sync_in_both_directions_makes_no_double_loses_nothing_and_comes_to_rest(tell, number):
    Smallest(tell)(scenario(random.randrange(2**32) if EXAMPLES else number))


@pytest.mark.parametrize("told", FOUND.values(), ids=FOUND)
def test_what_was_found_once_stays_mended(tell, told):
    tell(told)
