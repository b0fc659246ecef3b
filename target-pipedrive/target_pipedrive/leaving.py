"""The setting `on_delete`: read strictly, and compiled against Pipedrive's fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.canonical import is_empty
from sync_core.engine.model import OnDelete
from sync_core.errors import ConfigurationError
from sync_core.mapping import ValueMisfitError

from target_pipedrive.fields import EntityFields

_EXPECTED = "expected ignore, delete, or {field: a Pipedrive field, value: what is written there}"


@dataclass(frozen=True)
class DeleteRule:
    """What is to happen when a record was deleted at its origin.

    Attributes:
        setting: Where it stands, for messages.
        field: The field that is written; None: the record is deleted.
        value: What is written there, as the analyst wrote it; None empties the field.
    """

    setting: str
    field: str | None = None
    value: Any = None

    def compiled(self, fields: EntityFields, known_by: str, kin: Iterable[str]) -> OnDelete:
        """The rule with Pipedrive's own field and value.

        Args:
            fields: The fields of the entity.
            known_by: Key of the field that tells whose record it is.
            kin: The ledger's other kinds of links to it.

        Raises:
            ConfigurationError: There is no such field, it holds what a record is known by, or the
                value doesn't fit it.
        """
        if self.field is None:
            return OnDelete(kin=tuple(kin))
        field = fields.find(self.field, f"{self.setting}.field")
        if field.key == known_by:
            raise ConfigurationError(
                f"{self.setting}.field: {field.label!r} is what a record is known by, and has to "
                "stay should it come back; choose another field"
            )
        if is_empty(self.value):
            if not field.clearable:
                raise ConfigurationError(f"{self.setting}.value: {field.label!r} can't be emptied")
            return OnDelete(field, None, tuple(kin))
        try:
            return OnDelete(field, field.convert(self.value), tuple(kin))
        except ValueMisfitError as misfit:
            raise ConfigurationError(f"{self.setting}.value: {misfit}") from None


def read_rule(given: Any, setting: str) -> DeleteRule | None:
    """Read `on_delete`; None where nothing happens.

    Raises:
        ConfigurationError: It can't be read.
    """
    if given in (None, "ignore"):
        return None
    if given == "delete":
        return DeleteRule(setting)
    if not isinstance(given, Mapping) or set(given) != {"field", "value"}:
        raise ConfigurationError(f"{setting}: {_EXPECTED}")
    if not isinstance(given["field"], str) or not given["field"].strip():
        raise ConfigurationError(f"{setting}.field: expected the name or key of a Pipedrive field")
    return DeleteRule(setting, given["field"], given["value"])
