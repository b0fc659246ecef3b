"""Settings that are not there: with a misspelt `dry_run` a run would write."""

from __future__ import annotations

from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.plugin_base import PluginBase
from sync_core.text import near


class KnownSettings(PluginBase):
    """A plugin that refuses settings which neither it nor the SDK has."""

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Name what is unknown together with whatever else is wrong."""
        unknown = self._unknown()
        try:
            errors = super()._validate_config(raise_errors=raise_errors)
        except ConfigValidationError as error:
            raise ConfigValidationError(
                str(error), errors=[*error.errors, *unknown], schema=error.schema
            ) from error
        if unknown and raise_errors:
            raise ConfigValidationError("Unknown settings", errors=unknown)
        return [*errors, *unknown]

    def _unknown(self) -> list[str]:
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        names = schema["properties"]
        return [f"{name}: {self.name} has no such setting; {near(name, names)}"
                for name in self.config if name not in names]  # fmt: skip
