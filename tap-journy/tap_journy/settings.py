"""The setting `record_source`, checked: where users and accounts come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.text import near

from tap_journy.entities import ENTITIES, Entity

SETTING = "record_source"
TYPES = ("api", "files")
FORMATS = ("records", "segment")
NESTED = ("text", "flatten")
METHODS = ("GET", "POST")
PAGINATIONS = ("cursor", "page", "offset", "none")
SINCE_FORMATS = ("iso", "date", "seconds", "milliseconds")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "method": METHODS,
    "pagination": PAGINATIONS,
    "since_format": SINCE_FORMATS,
}
#: Key -> smallest whole number that it takes.
_NUMBERS: Mapping[str, int] = {"page_size": 1, "first_page": 0, "lookback_seconds": 0}
_REQUIRED = frozenset({"path", "records", *_NUMBERS, *_CHOICES})
#: Kind of pagination -> the parameter that it can't do without.
_NEEDS: Mapping[str, str] = {"page": "page_param", "offset": "offset_param"}
_NAMES = tuple(entity.name for entity in ENTITIES)


@dataclass(frozen=True)
class Settings:
    """A checked record source.

    Attributes:
        type: `api` or `files`.
        listings: Entity name -> description of its endpoint, and of where things stand in a
            record; a file's records are described by the same names.
        files: Entity name -> paths, patterns or addresses of its files.
        format: What a file holds: `records` or `segment`.
        flatten: Whether an object in Segment's traits becomes a column per part.
    """

    type: str
    listings: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, tuple[str, ...]]
    format: str = "records"
    flatten: bool = False


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


def shown(path: str) -> str:
    """An endpoint's path for messages: a query may hold a credential."""
    return path.partition("?")[0]


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
    problems = [*_unknown(given, ("format", "nested", *_NAMES), SETTING)]
    wanted, nested = given.get("format", "records"), given.get("nested", "text")
    if wanted not in FORMATS:
        problems.append(f"{SETTING}.format: {wanted!r} isn't one of {', '.join(FORMATS)}")
    if nested not in NESTED:
        problems.append(f"{SETTING}.nested: {nested!r} isn't one of {', '.join(NESTED)}")
    chosen = {each: given[each.name] for each in ENTITIES if given.get(each.name) is not None}
    for entity, value in chosen.items():
        # The places in an archive's lines are specified.
        problems += _file_problems(entity, value, () if wanted == "segment" else entity.places)
    if not chosen:
        problems.append(f"{SETTING}: name files under users, accounts, or both")
    if problems:
        raise ConfigurationError(problems)
    listings = {each.name: {**each.listing, **_places(chosen.get(each))} for each in ENTITIES}
    files = {each.name: _paths(value) for each, value in chosen.items()}
    return Settings("files", listings, files, wanted, flatten=nested == "flatten")


def _places(value: Any) -> dict[str, Any]:
    """What a description of files says of the records in them."""
    return {k: v for k, v in value.items() if k != "path"} if isinstance(value, dict) else {}


def _paths(value: Any) -> tuple[str, ...]:
    paths = value["path"] if isinstance(value, dict) else value
    return (paths,) if isinstance(paths, str) else tuple(paths)


def _file_problems(entity: Entity, value: Any, places: tuple[str, ...]) -> Iterable[str]:
    where, paths = f"{SETTING}.{entity.name}", value
    if isinstance(value, dict):
        yield from _unknown(value, ("path", *places), where)
        for key in places:
            yield from _text_problems(f"{where}.{key}", value.get(key))
        where, paths = f"{where}.path", value.get("path")
    for path in paths if isinstance(paths, list) and paths else [paths]:
        if not isinstance(path, str) or not path.strip():
            yield f"{where}: expected a path, pattern or address of files, got {path!r}"


def _listing_problems(entity: Entity, chosen: Any) -> Iterable[str]:
    where = f"{SETTING}.{entity.name}"
    if not isinstance(chosen, dict):
        return [f"{where}: expected keys such as path and records, got {chosen!r}"]
    values = (_value_problems(f"{where}.{key}", key, value) for key, value in chosen.items())
    return [
        *_unknown(chosen, entity.listing, where),
        *(problem for problems in values for problem in problems),
        *_missing_parameter({**entity.listing, **chosen}, where),
    ]


def _missing_parameter(listing: Mapping[str, Any], where: str) -> Iterable[str]:
    kind = listing["pagination"]
    needed = _NEEDS.get(kind) if isinstance(kind, str) else None
    if needed and not listing[needed]:
        yield f"{where}.{needed}: can't be empty with pagination {kind}"


def _value_problems(where: str, key: str, value: Any) -> Iterable[str]:
    if value is None:
        return [f"{where}: can't be empty"] if key in _REQUIRED else []
    if key in _CHOICES:
        wrong = value not in _CHOICES[key]
        return [f"{where}: {value!r} isn't one of {', '.join(_CHOICES[key])}"] if wrong else []
    check = _CHECKS.get(key, _text_problems)
    return check(where, value)


def _number_problems(least: int) -> Callable[[str, Any], Iterable[str]]:
    def check(where: str, value: Any) -> Iterable[str]:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            yield f"{where}: expected a whole number from {least}, got {value!r}"

    return check


def _text_problems(where: str, value: Any) -> Iterable[str]:
    if value is not None and (not isinstance(value, str) or not value):
        yield f"{where}: expected a text, got {value!r}"


def _path_problems(where: str, value: Any) -> Iterable[str]:
    if not isinstance(value, str) or not value.startswith("/"):
        got = shown(value) if isinstance(value, str) else value
        yield f"{where}: expected a path below api_url that begins with /, got {got!r}"


_CHECKS: Mapping[str, Callable[[str, Any], Iterable[str]]] = {
    "path": _path_problems,
    **{key: _number_problems(least) for key, least in _NUMBERS.items()},
}


def _unknown(given: Mapping[str, Any], known: Iterable[str], where: str) -> Iterable[str]:
    names = list(known)
    return [
        f"{where}: unknown key {key!r}; {near(key, names)}" for key in given if key not in names
    ]
