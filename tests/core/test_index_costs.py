"""Which way of getting to know records is taken: the one that costs the fewest tokens."""

from __future__ import annotations

import pytest
from sync_core.pipedrive.index.costs import Known, Need, Way, choose, reading

LARGE, SMALL = Known(size=100_000), Known(size=400)
INDEXED = Known(size=100_000, changed=0)
CASES = {
    "a key in a large account": (Need(keys=1), LARGE, Way.ONE_BY_ONE),
    "95 keys in a large account": (Need(keys=95), LARGE, Way.ONE_BY_ONE),
    "96 keys in a large account": (Need(keys=96), LARGE, Way.SCAN),
    "a key in a small account": (Need(keys=1), SMALL, Way.SCAN),
    "a key in an account of unknown size": (Need(keys=1), Known(), Way.ONE_BY_ONE),
    "two keys in an account of unknown size": (Need(keys=2), Known(), Way.PROBE),
    "a key that can't be searched for": (Need(keys=1, searchable=False), LARGE, Way.SCAN),
    "the same in an account of unknown size": (
        Need(keys=1, searchable=False),
        Known(),
        Way.PROBE,
    ),
    "five linked records": (Need(linked=5, unvouched=0), INDEXED, Way.ONE_BY_ONE),
    "five, where the last run wrote a thousand": (
        Need(linked=5, unvouched=0),
        Known(size=100_000, changed=1_000, expected=1_000),
        Way.CATCH_UP,
    ),
    "five, after ten tokens went to others": (
        Need(linked=5, unvouched=0),
        Known(size=100_000, changed=0, spent=10),
        Way.CATCH_UP,
    ),
    "five, where nearly all has changed": (
        Need(linked=5, unvouched=0),
        Known(size=100_000, changed=90_000),
        Way.ONE_BY_ONE,
    ),
    "500, where all has changed": (
        Need(linked=500, unvouched=500),
        Known(size=500, changed=5_000),
        Way.SCAN,
    ),
    "a key that is remembered": (Need(keys=1, hits=1), INDEXED, Way.CATCH_UP),
    "a key of whom to create": (Need(keys=1, doubtful=1), INDEXED, Way.ONE_BY_ONE),
    "many of whom to create, with an index": (
        Need(keys=200, doubtful=200),
        Known(size=100_000, fresh=True),
        Way.SCAN,
    ),
}


@pytest.mark.parametrize(("need", "known", "way"), CASES.values(), ids=CASES)
def test_the_cheapest_way_is_taken(need, known, way):
    chosen, costs = choose(need, known)
    assert chosen is way
    assert costs[way] == min(costs.values())


@pytest.mark.parametrize(
    ("count", "tokens"), [(0, 0), (1, 1), (9, 9), (10, 10), (99, 10), (100, 10), (105, 15)]
)
def test_records_are_read_by_the_hundred_and_the_last_few_alone(count, tokens):
    assert reading(count) == tokens


@pytest.mark.parametrize("keys", [10, 100, 1_000, 10_000])
@pytest.mark.parametrize("batch", [1, 10, 500])
@pytest.mark.parametrize("size", [1_000, 100_000])
def test_however_the_keys_come_no_more_than_about_twice_the_least_is_spent(keys, batch, size):
    spent, left = 0, keys
    while left > 0:
        now = min(batch, left)
        way, costs = choose(Need(keys=now), Known(size=size, spent=spent))
        if way is Way.SCAN:
            spent += costs[way]
            break
        spent = costs[way]
        left -= now
    least = min(keys * 21, size // 500 * 10)
    assert spent <= 2 * least + 21
