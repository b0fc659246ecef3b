"""Pipedrive fields as destinations: the company's own, and the built-in ones that are writable."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sync_core.errors import ConfigurationError
from sync_core.mapping import TargetField
from sync_core.pipedrive import Field, FieldCatalogue
from sync_core.pipedrive.values import (
    contact_field,
    custom_field,
    number_field,
    same_email,
    same_phone,
    text_field,
    website_field,
)

Make = Callable[[str, str], TargetField]

_NAME: Make = lambda key, label: text_field(key, label, clearable=False)  # noqa: E731  # rows

#: Built-in fields that can be written, by the entity's key; Pipedrive's OpenAPI files.
BUILT_IN: Mapping[str, Mapping[str, Make]] = {
    "person": {
        "name": _NAME,
        "first_name": _NAME,
        "last_name": _NAME,
        "emails": lambda key, label: contact_field(key, label, same_email),
        "phones": lambda key, label: contact_field(key, label, same_phone),
    },
    "organization": {
        "name": _NAME,
        "website": website_field,
        "linkedin": text_field,
        "annual_revenue": number_field,
        "employee_count": number_field,
    },
}

#: The catalogue may name a field otherwise than the record does.
_ALIASES = {"email": "emails", "phone": "phones"}


class EntityFields:
    """The writable fields of one entity."""

    def __init__(self, catalogue: FieldCatalogue) -> None:
        self._catalogue = catalogue
        self._entity = catalogue.entity.name

    def has(self, name: str) -> bool:
        """Whether the company has the field at all; some built-in ones depend on its plan."""
        return name in _ALIASES.values() or self._catalogue.has(name)

    def find(self, name: str, setting: str) -> TargetField:
        """The field with this key or label.

        Raises:
            ConfigurationError: There is none, or several, or it can't be written.
        """
        key = _ALIASES.get(name, name)
        if key in _ALIASES.values():
            return BUILT_IN[self._entity][key](key, key)
        field = self._catalogue.find(name, setting)
        return custom_field(field, setting) if field.custom else self._built_in(field, setting)

    def raw(self, name: str, setting: str) -> Field:
        """The catalogue's entry for a field."""
        return self._catalogue.find(name, setting)

    def _built_in(self, field: Field, setting: str) -> TargetField:
        key = _ALIASES.get(field.key, field.key)
        make = BUILT_IN[self._entity].get(key)
        if make is None:
            raise ConfigurationError(
                f"{setting}: the Pipedrive field {field.label!r} can't be written; "
                f"of the built-in {self._entity} fields only "
                f"{', '.join(sorted(BUILT_IN[self._entity]))} can"
            )
        return make(key, field.label)
