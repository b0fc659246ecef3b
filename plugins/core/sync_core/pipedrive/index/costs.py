"""Which way of getting to know records costs the fewest tokens; a new way is a row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from sync_core.pipedrive.endpoints import PAGE_SIZE, V2_PRICES, Prices


class Way(Enum):
    """What can be done next; of two that cost the same, the first."""

    SCAN = "read all of them"
    CATCH_UP = "read those that changed since the last run"
    ONE_BY_ONE = "look up each one alone"
    PROBE = "see how many there are"


@dataclass(frozen=True)
class Need:
    """What is to be found out, counted.

    Attributes:
        linked: Linked records that nothing is known of in this run.
        unvouched: Of these, those that have to be read even with an index that is up to date.
        keys: Match keys that weren't looked for yet.
        hits: Records that are remembered under these keys.
        doubtful: Keys that no record is remembered under, and that have to be certain.
        again: Further searches that these take, should none of them be found.
        searchable: Whether the service can search for the keys.
    """

    linked: int = 0
    unvouched: int = 0
    keys: int = 0
    hits: int = 0
    doubtful: int = 0
    again: int = 0
    searchable: bool = True

    @property
    def nothing(self) -> bool:
        """Whether all is known."""
        return not (self.linked or self.keys)


@dataclass(frozen=True)
class Known:
    """What the choice rests on.

    Attributes:
        size: How many records there are; 0 if that isn't known.
        linked: How many there are at least.
        changed: How many changed since the index was up to date; None: there is no index.
        fresh: Whether the index is up to date.
        spent: Tokens spent so far on single records.
        expected: How many records may still be asked for, by what the last run wrote.
        archive: Whether there is a second list; it costs a page at least.
        prices: What the entity's requests cost.
    """

    size: int = 0
    linked: int = 0
    changed: int | None = None
    fresh: bool = False
    spent: int = 0
    expected: int = 0
    archive: bool = False
    prices: Prices = V2_PRICES


def listing(count: int, known: Known) -> int:
    """Tokens for a list of so many records, and for the archive, of which a page is expected."""
    pages = max(1, math.ceil(count / PAGE_SIZE)) * known.prices.listing
    return pages + (known.prices.archive if known.archive else 0)


def reading(count: int, prices: Prices = V2_PRICES) -> int:
    """Tokens for so many records by their ids: by the hundred, and the last few one by one."""
    if prices.by_ids == 1:
        return count * prices.one
    full, rest = divmod(count, prices.by_ids)
    return full * prices.listing + min(rest * prices.one, prices.listing)


def finding(known: Known, need: Need | None) -> int:
    """Tokens that it costs to find as many records as are expected.

    Args:
        known: What the choice of a way rests on.
        need: How many; None where nobody knows, and all may be asked for.
    """
    if need is None:
        return _whole(known)
    ways = [_scan(need, known), _catch_up(need, known), _alone(need, known)]
    if known.changed is None and not known.size:
        ways.append(_whole(known))
    return int(min(ways))


def _whole(known: Known) -> int:
    """Tokens that it costs at most to know all records, unless only a few are asked for."""
    if known.changed is not None:
        return min(listing(known.changed, known), listing(known.size, known))
    if known.size:
        return listing(known.size, known)
    return known.prices.listing + listing(known.linked, known)


def _searching(keys: int, need: Need, known: Known) -> float:
    return math.inf if keys and not need.searchable else keys * known.prices.search


def _scan(need: Need, known: Known) -> float:  # noqa: ARG001 - costs the same for any need
    return listing(known.size, known) if known.size else math.inf


def _catch_up(need: Need, known: Known) -> float:
    if known.changed is None or known.fresh:
        return math.inf
    return listing(known.changed, known) + _indexed(need, known)


def _indexed(need: Need, known: Known) -> float:
    """With an index that is up to date."""
    single = reading(need.unvouched + need.hits, known.prices)
    return single + _searching(need.doubtful + need.again, need, known)


def _alone(need: Need, known: Known) -> float:
    """Without one."""
    searching = _searching(need.keys + need.again, need, known) + need.keys * known.prices.one
    return reading(need.linked, known.prices) + searching


def _one_by_one(need: Need, known: Known) -> float:
    if known.fresh:
        return known.spent + _indexed(need, known)
    return known.spent + max(_alone(need, known), reading(known.expected, known.prices))


def _probe(need: Need, known: Known) -> float:
    """A page tells how many there are, and may be all; a single search isn't worth asking."""
    if known.size:
        return math.inf
    prices = known.prices
    least = max(listing(known.linked, known), prices.search + prices.one)
    return prices.listing if _one_by_one(need, known) > least else math.inf


#: What each way costs. Nobody knows how long a stream is. So this run is expected to ask for as
#: many records as the last one wrote, and what was spent on single records counts as if as much
#: were to come: the dearer way is taken once it would have paid, so that no more than about twice
#: the least is ever spent.
WAYS: Mapping[Way, Callable[[Need, Known], float]] = {
    Way.SCAN: _scan,
    Way.CATCH_UP: _catch_up,
    Way.ONE_BY_ONE: _one_by_one,
    Way.PROBE: _probe,
}


def choose(need: Need, known: Known) -> tuple[Way, dict[Way, int]]:
    """The cheapest way, and what each possible one costs."""
    costs = {way: cost(need, known) for way, cost in WAYS.items()}
    possible = {way: int(cost) for way, cost in costs.items() if cost < math.inf}
    return min(possible, key=lambda way: possible[way], default=Way.PROBE), possible
