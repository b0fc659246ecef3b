"""The setting `record_source`, checked: where users and accounts come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.text import near

from tap_journy.entities import ENTITIES, Entity

SETTING = "record_source"
TYPES = ("api", "files")
FORMATS = ("records",)
_NUMBERS = frozenset({"page_size"})
_REQUIRED = frozenset({"path", "records", "page_size"})
_NAMES = tuple(entity.name for entity in ENTITIES)


@dataclass(frozen=True)
class Settings:
    """A checked record source.

    Attributes:
        type: `api` or `files`.
        listings: Entity name -> description of its endpoint, and of where things stand in a
            record; a file's records are described by the same names.
        files: Entity name -> path of a JSON Lines file.
    """

    type: str
    listings: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, str]


def read(source: Mapping[str, Any] | None) -> Settings:
    """Check the setting and fill it with the defaults.

    Raises:
        ConfigurationError: It holds unknown keys or wrong values; every one is named.
    """
    given = dict(source or {})
    kind = given.pop("type", "api")
    if kind not in TYPES:
        raise ConfigurationError(f"{SETTING}.type: {kind!r} isn't one of {', '.join(TYPES)}")
    return _read_files(given) if kind == "files" else _read_api(given)


def _read_api(given: Mapping[str, Any]) -> Settings:
    problems = [*_unknown(given, _NAMES, SETTING)]
    listings = {}
    for entity in ENTITIES:
        chosen = given.get(entity.name) or {}
        problems += _listing_problems(entity, chosen)
        listings[entity.name] = {**entity.listing, **(chosen if isinstance(chosen, dict) else {})}
    if problems:
        raise ConfigurationError(problems)
    return Settings("api", listings, {})


def _read_files(given: Mapping[str, Any]) -> Settings:
    problems = [*_unknown(given, ("format", *_NAMES), SETTING)]
    wanted = given.get("format", "records")
    if wanted not in FORMATS:
        problems.append(
            f"{SETTING}.format: {wanted!r} can't be read; records (one record a line) can"
        )
    files = {name: given[name] for name in _NAMES if given.get(name) is not None}
    problems += [problem for name, path in files.items() for problem in _file_problems(name, path)]
    if not files:
        problems.append(f"{SETTING}: name a file of JSON Lines under users, accounts, or both")
    if problems:
        raise ConfigurationError(problems)
    return Settings("files", {entity.name: entity.listing for entity in ENTITIES}, files)


def _file_problems(name: str, path: Any) -> Iterable[str]:
    if not isinstance(path, str) or not path.strip():
        yield f"{SETTING}.{name}: expected the path of a file, got {path!r}"
    elif "://" in path or any(char in path for char in "*?["):
        yield (
            f"{SETTING}.{name}: expected the path of one local file; addresses and patterns "
            f"can't be read yet, got {path!r}"
        )


def _listing_problems(entity: Entity, chosen: Any) -> Iterable[str]:
    where = f"{SETTING}.{entity.name}"
    if not isinstance(chosen, dict):
        return [f"{where}: expected keys such as path and records, got {chosen!r}"]
    values = (_value_problems(f"{where}.{key}", key, value) for key, value in chosen.items())
    return [
        *_unknown(chosen, entity.listing, where),
        *(problem for problems in values for problem in problems),
    ]


def _value_problems(where: str, key: str, value: Any) -> Iterable[str]:
    if value is None and key in _REQUIRED:
        yield f"{where}: can't be empty"
    elif key in _NUMBERS and value is not None:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield f"{where}: expected a whole number from 1, got {value!r}"
    elif value is not None and (not isinstance(value, str) or not value):
        yield f"{where}: expected a text, got {value!r}"
    elif key == "path" and not str(value).startswith("/"):
        yield f"{where}: expected a path below api_url that begins with /, got {value!r}"


def _unknown(given: Mapping[str, Any], known: Iterable[str], where: str) -> Iterable[str]:
    names = list(known)
    return [
        f"{where}: unknown key {key!r}; {near(key, names)}" for key in given if key not in names
    ]
