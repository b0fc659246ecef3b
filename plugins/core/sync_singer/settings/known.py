"""Settings that are not there, or not what they should be: a misspelt `dry_run` would write."""

from __future__ import annotations

from collections.abc import Iterator

from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.plugin_base import PluginBase
from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR
from sync_core.text import near


class KnownSettings(PluginBase):
    """A plugin that refuses settings which neither it nor the SDK has."""

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Name what is unknown together with whatever else is wrong."""
        unknown = self._unknown()
        try:
            errors = self._wrong(raise_errors=raise_errors)
        except ConfigValidationError as error:
            raise ConfigValidationError(
                str(error), errors=[*error.errors, *unknown], schema=error.schema
            ) from error
        if unknown and raise_errors:
            raise ConfigValidationError("Unknown settings", errors=unknown)
        return [*errors, *unknown]

    def _wrong(self, *, raise_errors: bool) -> list[str]:
        """What the SDK finds; where it would break, since it looks for defaults, what is wrong."""
        found = list(_without_defaults(self.config_jsonschema, dict(self.config)))
        if not any(is_shape for is_shape, _ in found):
            return super()._validate_config(raise_errors=raise_errors)
        errors = [text for _, text in found]
        if raise_errors:
            raise ConfigValidationError(
                "Config validation failed", errors=errors, schema=self.config_jsonschema
            )
        return errors

    def _unknown(self) -> list[str]:
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        names = schema["properties"]
        return [f"{name}: {self.name} has no such setting; {near(name, names)}"
                for name in self.config if name not in names]  # fmt: skip


def _without_defaults(schema: object, config: object) -> Iterator[tuple[bool, str]]:
    """What is wrong with settings, in the SDK's words.

    Returns:
        Whether something else stands where an object with settings of its own belongs; the text.
    """
    for error in DEFAULT_JSONSCHEMA_VALIDATOR(schema).iter_errors(config):
        place = "".join(f"[{part!r}]" for part in error.path)
        is_shape = error.validator == "type" and "properties" in error.schema
        yield is_shape, f"{error.message} in config{place}"
