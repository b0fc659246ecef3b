"""Settings that are not there: with a misspelt `dry_run` a run would write."""

from __future__ import annotations

from collections.abc import Collection

from singer_sdk.exceptions import ConfigValidationError
from sync_core.text import near

from sync_singer.settings.environment import EnvironmentSettings
from sync_singer.settings.refused import refusals


class KnownSettings(EnvironmentSettings):
    """A plugin that refuses settings which neither it nor the SDK has."""

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Name what is unknown together with whatever else is wrong, before defaults are set."""
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        errors = [*refusals(schema, self._config), *self._unknown(schema["properties"])]
        if errors and raise_errors:
            raise ConfigValidationError("Settings are wrong", errors=errors)
        return errors or super()._validate_config(raise_errors=raise_errors)

    def _unknown(self, names: Collection[str]) -> list[str]:
        return [f"{name}: {self.name} has no such setting; {near(name, names)}"
                for name in self.config if name not in names]  # fmt: skip
