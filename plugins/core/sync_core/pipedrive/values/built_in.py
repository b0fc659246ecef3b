"""Built-in fields, which the catalogue's type alone doesn't describe."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sync_core.mapping import Said, TargetField, simple
from sync_core.pipedrive.values.kinds import same
from sync_core.pipedrive.values.scalars import SHORT, number, text
from sync_core.web import domain

_NOT_DIALLED = re.compile(r"[^\d+]")


def text_field(key: str, label: str, *, clearable: bool = True) -> TargetField:
    """A built-in text field."""
    return TargetField(key, label, text(SHORT), holds=same, clearable=clearable)


def number_field(key: str, label: str) -> TargetField:
    """A built-in number field."""
    return TargetField(key, label, number, holds=same, clearable=True)


def website_field(key: str, label: str) -> TargetField:
    """A field that holds a domain, alone or as an address; both say the same."""
    return TargetField(key, label, text(SHORT), plain=domain, holds=_same_site)


def _same_site(stored: Any, wanted: str) -> bool:
    found = domain(wanted)
    return same(stored, wanted) if found is None else domain(stored) == found


def contact_field(key: str, label: str, equal: Callable[[str], str]) -> TargetField:
    """An e-mail or phone list, into which values are merged; others' entries are never lost.

    The entry on which both sides last agreed follows the source, with its label and its rank.

    Args:
        key: `emails` or `phones`.
        label: What people call it.
        equal: Reduces an entry to what makes two of them equal.
    """

    def values(stored: Any) -> list[dict[str, Any]]:
        entries = stored if isinstance(stored, list) else []
        known = [entry for entry in entries if isinstance(entry, dict)]
        return [entry for entry in known if str(entry.get("value") or "").strip()]

    def missing(stored: Any, wanted: list[str]) -> dict[str, str]:
        known = {equal(str(entry["value"])) for entry in values(stored)}
        return {mark: each for each in wanted if (mark := equal(each)) not in known}

    def combine(stored: Any, wanted: list[str]) -> list[dict[str, Any]]:
        entries = list(values(stored))
        for each in missing(stored, wanted).values():
            entries.append({"value": each, "primary": not entries})
        return entries

    def spelled(value: Any, said: Said) -> bool:
        # Of the source's former value only the digest is known: where Pipedrive spells it
        # otherwise, it is found if the source wrote it plainly, as machines mostly do.
        return said(value) or said(equal(str(value)))

    def renew(stored: Any, wanted: list[str], said: Said) -> list[dict[str, Any]]:
        entries, new = values(stored), list(missing(stored, wanted).values())
        still = {equal(each) for each in wanted}
        gone = (at for at, e in enumerate(entries) if equal(str(e["value"])) not in still)
        former = next((at for at in gone if spelled(entries[at]["value"], said)), None)
        if new and former is not None:
            entries[former] = {**entries[former], "value": new[0]}
        return entries

    return TargetField(
        key,
        label,
        _entries,
        plain=simple,
        holds=lambda stored, wanted: not missing(stored, wanted),
        combine=combine,
        renew=renew,
        adds=True,
        joins=True,
    )


def _entries(value: Any) -> list[str]:
    """One address or number, or several, of which the first is the primary one of a new list."""
    several = value if isinstance(value, list) else [value]
    return [each for one in several if one is not None and (each := text(SHORT)(one))]


def same_phone(value: str) -> str:
    """A phone number without the marks that only group its digits."""
    return _NOT_DIALLED.sub("", value) or value.strip().casefold()


def id_field(key: str, label: str, resolve: Callable[[Any], int]) -> TargetField:
    """A field that holds another record's id."""
    return TargetField(key, label, resolve)
