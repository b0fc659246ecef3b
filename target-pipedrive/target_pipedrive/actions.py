"""The setting `actions`, as far as the framework knows it."""

from __future__ import annotations

from singer_sdk import typing as th

#: Only the outline: the reading itself is strict, and names what is near an unknown name.
SETTING: th.Property[list[dict[str, object]]] = th.Property(
    "actions",
    th.ArrayType(th.ObjectType(additional_properties=True)),
    title="Actions",
    description="Activities that a signal creates, each {name, when: {entity: user or account, "
    "condition}, activity: {type, subject, note, assignee, priority, due_in_days or due_in_hours, "
    "at, zone, duration, open_deal}, fire_on_first_run, reenter_after}; see the README.",
)
