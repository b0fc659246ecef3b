"""Whatever happens in between: at rest the loaded tables equal the account.

Each story is made up: records come and change and go, before a run and between two of its pages,
runs are killed, services fail, clocks jump. `PROPERTY_EXAMPLES=2000` makes up so many new ones;
without it they are the same each time. A story that fails is printed, and told again by `tell`.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from sync_tests.pipedrive_stories import teller
from sync_tests.pipedrive_stories.made_up import stories
from sync_tests.pipedrive_stories.steps import (
    ChangeMany,
    Delete,
    Discover,
    Field,
    Make,
    Merge,
    Rest,
    Run,
    Story,
    Wait,
)

EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")
#: Stories that went wrong once.
FOUND = {
    "came and went between two looks": Story(
        settings={"delete_sweep_hours": 24},
        steps=(Run(), Wait(3600), Make("person", 1), Run(), Delete("person", -1)),
    ),
    "went between the parts of a first run": Story(
        records=(("person", 13),),
        steps=(Run(size=1, during=((2, Delete("person")),), kill=23),),
    ),
    "the clock was ahead": Story(steps=(Run(), Run(skew=90_000), Delete("person", -1))),
    "rows of v1 came twice": Story(
        streams=("leads",),
        records=(("person", 1), ("lead", 40)),
        steps=(Run(faults=((1, "doubled", 2),)),),
    ),
    "a field took the column of another": Story(
        steps=(
            Field("add", "person", label=5, kind=0),
            Discover(),
            Field("remove", "person", which=-1),
            Field("add", "person", label=5, kind=3),
            ChangeMany("person", 6),
            Run(),
        ),
    ),
    "a field went before the look": Story(
        streams=("organizations",),
        records=(("organization", 13),),
        steps=(
            Rest(),
            Run(size=4, during=((3, Merge("organization")), (4, Field("remove", "organization")))),
        ),
    ),
}


@pytest.fixture
def tell(sandbox, tap, monkeypatch):
    teller.small_pages(monkeypatch)

    def play(story: Story) -> None:
        teller.Teller(sandbox, tap, story).tell()

    return play


@settings(
    max_examples=int(EXAMPLES or 60),
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)
@given(story=stories())
def test_at_rest_the_tables_equal_the_account(tell, story):
    tell(story)


@pytest.mark.parametrize("story", FOUND.values(), ids=FOUND.keys())
def test_a_story_that_went_wrong_once(tell, story):
    tell(story)
