"""The awkward rows: a few of each kind that breaks naive integrations."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic

from sync_sandbox.population.rows import Company, Contact, Row

AWKWARD_FROM = 50
"""Awkward rows appear from this many rows on; a smaller world stays plain."""


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

COMPANY_ODDITIES: tuple[_Oddity[Company], ...] = (
    _Oddity(_PIPEDRIVE_ONLY, 3, lambda row, _, __: replace(row, account_id=None)),
    _Oddity(_BOTH, 2, lambda row, _, __: replace(row, account_id=None)),
    _Oddity(_PIPEDRIVE_ONLY, 2, lambda row, other, _: replace(row, account_id=other.account_id)),
    _Oddity(_BOTH, 1, lambda row, _, __: replace(row, name=f"{row.name}, " * 20 + "Holding")),
    _Oddity(_BOTH, 1, lambda row, _, __: replace(row, name='"Quote" & <b>Bold</b> O\'Neil Ltd')),
    _Oddity(_BOTH, 1, lambda row, _, __: replace(row, name="株式会社サンプル 🚀")),
    _Oddity(_JOURNY_ONLY, 2, lambda row, _, __: replace(row, journy_account_id=None)),
)

CONTACT_ODDITIES: tuple[_Oddity[Contact], ...] = (
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


def disturb(
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
