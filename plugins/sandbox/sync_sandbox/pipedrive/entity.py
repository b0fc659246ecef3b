"""What the table of an entity says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entity:
    """One kind of record.

    Attributes:
        name: singular, as in searches.
        path: plural, as in paths.
        body: writable fields and the kind of each, see `kinds`.
        read_only: fields that a body must not hold.
        blank: the row that a new record starts from, in the order of the answer.
        required: fields that a new record needs; persons and activities have rules of their own.
        create_only: writable by POST alone.
        change_only: writable by PATCH or PUT alone.
        inherits: the entity whose custom fields its rows have as well, beside the other fields.
        gated: writable only when a switch is on.
        sort: fields that `sort_by` takes.
        filters: list parameters that compare with a field: parameter -> field.
        include: what `include_fields` takes.
        times: the list's parameters on update_time.
        by_ids: whether the list takes `ids`.
        labelled: whether include_option_labels and include_labels are taken.
        narrow_one: whether GET by id takes the parameters that shape the row.
        fields_path: where the field definitions are; None where there are none.
        title: the field that names a record.
        filter_type: what its filters are called in v1; None where there are none.
    """

    name: str
    path: str
    body: dict[str, str]
    read_only: frozenset[str]
    blank: dict[str, Any]
    required: tuple[str, ...] = ()
    create_only: frozenset[str] = frozenset()
    change_only: frozenset[str] = frozenset()
    inherits: str | None = None
    gated: dict[str, str] = field(default_factory=dict)
    sort: tuple[str, ...] = ("id", "update_time", "add_time")
    filters: dict[str, str] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    fields_path: str | None = None
    times: tuple[str, ...] = ("updated_since", "updated_until")
    by_ids: bool = True
    labelled: bool = True
    narrow_one: bool = True
    title: str = "name"
    filter_type: str | None = None

    @property
    def custom(self) -> bool:
        """Whether records have custom fields."""
        return "custom_fields" in self.body
