"""Makes ordinary companies and humans, one a call."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sync_sandbox.population.names import WEIGHTS, chance, phone_number, pools, slug, unused
from sync_sandbox.population.rows import (
    INTERESTS,
    LIFECYCLES,
    PLANS,
    REFERENCE_TIME,
    Company,
    Contact,
)

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
_ROLES = ("owner", "admin", "member", "member", "member", "viewer")
_PUBLIC_DOMAINS = ("example.com", "example.org", "example.net")
_PRICE_PER_SEAT = {"Free": 0.0, "Starter": 12.0, "Growth": 29.5, "Enterprise": 64.0}


class CompanyMaker:
    """Makes one company a call; keeps domains unique."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.domains: set[str] = set()
        self.made = 0

    def __call__(self, in_pipedrive: bool, in_journy: bool) -> Company:
        """Make a company that is in these services."""
        rng = self.rng
        self.made += 1
        pool = rng.choices(pools(), cum_weights=WEIGHTS)[0]
        stem = f"{rng.choice(pool.last_names)} {rng.choice(_TRADES)}"
        site = slug(stem).replace(".", "-") or "company"
        employees = int(rng.lognormvariate(3.5, 1.3)) + 1
        plan = rng.choices(PLANS, (4, 3, 2, 1))[0]
        seats = max(1, min(employees, int(rng.lognormvariate(2, 1))))
        account_id = f"acc-{self.made:06d}"
        return Company(
            name=stem + rng.choice(_LEGAL_FORMS),
            domain=unused(self.domains, site + "{}.example"),
            account_id=account_id,
            journy_account_id=account_id,
            city=rng.choice(pool.cities),
            country=pool.country,
            employees=employees,
            plan=plan,
            mrr=round(seats * _PRICE_PER_SEAT[plan], 2),
            seats=seats,
            trial=plan != "Free" and chance(rng, 0.1),
            customer_since=_before(rng, REFERENCE_TIME, 1500),
            in_pipedrive=in_pipedrive,
            in_journy=in_journy,
        )


class ContactMaker:
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
        """Make a human who is in these services."""
        rng = self.rng
        self.made += 1
        pool = rng.choices(pools(), cum_weights=WEIGHTS)[0]
        first_name, last_name = rng.choice(pool.first_names), rng.choice(pool.last_names)
        homes = self.homes[in_pipedrive, in_journy]
        company = rng.choice(homes) if homes and chance(rng, 0.92) else None
        email = self._email(f"{first_name} {last_name}", company)
        imported = in_pipedrive and in_journy and chance(rng, 0.2)
        registered_at = _before(rng, REFERENCE_TIME, 900)
        logins = int(rng.expovariate(1 / 12)) if chance(rng, 0.8) else 0
        return Contact(
            first_name=first_name,
            last_name=last_name,
            email=email,
            phone=phone_number(rng) if chance(rng, 0.85) else None,
            title=rng.choice(_TITLES),
            role=rng.choice(_ROLES),
            company=company,
            other_companies=(),
            user_id=email if imported else f"u-{self.made:06d}",
            logins_30d=logins,
            registered_at=registered_at,
            last_seen_at=_last_seen(rng, registered_at, logins),
            interests=tuple(rng.sample(INTERESTS, rng.choice((0, 1, 1, 2, 3)))),
            newsletter=chance(rng, 0.45),
            lifecycle=rng.choice(LIFECYCLES),
            in_pipedrive=in_pipedrive,
            in_journy=in_journy,
        )

    def _email(self, name: str, company: int | None) -> str:
        at = self.rng.choice(_PUBLIC_DOMAINS) if company is None else self.companies[company].domain
        return unused(self.emails, (slug(name) or "contact") + "{}@" + at)


def _before(rng: random.Random, moment: datetime, days: int) -> datetime:
    return moment - timedelta(days=rng.randrange(1, days), seconds=rng.randrange(86_400))


def _last_seen(rng: random.Random, registered_at: datetime, logins: int) -> datetime | None:
    """Put the last visit inside the last 30 days for whoever logged in, else before them."""
    days_back = rng.uniform(0, 29) if logins else rng.uniform(31, 400)
    seen = REFERENCE_TIME - timedelta(seconds=int(days_back * 86_400))
    if seen >= registered_at:
        return seen
    return min(REFERENCE_TIME, registered_at + timedelta(hours=1)) if logins else None
