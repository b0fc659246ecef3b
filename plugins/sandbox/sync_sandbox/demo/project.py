"""The Meltano project that the demo runs in: its files, its commands, its environment."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from sync_sandbox import journy, pipedrive

# The plugins by the prefix of their environment variables, the service that each talks to, and
# the variable of its credential. An environment variable wins over meltano.yml and .env, so real
# credentials and addresses that are set there can't reach a demo.
PLUGINS = (
    ("TAP_PIPEDRIVE", "pipedrive", "API_TOKEN", pipedrive.TOKEN),
    ("TARGET_PIPEDRIVE", "pipedrive", "API_TOKEN", pipedrive.TOKEN),
    ("TAP_JOURNY", "journy", "API_KEY", journy.API_KEY),
    ("TARGET_JOURNY", "journy", "API_KEY", journy.API_KEY),
)
LEDGER_READERS = ("TARGET_PIPEDRIVE", "TARGET_JOURNY", "CONNECTOR")


@dataclass(frozen=True)
class Project:
    """Where things are."""

    root: Path

    @classmethod
    def find(cls) -> Project:
        """The project around the current folder, as Meltano itself looks for it.

        Raises:
            click.ClickException: There is none.
        """
        named = os.environ.get("MELTANO_PROJECT_ROOT")
        here = Path(named) if named else Path.cwd()
        for folder in (here, *here.parents):
            if (folder / "meltano.yml").is_file():
                return cls(folder.resolve())
        raise click.ClickException(f"no meltano.yml in {here} or above it; run this in the project")

    @property
    def system(self) -> Path:
        """Meltano's folder for what isn't kept in git."""
        return Path(os.environ.get("MELTANO_SYS_DIR_ROOT") or self.root / ".meltano")

    @property
    def log(self) -> Path:
        """What the commands of the last demo printed."""
        return self.system / "demo.log"

    @property
    def world(self) -> Path:
        """The sandbox's records, so that `make sandbox` goes on where the demo ended."""
        return self.system / "sandbox.json"

    @property
    def ledger(self) -> Path:
        """The ledger of the environment `sandbox`, at the place that the plugins default to."""
        return self.system / "ledger-sandbox.db"

    def shown(self, path: Path) -> str:
        """A path as a person would type it from the project's folder."""
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)

    def begin_anew(self) -> None:
        """Remove what an earlier demo left; other environments keep theirs.

        The bookmarks that it left are ignored by the first runs (`--full-refresh`).
        """
        self.system.mkdir(parents=True, exist_ok=True)
        self.world.unlink(missing_ok=True)
        for leftover in self.system.glob(f"{self.ledger.name}*"):
            leftover.unlink()

    def environment(self, url: str) -> dict[str, str]:
        """The variables under which every command talks to this sandbox and this ledger."""
        variables = dict(os.environ)
        for prefix, service, credential, value in PLUGINS:
            variables[f"{prefix}_API_URL"] = f"{url}/{service}"
            variables[f"{prefix}_{credential}"] = value
        for prefix in LEDGER_READERS:
            variables[f"{prefix}_LEDGER_URL"] = f"sqlite:///{self.ledger}"
        return variables | {"MELTANO_PROJECT_ROOT": str(self.root), "NO_COLOR": "1"}


def command(name: str) -> str:
    """The path of a command that stands beside this one, or on PATH.

    Raises:
        click.ClickException: It isn't installed.
    """
    beside = Path(sys.executable).parent / name
    if beside.is_file():
        return str(beside)
    if found := shutil.which(name):
        return found
    raise click.ClickException(
        f"the command {name} isn't installed here; `make demo` sets up all that the demo needs"
    )
