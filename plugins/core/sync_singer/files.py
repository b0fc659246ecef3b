"""The files of a command line: one that can't be used is named, with what is wrong about it."""

from __future__ import annotations

import io
import json
from typing import Any

import click
from singer_sdk.plugin_base import PluginBase

#: Options whose file is one JSON object; `--config` is read by a callback, and `--input` is none.
_OBJECTS = frozenset({"catalog", "state"})


class JsonFile(click.File):
    """A file with one JSON object, such as a catalog; gives it as an open text."""

    def __init__(self) -> None:
        """A file to read."""
        super().__init__(encoding="utf-8")

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> io.StringIO:
        """Read the file whole.

        What it holds is never told: that may be a secret.

        Raises:
            click.BadParameter: It can't be read, or holds something else.
        """
        with super().convert(value, param, ctx) as file:
            try:
                text = file.read()
                content = json.loads(text)
            except UnicodeDecodeError:
                self.fail(f"'{value}': expected a text in UTF-8", param, ctx)
            except json.JSONDecodeError as error:
                place = f"line {error.lineno}, column {error.colno}"
                self.fail(f"'{value}': expected JSON ({place}: {error.msg})", param, ctx)
        if not isinstance(content, dict):
            self.fail(f"'{value}': expected a JSON object", param, ctx)
        return io.StringIO(text)


class NamedFiles(PluginBase):
    """A plugin that reads the files of its command line before it begins."""

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The command line."""
        command = super().get_singer_command()
        for option in command.params:
            if option.name in _OBJECTS:
                option.type = JsonFile()
        return command

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        """Read the settings' files."""
        for path in value:
            if path != "ENV":
                JsonFile().convert(path, param, ctx)
        return super().cb_config(ctx, param, value)
