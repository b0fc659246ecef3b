"""Writes each command's options into the connector's README, from the commands themselves.

Run it as `python tests/docs/options_table.py` after a change; a test fails where it was forgotten.
"""

from __future__ import annotations

import re
from pathlib import Path

import click
from sync_connector.cli import main

README = Path(__file__).resolve().parents[2] / "plugins" / "connector" / "README.md"
BEGIN = "<!-- options of {}: begin, made by tests/docs/options_table.py -->"
END = "<!-- options: end -->"
HEAD = "| Option | What it does |\n|---|---|\n"
#: Meltano sets these.
_SET = {"--ledger-url"}


def table(command: click.Command) -> str:
    """A command's options as a Markdown table."""
    options = [each for each in command.params if isinstance(each, click.Option)]
    shown = [each for each in options if not _SET.intersection(each.opts)]
    return HEAD + "".join(_row(each) for each in shown)


def _row(option: click.Option) -> str:
    kind = option.type
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if isinstance(kind, click.Choice):
        names += " " + " ".join(f"`{choice}`" for choice in kind.choices)
    text = " ".join((option.help or "").split()).replace("|", "\\|")
    return f"| {names} | {text} |\n"


def with_tables(text: str) -> str:
    """A README with the table of every command that it has a place for."""
    for name, command in main.commands.items():
        begin = re.escape(BEGIN.format(name))
        made = f"{BEGIN.format(name)}\n{table(command)}{END}"
        text = re.sub(
            f"{begin}.*?{re.escape(END)}", lambda _, made=made: made, text, flags=re.DOTALL
        )
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
