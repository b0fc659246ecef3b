"""Names, addresses and numbers that look real and reach nobody.

Faker fills the pools once per process; phone numbers come from ranges reserved for fiction.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, count

from faker import Faker

_PLACES = (
    ("en_US", "United States", 30),
    ("en_GB", "United Kingdom", 18),
    ("de_DE", "Germany", 12),
    ("fr_FR", "France", 9),
    ("es_ES", "Spain", 8),
    ("pl_PL", "Poland", 6),
    ("sv_SE", "Sweden", 5),
    ("cs_CZ", "Czechia", 4),
    ("tr_TR", "Türkiye", 4),
    ("uk_UA", "Ukraine", 4),
)
"""Where names come from: Faker's locale, the country, and how often."""
WEIGHTS = tuple(accumulate(weight for _, _, weight in _PLACES))
_POOL_SIZE = 250
_LETTERS = str.maketrans({"ß": "ss", "\u0131": "i", "ł": "l", "ø": "o", "æ": "ae"})
_AREA_CODES = (202, 212, 303, 312, 404, 415, 503, 602, 617, 713)


@dataclass(frozen=True)
class Pool:
    """What one country's names are drawn from."""

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    cities: tuple[str, ...]
    country: str


def chance(rng: random.Random, share: float) -> bool:
    """Say yes for a share of all calls."""
    return rng.random() < share


@lru_cache(maxsize=1)
def pools() -> tuple[Pool, ...]:
    """The pools of all places, drawn once; the same in every process."""
    return tuple(_pool(locale, country) for locale, country, _ in _PLACES)


def _pool(locale: str, country: str) -> Pool:
    fake = Faker(locale)
    fake.seed_instance(locale)

    def draw(one: Callable[[], str], size: int = _POOL_SIZE) -> tuple[str, ...]:
        return tuple(one() for _ in range(size))

    return Pool(draw(fake.first_name), draw(fake.last_name), draw(fake.city, 60), country)


def slug(text: str) -> str:
    """Turn a name into what fits an address: ASCII letters and digits with dots between words."""
    parts = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    plain = parts.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", ".", plain).strip(".")


def unused(taken: set[str], pattern: str) -> str:
    """Fill the pattern's `{}` with nothing, or with the first number that makes it unused."""
    name = pattern.format("")
    numbers = count(len(taken) + 1)
    while name in taken:
        name = pattern.format(next(numbers))
    taken.add(name)
    return name


def phone_number(rng: random.Random) -> str:
    """A number of the ranges that regulators keep for fiction (555-01xx, 020 7946 0xxx)."""
    if chance(rng, 0.7):
        return f"+1 {rng.choice(_AREA_CODES)} 555 01{rng.randrange(100):02d}"
    return f"+44 20 7946 0{rng.randrange(1000):03d}"
