"""Settings from environment variables, for those who run a plugin without Meltano."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.plugin_base import PluginBase

_WORDS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


class EnvironmentSettings(PluginBase):
    """A plugin that takes no text of its environment for another value than it says.

    The SDK's own reading takes a word that it doesn't know for false, which a misspelt `dry_run`
    mustn't be, leaves numbers texts, and ends with a traceback where JSON is malformed.
    """

    @property
    def _env_var_config(self) -> dict[str, Any]:
        """What the environment sets; a text that can't be read stays one, and is refused so."""
        parse_environment_config({}, "")  # reads `.env` into the environment
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        names = {name: self._env_var_prefix + name.upper() for name in schema["properties"]}
        return {
            name: _read(os.environ[variable], schema["properties"][name])
            for name, variable in names.items()
            if variable in os.environ
        }


def _read(text: str, schema: Mapping[str, Any]) -> Any:
    types = schema.get("type", "string")
    if "string" in types:
        return text
    if "boolean" in types:
        return _WORDS.get(text.strip().lower(), text)
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        # Lists of texts may be written without JSON, as with every plugin of the SDK.
        return text.split(",") if "array" in types and text[:1] not in "[{" else text
