"""Options of the choice fields that a mapping writes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sync_core.errors import ConfigurationError, SyncError
from sync_core.pipedrive import Field, FieldCatalogue, PipedriveClient
from sync_core.pipedrive.endpoints import ORGANIZATION, PERSON
from sync_core.text import fold

from sync_connector.agent import user_agent
from sync_connector.checking.model import Finding, failed, ok, problem, warning

_ENTITIES = {"users": PERSON, "accounts": ORGANIZATION}
_CHOICES = frozenset({"enum", "set"})


def check(settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Look at the options of each choice field that a line of target-pipedrive names.

    Args:
        settings: Of target-pipedrive.
    """
    looked = 0
    for setting, entity in _ENTITIES.items():
        targets = _targets(settings, setting)
        if not targets:
            continue
        try:
            client = PipedriveClient.from_settings(settings, user_agent=user_agent())
            catalogue = FieldCatalogue.load(client, entity)
        except SyncError as error:
            yield from failed("target-pipedrive", error)
            return
        for place, name in targets.items():
            field = _find(catalogue, name)
            if field is not None and field.type in _CHOICES:
                looked += 1
                yield from _judged(place, field)
    if looked:
        yield ok("target-pipedrive: options", f"{looked} choice fields are written to, by label")


def _targets(settings: Mapping[str, Any], setting: str) -> dict[str, str]:
    about = settings.get(setting)
    lines = about.get("fields") if isinstance(about, Mapping) else None
    return {
        f"{setting}.fields[{at}]": line["to"]
        for at, line in enumerate(lines if isinstance(lines, list) else ())
        if isinstance(line, Mapping) and isinstance(line.get("to"), str)
    }


def _find(catalogue: FieldCatalogue, name: str) -> Field | None:
    try:
        return catalogue.find(name, "")
    except ConfigurationError:  # the target itself says so
        return None


def _judged(place: str, field: Field) -> Iterator[Finding]:
    where = f"target-pipedrive: {place}"
    if not field.options:
        yield problem(where, f"{field.label!r} has no options", "add options to it in Pipedrive")
    counted = Counter(fold(option.label) for option in field.options)
    twice = [o.label for o in field.options if counted[fold(o.label)] > 1]
    if twice:
        yield warning(
            where,
            f"{field.label!r} has several options that read {twice[0]!r}",
            "rename one of them in Pipedrive: a value that fits both is rejected",
        )
