"""Reading nested settings strictly: an unknown key or a wrong kind is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.text import near

_KINDS = {bool: "true or false", str: "a text", list: "a list", object: "a value"}


def section(config: Mapping[str, Any], setting: str, kinds: Mapping[str, type]) -> dict[str, Any]:
    """One object setting, complete with the keys that weren't given (as None).

    Args:
        config: The plugin's settings.
        setting: The object's name.
        kinds: Its keys and the type of each.

    Raises:
        ConfigurationError: Lists every key that is unknown or of a wrong kind.
    """
    given = config.get(setting)
    if given is None:
        return dict.fromkeys(kinds)
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{setting}: expected an object with {', '.join(kinds)}")
    problems = [
        f"{setting}: unknown key {key!r}; {near(str(key), kinds)}"
        for key in given
        if key not in kinds
    ]
    problems += [
        f"{setting}.{key}: expected {_KINDS[kind]}"
        for key, kind in kinds.items()
        if given.get(key) is not None and not isinstance(given[key], kind)
    ]
    if problems:
        raise ConfigurationError(problems)
    return {key: given.get(key) for key in kinds}


def collected(*checks: Callable[[], Any]) -> list[Any]:
    """Call each check and gather every problem before raising.

    Args:
        checks: Functions without arguments.

    Returns:
        Their results, in order.

    Raises:
        ConfigurationError: Of all that failed, together.
    """
    problems: list[str] = []
    results = [tried(check, problems) for check in checks]
    if problems:
        raise ConfigurationError(problems)
    return results


def tried(check: Callable[[], Any], problems: list[str]) -> Any:
    """What a check gives; None where it fails, and what it says is added to the problems."""
    try:
        return check()
    except ConfigurationError as error:
        problems += (each for each in error.problems if each not in problems)
        return None
