"""Whether the ledger of both targets can be read, and which version it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sync_core.errors import SyncError
from sync_core.ledger import opening, tables

from sync_connector.checking.model import Finding, failed, ok, problem, warning

_TARGETS = ("target-pipedrive", "target-journy")


def check(settings: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    """Look at each ledger once; none is made, and none is changed."""
    urls: dict[str, list[str]] = {}
    for role in _TARGETS:
        if role in settings:
            urls.setdefault(str(settings[role].get("ledger_url") or ""), []).append(role)
    for url, roles in urls.items():
        yield from _look(", ".join(roles), url)
    if len(urls) > 1:
        yield warning(
            "ledger_url",
            "each direction remembers in its own ledger, so neither knows what the other wrote",
            "give both targets the same ledger_url",
        )


def _look(what: str, url: str) -> Iterator[Finding]:
    place = f"{what}: ledger"
    if not url:
        yield ok(place, "the default is used: ledger.db in the folder of the run")
        return
    try:
        version = _version(url)
    except SyncError as error:
        yield from failed(place, error)
        return
    if version is None:
        yield ok(place, "there is none yet; the first run makes it")
    elif not version.isdecimal() or int(version) > tables.SCHEMA_VERSION:
        yield problem(
            place,
            f"it has version {version}, newer than version {tables.SCHEMA_VERSION} known here",
            "update the plugins",
        )
    else:
        older = int(version) < tables.SCHEMA_VERSION
        yield ok(place, f"version {version}" + ("; the next run brings it up to date" * older))


def _version(url: str) -> str | None:
    """The version of a ledger, or None where there is none yet."""
    engine = opening.connect(url)
    file = engine.url.database
    try:
        if engine.dialect.name == "sqlite" and not _exists(file):
            return None
        with opening.plainly(), engine.connect() as db:
            if not sa.inspect(db).has_table(tables.meta.name):
                return None
            table = tables.meta
            query = sa.select(table.c.value).where(table.c.name == "schema_version")
            found: str | None = db.execute(query).scalar()
            return found
    finally:
        engine.dispose()


def _exists(file: str | None) -> bool:
    return bool(file) and Path(str(file)).exists()
