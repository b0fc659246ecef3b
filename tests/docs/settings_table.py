"""Writes each plugin's settings into its README, and further tables into those of the targets.

Run it as `python tests/docs/settings_table.py` after a change; a test fails where it was forgotten.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BEGIN = "<!-- settings: begin, made by tests/docs/settings_table.py -->"
END = "<!-- settings: end -->"
HEAD = "| Setting | Kind | Default | What it does |\n|---|---|---|---|\n"


def plugins() -> list[str]:
    """The plugins whose README has a place for the table."""
    readmes = [*ROOT.glob("tap-*/README.md"), *ROOT.glob("target-*/README.md")]
    return sorted(path.parent.name for path in readmes if BEGIN in path.read_text("utf-8"))


def about(plugin: str) -> dict[str, Any]:
    """What the plugin's own `--about` says."""
    command = [str(Path(sys.executable).with_name(plugin)), "--about", "--format=json"]
    done = subprocess.run(command, capture_output=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def own_settings(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings without those that the Singer SDK adds to every tap or target."""
    built_in = _built_in("Target" if said["name"].startswith("target") else "Tap")
    properties = said["settings"]["properties"]
    return {name: schema for name, schema in properties.items() if name not in built_in}


def _built_in(base: str) -> set[str]:
    import singer_sdk

    schema: dict[str, Any] = {"properties": {}}
    getattr(singer_sdk, base).append_builtin_config(schema)
    return set(schema["properties"])


def table(settings: dict[str, dict[str, Any]]) -> str:
    """The settings as a Markdown table."""
    return HEAD + "".join(_row(name, schema) for name, schema in settings.items())


def _row(name: str, schema: dict[str, Any]) -> str:
    default = f"`{json.dumps(schema['default'])}`" if "default" in schema else ""
    cells = (f"`{name}`", _kind(schema), default, schema["description"].replace("|", "\\|"))
    return f"| {' | '.join(cells)} |\n"


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"] if value is not None)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = "date" if schema.get("format") == "date-time" else kinds[0]
    return f"{kind}, secret" if schema.get("secret") else kind


def with_table(text: str, made: str) -> str:
    """A README's text with this table between the marks."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{made}{END}{after}"


def with_made(text: str, what: str, source: str, made: str) -> str:
    """A README's text with another table between its own marks.

    Args:
        text: The README's.
        what: What the marks call the table.
        source: What they say that it is from.
        made: The table.
    """
    begin, end = f"<!-- {what}: begin, from {source} -->\n", f"<!-- {what}: end -->"
    before, rest = text.split(begin)
    return f"{before}{begin}{made}{end}{rest.split(end)[1]}"


def with_types_and_entities(text: str) -> str:
    """target-pipedrive's README with the tables of field types and entities that the code has."""
    from sync_core.pipedrive.values import table as types
    from target_pipedrive import entities_table as entities

    text = with_made(text, "types", types.__name__, types.table())
    return with_made(text, "entities", entities.__name__, entities.table())


def with_reasons(text: str) -> str:
    """A target's README with the table of the engine's reasons."""
    from sync_core.engine import reasons

    return with_made(text, "reasons", reasons.__name__, reasons.table())


def main() -> None:
    """Bring every README up to date."""
    for plugin in plugins():
        readme = ROOT / plugin / "README.md"
        text = with_table(readme.read_text("utf-8"), table(own_settings(about(plugin))))
        if plugin.startswith("target"):
            text = with_reasons(text)
        if plugin == "target-pipedrive":
            text = with_types_and_entities(text)
        readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
