"""Users, organizations and persons as values of fields."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Any

from sync_core.mapping import TargetField, ValueMisfitError
from sync_core.pipedrive.fields import Field
from sync_core.pipedrive.values.how import How, Make
from sync_core.pipedrive.values.kinds import kind, same


def links(names: str) -> Make:
    """Fields that hold another record's id.

    Args:
        names: What names such a record, for messages.
    """

    def make(field: Field, how: How) -> TargetField:
        resolve = how.resolve.get(field.type)

        def convert(value: Any) -> int:
            if isinstance(value, (float, Decimal)) and isfinite(value) and value == int(value):
                value = int(value)
            is_id = isinstance(value, int) and not isinstance(value, bool) and value > 0
            if resolve is not None and (is_id or (isinstance(value, str) and value.strip())):
                return int(resolve(value))
            if not is_id:
                raise ValueMisfitError(f"expected {names}, got {kind(value)}")
            return int(value)

        return TargetField(field.key, field.label, convert, holds=same, clearable=True)

    return make
