"""Writes `plugins/hub/`: each plugin's definition as a stranger's Meltano project takes it.

The definitions in `plugins/extractors`, `loaders` and `utilities` are the source. In this project
they install from the folder beside them; elsewhere from the repository that `CONNECTOR_REPOSITORY`
names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
HUB = ROOT / "plugins/hub"
VARIANT = "pipedrive-journy"
_HEAD = """\
# {label}, for `meltano add --from-ref`. CONNECTOR_REPOSITORY has to name the repository, as in
# git+https://git.example.com/team/pipedrive-journy.git or git+file:///home/me/pipedrive-journy.
# Made from plugins/{kind}/{name}.meltano.yml by plugins/definitions.py.
"""


def definitions() -> Iterator[tuple[Path, str]]:
    """Every file of `plugins/hub`, with the text that belongs into it."""
    for source in sorted(ROOT.glob("plugins/*/*.meltano.yml")):
        for kind, plugins in yaml.safe_load(source.read_text("utf-8"))["plugins"].items():
            for plugin in plugins:
                made = _for_strangers(plugin)
                path = HUB / kind / f"{made['name']}.yml"
                head = _HEAD.format(label=made["label"], kind=kind, name=made["name"])
                yield path, head + yaml.safe_dump(made, sort_keys=False, width=110)


def _for_strangers(plugin: dict[str, Any]) -> dict[str, Any]:
    name = plugin["name"].removesuffix("--base")
    folder = plugin["pip_url"].split('"')[1].removeprefix("${MELTANO_PROJECT_ROOT}/")
    own = {
        "name": name,
        "namespace": plugin["namespace"].removesuffix("__base"),
        "variant": VARIANT,
        "pip_url": f"${{CONNECTOR_REPOSITORY}}#subdirectory={folder}",
    }
    return {**own, **{key: value for key, value in plugin.items() if key not in own}}


def main() -> None:
    """Write the files."""
    for path, text in definitions():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
