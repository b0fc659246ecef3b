"""Believable companies and people, always the same for a seed, shared by both services.

Faker fills a few pools once per process; `random.Random(seed)` combines them, so that large
populations cost microseconds a row. E-mail addresses stand at domains reserved for examples and
phone numbers in ranges reserved for fiction: nothing here can reach a real person.
"""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import accumulate, count
from typing import TYPE_CHECKING, Generic, TypeVar

from faker import Faker

if TYPE_CHECKING:
    from collections.abc import Callable

REFERENCE_TIME = datetime(2026, 11, 1, 9, 0, tzinfo=timezone.utc)
"""The moment up to which usage is told; fixed, so that a seed gives the same world on every day."""

PLANS = ("Free", "Starter", "Growth", "Enterprise")
INTERESTS = ("Analytics", "Billing", "Integrations", "Reporting")
LIFECYCLES = ("lead", "trial", "active", "churned")
OVERLAP = 0.7
"""Share of the smaller side that exists in both services."""
AWKWARD_FROM = 50
"""Awkward rows appear from this many rows on; a smaller world stays plain."""

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
_WEIGHTS = tuple(accumulate(weight for _, _, weight in _PLACES))
_POOL_SIZE = 250
_TRADES = (
    "Analytics",
    "Bakery",
    "Cloud",
    "Design",
    "Foods",
    "Freight",
    "Health",
    "Labs",
    "Logistics",
    "Media",
    "Optics",
    "Robotics",
    "Security",
    "Software",
    "Systems",
    "Tools",
    "Travel",
)
_LEGAL_FORMS = ("", "", "", " Inc", " Ltd", " GmbH", " & Sons", " Group", " AB", " SAS")
_TITLES = ("CEO", "Head of Sales", "Marketing Manager", "Product Manager", "Engineer", "Analyst")
_LETTERS = str.maketrans({"ß": "ss", "\u0131": "i", "ł": "l", "ø": "o", "æ": "ae"})
_ROLES = ("owner", "admin", "member", "member", "member", "viewer")
_PUBLIC_DOMAINS = ("example.com", "example.org", "example.net")
_AREA_CODES = (202, 212, 303, 312, 404, 415, 503, 602, 617, 713)
_PRICE_PER_SEAT = {"Free": 0.0, "Starter": 12.0, "Growth": 29.5, "Enterprise": 64.0}


@dataclass(frozen=True)
class Company:
    """A company: an organization in Pipedrive, an account in journy, or both.

    `account_id` is what Pipedrive's account-ID field holds; `journy_account_id` is what journy
    holds. They differ only in awkward rows.
    """

    name: str
    domain: str
    account_id: str | None
    journy_account_id: str | None
    city: str
    country: str
    employees: int
    plan: str
    mrr: float
    seats: int
    trial: bool
    customer_since: datetime
    in_pipedrive: bool
    in_journy: bool


@dataclass(frozen=True)
class Contact:
    """A human: a person in Pipedrive, a user in journy, or both.

    `company` and `other_companies` are indexes into `Population.companies`. `email` is as Pipedrive
    spells it; journy holds it in lower case.
    """

    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    title: str
    role: str
    company: int | None
    other_companies: tuple[int, ...]
    user_id: str
    logins_30d: int
    registered_at: datetime
    last_seen_at: datetime | None
    interests: tuple[str, ...]
    newsletter: bool
    lifecycle: str
    in_pipedrive: bool
    in_journy: bool


@dataclass(frozen=True)
class Population:
    """Everybody and every company in the seeded world."""

    companies: list[Company]
    people: list[Contact]


Row = TypeVar("Row", Company, Contact)


@dataclass(frozen=True)
class _Pool:
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    cities: tuple[str, ...]
    country: str


def populate(  # noqa: PLR0913  # a population has four sizes
    *, seed: int, persons: int, organizations: int, users: int, accounts: int, awkward: bool = True
) -> Population:
    """Make exactly the requested numbers of rows in each service, overlapping in part.

    Args:
        seed: The same seed and numbers give the same population (for one version of Faker).
        persons: Contacts that are in Pipedrive.
        organizations: Companies that are in Pipedrive.
        users: Contacts that are in journy.
        accounts: Companies that are in journy.
        awkward: Whether a few rows are of the kind that breaks naive integrations.
    """
    rng = random.Random(seed)  # noqa: S311  # reproducible sample data, not secrets
    new_company = _CompanyMaker(rng)
    companies = [new_company(*sides) for sides in _presence(rng, organizations, accounts)]
    new_contact = _ContactMaker(rng, companies)
    people = [new_contact(*sides) for sides in _presence(rng, persons, users)]
    if awkward:
        _disturb(companies, _COMPANY_ODDITIES, organizations, accounts, rng)
        _disturb(people, _CONTACT_ODDITIES, persons, users, rng)
    return Population(companies, people)


def _chance(rng: random.Random, share: float) -> bool:
    return rng.random() < share


