"""The request bodies of the OpenAPI description, one rule for each."""

from __future__ import annotations

from sync_sandbox.journy.validation import (
    Rule,
    array,
    mapping,
    one_of,
    property_value,
    record,
    text,
)

MOST_MEMBERS = 100
"""How many users one call may add to an account or remove from it."""


def _pick(*, at_least_one: bool = False, need: dict[str, Rule], may: dict[str, Rule]) -> Rule:
    return record(required=need, optional=may, at_least_one=at_least_one)


_USER = _pick(at_least_one=True, need={}, may={"userId": text("user-id"), "email": text("email")})
_ACCOUNT = _pick(
    at_least_one=True,
    need={},
    may={"accountId": text("account-id"), "domain": text("top-level-domain")},
)
_SUBJECT = _pick(at_least_one=True, need={}, may={"user": _USER, "account": _ACCOUNT})
_METADATA = mapping(one_of(str, bool, int, float, wanted="a string, boolean, number or datetime"))
_PROPERTIES = mapping(property_value)
_MEMBER = _pick(need={"identification": _USER}, may={})

UPSERT_USER = _pick(need={"identification": _USER}, may={"properties": _PROPERTIES})
UPSERT_ACCOUNT = _pick(need={"identification": _ACCOUNT}, may={"properties": _PROPERTIES})
DELETE_USER = _pick(need={"identification": _USER}, may={})
DELETE_ACCOUNT = _pick(need={"identification": _ACCOUNT}, may={})
MEMBERS = _pick(need={"account": _ACCOUNT, "users": array(_MEMBER, at_most=MOST_MEMBERS)}, may={})
LINK = _pick(need={"deviceId": text("non-empty-string"), "identification": _USER}, may={})
EVENT = _pick(
    need={"identification": _SUBJECT, "name": text("event-name")},
    may={"triggeredAt": text("datetime"), "metadata": _METADATA},
)
