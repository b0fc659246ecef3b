"""Computed properties and segments, recomputed from the rules below at every change.

journy's own rules belong to each customer; these are the sandbox's, small enough to read.
Documented are the kinds: health is Good, Bad or Normal and good is checked first, then bad; churn
and conversion scores are percentages from weighted signals; a stage comes from rules; the property
`segments` holds the names of the segments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.journy.records import ACCOUNT, USER
from sync_sandbox.journy.rules import FirstOf, If, Joined, Links, Mirror, Rule, Score, Segments

if TYPE_CHECKING:
    from sync_sandbox.journy.records import Record

_HEALTH = FirstOf(
    "health",
    (
        ("Good", (If("churn_score", "at_most", 15),)),
        ("Bad", (If("churn_score", "at_least", 60),)),
    ),
    default="Normal",
)

USER_SEGMENTS = Segments(
    "segments",
    (
        (
            "Product qualified leads",
            (
                (If("stage", "among", ("Lead", "Trial")), If("conversion_score", "at_least", 50)),
                (If("lead_status", "is", "Product qualified"),),
            ),
        ),
        ("Power users", ((If("logins_30d", "at_least", 25),),)),
        ("At risk", ((If("health", "is", "Bad"),),)),
        ("Newsletter readers", ((If("newsletter", "is", True),),)),
    ),
)

ACCOUNT_SEGMENTS = Segments(
    "segments",
    (
        (
            "Expansion ready",
            ((If("plan", "among", ("Starter", "Growth")), If("conversion_score", "at_least", 50)),),
        ),
        ("At risk accounts", ((If("health", "is", "Bad"),),)),
        ("Enterprise", ((If("plan", "is", "Enterprise"),),)),
    ),
)

USER_RULES: tuple[Rule, ...] = (
    Mirror("email", "contact"),
    Joined("full_name", ("first_name", "last_name")),
    Links("account_count"),
    Score(
        "churn_score",
        20,
        (
            (-10, If("logins_30d", "at_least", 10)),
            (15, If("logins_30d", "at_most", 2)),
            (30, If("logins_30d", "at_most", 0)),
            (30, If("lifecycle", "is", "churned")),
        ),
    ),
    Score(
        "conversion_score",
        10,
        (
            (20, If("logins_30d", "at_least", 5)),
            (20, If("logins_30d", "at_least", 20)),
            (15, If("interests", "contains", "Integrations")),
            (15, If("role", "among", ("owner", "admin"))),
            (30, If("lead_status", "is", "Qualified")),
        ),
    ),
    _HEALTH,
    FirstOf(
        "stage",
        (
            ("Churned", (If("lifecycle", "is", "churned"),)),
            ("Trial", (If("lifecycle", "is", "trial"),)),
            ("Active", (If("lifecycle", "is", "active"), If("logins_30d", "at_least", 1))),
            ("Dormant", (If("lifecycle", "is", "active"),)),
        ),
        default="Lead",
    ),
    USER_SEGMENTS,
)

ACCOUNT_RULES: tuple[Rule, ...] = (
    Mirror("domain", "contact"),
    Links("user_count"),
    Score(
        "churn_score",
        20,
        (
            (25, If("plan", "is", "Free")),
            (-10, If("seats", "at_least", 10)),
            (20, If("seats", "at_most", 2)),
            (60, If("status", "is", "Churned")),
        ),
    ),
    Score(
        "conversion_score",
        10,
        (
            (20, If("trial", "is", True)),
            (25, If("seats", "at_least", 10)),
            (20, If("employees", "at_least", 100)),
            (15, If("mrr", "at_least", 250)),
            (20, If("lead_status", "is", "Qualified")),
        ),
    ),
    _HEALTH,
    FirstOf(
        "stage",
        (
            ("Churned", (If("status", "is", "Churned"),)),
            ("Trial", (If("trial", "is", True),)),
            ("Free", (If("plan", "is", "Free"),)),
            ("Customer", (If("plan", "among", ("Starter", "Growth", "Enterprise")),)),
        ),
        default="Prospect",
    ),
    ACCOUNT_SEGMENTS,
)

RULES: dict[str, tuple[Rule, ...]] = {USER.name: USER_RULES, ACCOUNT.name: ACCOUNT_RULES}
SEGMENTS = {USER.name: USER_SEGMENTS, ACCOUNT.name: ACCOUNT_SEGMENTS}


def recompute(kind_name: str, record: Record) -> bool:
    """Bring a record's computed properties up to date; say whether one changed."""
    changed = False
    for rule in RULES[kind_name]:
        changed |= put(record, rule.name, rule.value(record))
    return changed


def put(record: Record, name: str, value: Any) -> bool:
    """Set a property, or delete it with None; say whether that changed anything."""
    properties = record.properties
    if value is None:
        return properties.pop(name, None) is not None
    found = properties.get(name)
    if found == value and isinstance(found, bool) == isinstance(value, bool):
        return False
    properties[name] = value
    return True