def _presence(rng: random.Random, pipedrive: int, journy: int) -> list[tuple[bool, bool]]:
    """Say for each row whether it is in Pipedrive and in journy, shuffled."""
    both = round(OVERLAP * min(pipedrive, journy))
    sides = [(True, True)] * both
    sides += [(True, False)] * (pipedrive - both)
    sides += [(False, True)] * (journy - both)
    rng.shuffle(sides)
    return sides


@lru_cache(maxsize=1)
def _pools() -> tuple[_Pool, ...]:
    return tuple(_pool(locale, country) for locale, country, _ in _PLACES)


def _pool(locale: str, country: str) -> _Pool:
    fake = Faker(locale)
    fake.seed_instance(locale)

    def draw(one: Callable[[], str], size: int = _POOL_SIZE) -> tuple[str, ...]:
        return tuple(one() for _ in range(size))

    return _Pool(draw(fake.first_name), draw(fake.last_name), draw(fake.city, 60), country)


def _slug(text: str) -> str:
    """Turn a name into what fits an address: ASCII letters and digits with dots between words."""
    plain = (
        unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
        .encode("ascii", "ignore")
        .decode()
    )
    return re.sub(r"[^a-z0-9]+", ".", plain).strip(".")


def _unused(taken: set[str], pattern: str) -> str:
    """Fill the pattern's `{}` with nothing, or with the first number that makes it unused."""
    name = pattern.format("")
    numbers = count(len(taken) + 1)
    while name in taken:
        name = pattern.format(next(numbers))
    taken.add(name)
    return name


