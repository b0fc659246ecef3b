"""What journy's documentation leaves open, as named switches with the safest reading as default."""

from __future__ import annotations

from sync_sandbox.switches import Switch

SWITCHES: tuple[Switch, ...] = (
    Switch(
        "journy.accept_delay_seconds",
        0.0,
        float,
        "How long an accepted write waits before it shows; 201 and 202 only say that it is queued.",
    ),
    Switch(
        "journy.rate_limit",
        1800,
        int,
        "Requests that one key may send in any 60 seconds; 0 switches the limit off.",
    ),
    Switch(
        "journy.block_after_429",
        0,
        int,
        "Disable a key after so many 429 answers in a row, since journy blocks keys that keep "
        "hitting the limit; 0 never does.",
    ),
    Switch(
        "journy.identity_conflict",
        "id_wins",
        ("id_wins", "contact_wins", "refuse", "merge"),
        "What a write does whose two identifiers belong to two different records: go to the owner "
        "of the userId or accountId, go to the owner of the e-mail or domain, answer 400, or make "
        "one record of both.",
    ),
    Switch(
        "journy.identifier_change",
        "keep_id",
        ("keep_id", "replace_all", "keep_all"),
        "What happens when a record is found by one identifier and the other one differs: only the "
        "e-mail or domain follows, both follow, or neither does.",
    ),
    Switch(
        "journy.link_unknown",
        "create",
        ("create", "ignore"),
        "Whether linking, tracking and adding members create users and accounts that are unknown.",
    ),
    Switch(
        "journy.unknown_properties",
        "create",
        ("create", "reject", "drop"),
        "What a write does with a property that is not in the catalogue: create it, name it in "
        "`rejected`, or leave it out in silence.",
    ),
    Switch(
        "journy.property_names",
        "convert",
        ("convert", "as_is", "reject"),
        "What a write does with a property name that is not lower snake_case: turn it into one, "
        "keep it, or name it in `rejected`.",
    ),
    Switch(
        "journy.property_types",
        "first_value",
        ("first_value", "any"),
        "Whether the first value fixes a property's type, or every value is taken.",
    ),
    Switch(
        "journy.computed_writes",
        "reject",
        ("reject", "ignore"),
        "Whether writing a computed property is named in `rejected` or left out in silence.",
    ),
)
