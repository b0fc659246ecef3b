"""Pipedrive fields that a mapping or a person asks for, and that aren't there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.pipedrive import FieldCatalogue, PipedriveClient
from sync_core.pipedrive.creating import Maker
from sync_core.pipedrive.endpoints import ENTITIES
from sync_core.pipedrive.fitting import fitting
from sync_core.text import near

from sync_connector.agent import user_agent
from sync_connector.fielding.gathering import Gathered
from sync_connector.lines import PAIRS, Pair

Settings = Mapping[str, Any]

#: journy's stream -> the entity that its records are written to.
_ENTITIES = {"users": "person", "accounts": "organization"}


@dataclass(frozen=True)
class Missing:
    """A field to be made.

    Attributes:
        entity: person or organization.
        name: What it will be called.
        kind: Its `field_type`.
        options: Its first options.
        setting: Who asks for it.
    """

    entity: str
    name: str
    kind: str
    options: tuple[str, ...]
    setting: str


class Fields:
    """Pipedrive's field catalogues, as the target's own credential sees them."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; nothing is read yet.

        Args:
            settings: Of target-pipedrive.

        Raises:
            ConfigurationError: There is no credential.
        """
        self._settings = settings
        self._client = PipedriveClient.from_settings(settings, user_agent=user_agent())
        self._catalogues: dict[str, FieldCatalogue] = {}

    def _catalogue(self, entity: str) -> FieldCatalogue:
        if entity not in self._catalogues:
            self._catalogues[entity] = FieldCatalogue.load(self._client, ENTITIES[entity])
        return self._catalogues[entity]

    def missing(self, gathered: Gathered, wanted: Sequence[str]) -> list[Missing]:
        """What the mapping's lines name and Pipedrive lacks, and what was asked for by name.

        Args:
            gathered: What both services have.
            wanted: Properties of journy, such as `nps` or `users.nps`.

        Raises:
            ConfigurationError: journy has no such property, or several.
        """
        found = [each for pair in PAIRS for each in self._mapped(pair, gathered)]
        found += [self._wanted(name, gathered) for name in wanted]
        new = {(each.entity, each.name): each for each in found}
        return [each for each in new.values() if not self._catalogue(each.entity).has(each.name)]

    def _mapped(self, pair: Pair, gathered: Gathered) -> Iterator[Missing]:
        about = self._settings.get(pair.source)
        lines = about.get("fields") if isinstance(about, Mapping) else None
        schema = gathered.streams["tap-journy"].get(pair.source)
        for at, line in enumerate(lines if isinstance(lines, list) else ()):
            setting = f"{pair.source}.fields[{at}]"
            source, name = line.get("from"), line.get("to")
            if isinstance(source, str) and isinstance(name, str) and schema:
                column, part = schema.source.find(source, setting)
                about_it = {} if part else schema.columns[column.name]
                yield from _of(pair, name, about_it, setting)

    def _wanted(self, name: str, gathered: Gathered) -> Missing:
        stream, _, own = name.rpartition(".")
        found = [
            (pair, column)
            for pair in PAIRS
            for column in gathered.journy(pair)
            if column.name == own and stream in ("", pair.source)
        ]
        if len(found) != 1:
            raise ConfigurationError(_which(name, [pair.source for pair, _ in found], gathered))
        pair, column = found[0]
        (missing,) = _of(pair, _readable(column.label), column.about, name)
        return missing

    def make(self, missing: Sequence[Missing]) -> Iterator[tuple[Missing, str]]:
        """Make the fields, each once; gives what was made, with its key.

        Raises:
            ConfigurationError: The credential may not make fields.
        """
        for each in missing:
            maker = Maker(self._client, self._catalogue(each.entity), dry_run=False)
            yield each, maker.field(each.name, each.kind, each.options, each.setting).key


def _of(pair: Pair, name: str, about: Mapping[str, Any], setting: str) -> Iterator[Missing]:
    kind, options = fitting(about) or ("varchar", ())
    yield Missing(_ENTITIES[pair.source], name, kind, options, setting)


def _readable(label: str) -> str:
    """A label for people: `churn_score` reads as `Churn score`."""
    text = label.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def _which(name: str, found: Sequence[str], gathered: Gathered) -> str:
    if found:
        both = " or ".join(f"{stream}.{name}" for stream in found)
        return f"{name!r} is a property of users and of accounts; say {both}"
    known = [f"{pair.source}.{each.name}" for pair in PAIRS for each in gathered.journy(pair)]
    return f"journy has no property {name!r}; {near(name, known)}"