class _CompanyMaker:
    """Makes one company a call; keeps domains unique."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.domains: set[str] = set()
        self.made = 0

    def __call__(self, in_pipedrive: bool, in_journy: bool) -> Company:
        rng = self.rng
        self.made += 1
        pool = rng.choices(_pools(), cum_weights=_WEIGHTS)[0]
        stem = f"{rng.choice(pool.last_names)} {rng.choice(_TRADES)}"
        site = _slug(stem).replace(".", "-") or "company"
        employees = int(rng.lognormvariate(3.5, 1.3)) + 1
        plan = rng.choices(PLANS, (4, 3, 2, 1))[0]
        seats = max(1, min(employees, int(rng.lognormvariate(2, 1))))
        account_id = f"acc-{self.made:06d}"
        return Company(
            name=stem + rng.choice(_LEGAL_FORMS),
            domain=_unused(self.domains, site + "{}.example"),
            account_id=account_id,
            journy_account_id=account_id,
            city=rng.choice(pool.cities),
            country=pool.country,
            employees=employees,
            plan=plan,
            mrr=round(seats * _PRICE_PER_SEAT[plan], 2),
            seats=seats,
            trial=plan != "Free" and _chance(rng, 0.1),
            customer_since=_before(rng, REFERENCE_TIME, 1500),
            in_pipedrive=in_pipedrive,
            in_journy=in_journy,
        )


class _ContactMaker:
    """Makes one human a call; keeps addresses unique, prefers companies of the same services."""

    def __init__(self, rng: random.Random, companies: list[Company]) -> None:
        self.rng = rng
        self.companies = companies
        self.emails: set[str] = set()
        self.made = 0
        everywhere = range(len(companies))
        self.homes = {
            (True, True): [
                i for i in everywhere if companies[i].in_pipedrive and companies[i].in_journy
            ],
            (True, False): [i for i in everywhere if companies[i].in_pipedrive],
            (False, True): [i for i in everywhere if companies[i].in_journy],
        }

    def __call__(self, in_pipedrive: bool, in_journy: bool) -> Contact:
        rng = self.rng
        self.made += 1
        pool = rng.choices(_pools(), cum_weights=_WEIGHTS)[0]
        first_name, last_name = rng.choice(pool.first_names), rng.choice(pool.last_names)
        homes = self.homes[in_pipedrive, in_journy]
        company = rng.choice(homes) if homes and _chance(rng, 0.92) else None
        email = self._email(f"{first_name} {last_name}", company)
        imported = in_pipedrive and in_journy and _chance(rng, 0.2)
        registered_at = _before(rng, REFERENCE_TIME, 900)
        logins = int(rng.expovariate(1 / 12)) if _chance(rng, 0.8) else 0
        return Contact(
            first_name=first_name,
            last_name=last_name,
            email=email,
            phone=_phone(rng) if _chance(rng, 0.85) else None,
            title=rng.choice(_TITLES),
            role=rng.choice(_ROLES),
            company=company,
            other_companies=(),
            user_id=email if imported else f"u-{self.made:06d}",
            logins_30d=logins,
            registered_at=registered_at,
            last_seen_at=_last_seen(rng, registered_at, logins),
            interests=tuple(rng.sample(INTERESTS, rng.choice((0, 1, 1, 2, 3)))),
            newsletter=_chance(rng, 0.45),
            lifecycle=rng.choice(LIFECYCLES),
            in_pipedrive=in_pipedrive,
            in_journy=in_journy,
        )

    def _email(self, name: str, company: int | None) -> str:
        at = self.rng.choice(_PUBLIC_DOMAINS) if company is None else self.companies[company].domain
        return _unused(self.emails, (_slug(name) or "contact") + "{}@" + at)


def _before(rng: random.Random, moment: datetime, days: int) -> datetime:
    return moment - timedelta(days=rng.randrange(1, days), seconds=rng.randrange(86_400))


def _last_seen(rng: random.Random, registered_at: datetime, logins: int) -> datetime | None:
    """Put the last visit inside the last 30 days for whoever logged in, else before them."""
    days_back = rng.uniform(0, 29) if logins else rng.uniform(31, 400)
    seen = REFERENCE_TIME - timedelta(seconds=int(days_back * 86_400))
    if seen >= registered_at:
        return seen
    return min(REFERENCE_TIME, registered_at + timedelta(hours=1)) if logins else None


def _phone(rng: random.Random) -> str:
    if _chance(rng, 0.7):
        return f"+1 {rng.choice(_AREA_CODES)} 555 01{rng.randrange(100):02d}"
    return f"+44 20 7946 0{rng.randrange(1000):03d}"


@dataclass(frozen=True)
class _Oddity(Generic[Row]):
    """A few rows of one awkward kind: in which services, how many, and what happens to them.

    `change` gets the row, an ordinary row of both services beside it, and the row's number among
    its kind.
    """

    where: tuple[bool, bool]
    rows: int
    change: Callable[[Row, Row, int], Row]


_BOTH, _PIPEDRIVE_ONLY, _JOURNY_ONLY = (True, True), (True, False), (False, True)

_COMPANY_ODDITIES: tuple[_Oddity[Company], ...] = (
    _Oddity(_PIPEDRIVE_ONLY, 3, lambda row, _, __: replace(row, account_id=None)),
    _Oddity(_BOTH, 2, lambda row, _, __: replace(row, account_id=None)),
    _Oddity(_PIPEDRIVE_ONLY, 2, lambda row, other, _: replace(row, account_id=other.account_id)),
    _Oddity(_BOTH, 1, lambda row, _, __: replace(row, name=f"{row.name}, " * 20 + "Holding")),
    _Oddity(_BOTH, 1, lambda row, _, __: replace(row, name='"Quote" & <b>Bold</b> O\'Neil Ltd')),
    _Oddity(_BOTH, 1, lambda row, _, __: replace(row, name="株式会社サンプル 🚀")),
    _Oddity(_JOURNY_ONLY, 2, lambda row, _, __: replace(row, journy_account_id=None)),
)

_CONTACT_ODDITIES: tuple[_Oddity[Contact], ...] = (
    _Oddity(_PIPEDRIVE_ONLY, 2, lambda row, other, _: replace(row, email=other.email)),
    _Oddity(_PIPEDRIVE_ONLY, 3, lambda row, _, __: replace(row, email=None)),
    _Oddity(_BOTH, 3, lambda row, _, __: replace(row, email=(row.email or "").upper())),
    _Oddity(_BOTH, 1, lambda row, _, __: replace(row, first_name="Maximiliane-" * 22 + "Anna")),
    _Oddity(
        _BOTH,
        1,
        lambda row, _, __: replace(row, last_name='"<script>alert(1)</script>" O\'Brien & Søn'),
    ),
    _Oddity(_BOTH, 1, lambda row, _, __: replace(row, last_name="")),
    _Oddity(_BOTH, 1, lambda row, _, __: replace(row, first_name="毛利", last_name="蘭 🎉")),
    _Oddity(
        _BOTH,
        1,
        lambda row, _, number: replace(row, user_id=f"earlier.address.{number}@example.com"),
    ),
    _Oddity(_BOTH, 2, lambda row, _, __: replace(row, company=None)),
    _Oddity(_JOURNY_ONLY, 2, lambda row, _, __: replace(row, company=None)),
    _Oddity(_BOTH, 3, lambda row, other, _: _with_second_company(row, other)),
)


def _with_second_company(contact: Contact, colleague: Contact) -> Contact:
    second = colleague.company
    if second is None or second == contact.company:
        return contact
    return replace(contact, company=contact.company, other_companies=(second,))


def _disturb(
    rows: list[Row],
    oddities: tuple[_Oddity[Row], ...],
    pipedrive: int,
    journy: int,
    rng: random.Random,
) -> None:
    """Change a few rows of a population that is large enough, none of them twice."""
    if max(pipedrive, journy) < AWKWARD_FROM:
        return
    untouched = {
        where: _untouched(rows, where, rng) for where in (_BOTH, _PIPEDRIVE_ONLY, _JOURNY_ONLY)
    }
    ordinary = untouched[_BOTH] or untouched[_PIPEDRIVE_ONLY] or untouched[_JOURNY_ONLY]
    for oddity in oddities:
        for number in range(1, oddity.rows + 1):
            candidates = untouched[oddity.where]
            if len(candidates) > 1 and len(ordinary) > 1:
                place, beside = candidates.pop(), ordinary.pop()
                rows[place] = oddity.change(rows[place], rows[beside], number)


def _untouched(rows: list[Row], where: tuple[bool, bool], rng: random.Random) -> list[int]:
    places = [i for i, row in enumerate(rows) if (row.in_pipedrive, row.in_journy) == where]
    rng.shuffle(places)
    return places
