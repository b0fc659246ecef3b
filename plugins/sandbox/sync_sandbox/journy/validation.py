"""Checks of request bodies, built from small rules as the OpenAPI description builds its schemas.

A rule gets a value, the path of the value ("identification.email") and the map of errors that the
400 answer will carry. The wording of these messages is ours: only their place in the answer is
documented.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sync_sandbox.journy.times import from_iso

Errors = dict[str, str]
Rule = Callable[[Any, str, Errors], None]

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_DOMAIN = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")

FORMATS: dict[str, tuple[Callable[[str], object], str]] = {
    "non-empty-string": (str.strip, "a non-empty string"),
    "user-id": (str.strip, "a non-empty user id"),
    "account-id": (str.strip, "a non-empty account id"),
    "event-name": (str.strip, "a non-empty event name"),
    "email": (_EMAIL.fullmatch, "an e-mail address"),
    "top-level-domain": (_DOMAIN.fullmatch, "a domain such as acme-inc.com"),
    "datetime": (lambda text: from_iso(text) is not None, "a datetime (ISO 8601)"),
}
"""The `format` names of the OpenAPI description. Their exact rules are not published."""

_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def text(format_name: str) -> Rule:
    """A string of one of the formats."""
    fits, wanted = FORMATS[format_name]

    def check(value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, str):
            _expected("a string", value, path, errors)
        elif not fits(value):
            errors[path] = f"Expected {wanted}."

    return check


def one_of(*types: type, wanted: str) -> Rule:
    """A value of one of the JSON types."""

    def check(value: Any, path: str, errors: Errors) -> None:
        if type(value) not in types:
            _expected(wanted, value, path, errors)

    return check


def array(item: Rule, *, at_most: int | None = None) -> Rule:
    """An array whose items all follow a rule."""

    def check(value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, list):
            _expected("an array", value, path, errors)
        elif at_most is not None and len(value) > at_most:
            errors[path] = f"Expected at most {at_most} items but found {len(value)}."
        else:
            for index, one in enumerate(value):
                item(one, f"{path}.{index}", errors)

    return check


def mapping(item: Rule) -> Rule:
    """An object with any keys, whose values all follow a rule."""

    def check(value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, dict):
            _expected("an object", value, path, errors)
            return
        for name, one in value.items():
            item(one, f"{path}.{name}", errors)

    return check


def record(*, required: dict[str, Rule], optional: dict[str, Rule], at_least_one: bool) -> Rule:
    """An object with these keys and no others."""
    known = required | optional

    def check(value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, dict):
            _expected("an object", value, path or "body", errors)
            return
        for name in required.keys() - value.keys():
            errors[_join(path, name)] = "This field is required."
        if at_least_one and not value:
            errors[path] = f"Expected at least one of: {', '.join(known)}."
        for name, one in value.items():
            _check_field(known.get(name), one, _join(path, name), errors)

    return check


def _check_field(rule: Rule | None, value: Any, path: str, errors: Errors) -> None:
    if rule is None:
        errors[path] = "This field is not known here."
    else:
        rule(value, path, errors)


def property_value(value: Any, path: str, errors: Errors) -> None:
    """A property: null, string, boolean, number, or an array of non-empty strings."""
    if isinstance(value, list):
        array(text("non-empty-string"))(value, path, errors)
    elif isinstance(value, dict):
        wanted = "a string, boolean, number, array of strings or null"
        _expected(wanted, value, path, errors)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _expected(wanted: str, found: Any, path: str, errors: Errors) -> None:
    errors[path] = f"Expected {wanted} but found {_NAMES[type(found)]}."
