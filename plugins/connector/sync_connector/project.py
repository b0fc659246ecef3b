"""What the four plugins are configured to, and how they are run.

Every command that needs the configuration takes the option and asks for what it wants:

    @main.command()
    @project_option
    def check(project: Project) -> None:
        settings = project.settings()  # {"tap-pipedrive": {...}, "target-journy": {...}, ...}
        project.name("tap-pipedrive")  # what the plugin is called here: tap-pipedrive--eu
        done = project.invoke("target-pipedrive", stdin=messages, config={"dry_run": True})
        done = project.meltano("run", "sync", variables={"TARGET_JOURNY_DRY_RUN": "true"})

Meltano itself is asked (`meltano config --unsafe print`), in the active environment, so values
come from wherever an analyst may put them: meltano.yml, an environment, .env, the shell. Each
question costs Meltano's start of about three seconds; they are asked side by side, and once. With
`--settings FILE` (JSON or YAML: role -> its settings) no Meltano takes part: for those who run the
plugins by themselves. The answers hold secrets: they belong into no output.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click
import yaml
from sync_core.errors import ConfigurationError
from sync_core.pipedrive import kept_token

from sync_connector import meltano
from sync_connector.meltano import MeltanoError, Ran

Command = TypeVar("Command", bound=Callable[..., Any])
Settings = Mapping[str, Any]

#: The plugins by what they do, and what they are called unless the project says otherwise.
ROLES = ("tap-pipedrive", "target-pipedrive", "tap-journy", "target-journy")
_UNKNOWN = "is not known to Meltano"
_NOISE = re.compile(r"^\S+ \[(?P<level>\w+) *\] meltano +")


@dataclass
class Project:
    """A Meltano project, or a file with the settings of the plugins.

    Attributes:
        root: The project's folder, in which `.env` lies; without Meltano the file's.
        names: Role -> the plugin's name.
        file: The file; None for a Meltano project.
        environment: Name of the active Meltano environment; empty for none.
    """

    root: Path
    names: Mapping[str, str] = field(default_factory=lambda: {role: role for role in ROLES})
    file: Path | None = None
    environment: str = ""
    _known: dict[str, dict[str, Any]] | None = field(default=None, repr=False)

    def name(self, role: str) -> str:
        """What the plugin of a role is called in this project."""
        return self.names.get(role, role)

    @property
    def system(self) -> Path:
        """The folder in which plugins keep files of their own, as Meltano tells them."""
        told = os.environ.get("MELTANO_SYS_DIR_ROOT")
        if self.file is None:
            return Path(told) if told else self.root / ".meltano"
        return kept_token.folder()

    def prefix(self, role: str) -> str:
        """How the environment variables of a plugin's settings begin: `TAP_PIPEDRIVE_`."""
        return re.sub(r"[^A-Z0-9]", "_", self.name(role).upper()) + "_"

    def settings(self) -> Mapping[str, Settings]:
        """Role -> the plugin's settings, secrets included; a role without a plugin is absent.

        Raises:
            ConfigurationError: The settings can't be read.
            MeltanoError: Meltano can't read its own project.
        """
        if self._known is None:
            self._known = self._from_file() if self.file else self._from_meltano()
        return self._known

    def invoke(
        self,
        role: str,
        *arguments: str,
        stdin: str | None = None,
        config: Settings | None = None,
    ) -> Ran:
        """Run a plugin with its own settings.

        Args:
            role: The plugin.
            arguments: Command-line arguments, such as `--discover`.
            stdin: What it reads.
            config: Settings that count in place of the project's this once.

        Raises:
            ConfigurationError: It can't be started.
        """
        if self.file is None:
            changed = {
                self.prefix(role) + key.upper(): value if isinstance(value, str) else _json(value)
                for key, value in (config or {}).items()
            }
            words = ("--log-level=error", "--log-format=json", "invoke", self.name(role))
            return self.meltano(*words, *arguments, variables=changed, stdin=stdin)
        return self._directly(role, arguments, stdin, config or {})

    def meltano(
        self,
        *arguments: str,
        variables: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> Ran:
        """Run a Meltano command in the project, in the active environment."""
        # `meltano config` leaves the default environment out unless it is named.
        active = {"MELTANO_ENVIRONMENT": self.environment} if self.environment else {}
        changed = {**active, **(variables or {})}
        return meltano.run(arguments, root=self.root, variables=changed, stdin=stdin)

    def _from_file(self) -> dict[str, dict[str, Any]]:
        assert self.file is not None  # noqa: S101 - asked for only then
        try:
            found = yaml.safe_load(self.file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ConfigurationError(f"{self.file} can't be read as JSON or YAML") from error
        if not isinstance(found, dict) or not all(isinstance(v, dict) for v in found.values()):
            raise ConfigurationError(f"{self.file}: expected an object per plugin: {_list(ROLES)}")
        if unknown := sorted(map(str, found.keys() - set(ROLES))):
            raise ConfigurationError(
                f"{self.file}: unknown plugin {', '.join(unknown)}; expected {_list(ROLES)}"
            )
        return {role: found[role] for role in ROLES if role in found}

    def _from_meltano(self) -> dict[str, dict[str, Any]]:
        first, *others = ROLES
        # A Meltano that runs us has made its system database; otherwise the first one does, since
        # several at once would get into each other's way.
        before = {} if "MELTANO_UTILITY_NAME" in os.environ else {first: self._ask(first)}
        rest = others if before else ROLES
        with ThreadPoolExecutor(len(ROLES)) as pool:
            answers = {**before, **dict(zip(rest, pool.map(self._ask, rest), strict=True))}
        return {role: found for role, found in answers.items() if found is not None}

    def _ask(self, role: str) -> dict[str, Any] | None:
        words = ("--log-level=error", "config", "--unsafe", "print", self.name(role))
        done = self.meltano(*words)
        if done.code == 0:
            found: dict[str, Any] = json.loads(done.out)
            return found
        if _UNKNOWN in done.err + done.out:
            return None
        raise MeltanoError(f"Meltano can't tell the settings of {self.name(role)}: {_said(done)}")

    def _directly(
        self, role: str, arguments: tuple[str, ...], stdin: str | None, config: Settings
    ) -> Ran:
        with tempfile.TemporaryDirectory() as folder:  # made readable by its owner alone
            file = Path(folder) / "config.json"
            file.write_text(_json({**self.settings()[role], **config}), "utf-8")
            words = [executable(role), "--config", str(file), *arguments]
            return meltano.call(words, root=self.root, stdin=stdin)


def executable(role: str) -> str:
    """A plugin's executable, which stands beside ours or on PATH.

    Raises:
        ConfigurationError: It is neither here nor there.
    """
    beside = Path(sys.executable).with_name(role)
    command = str(beside) if beside.is_file() else shutil.which(role)
    if command is None:
        raise ConfigurationError(f"{role} isn't installed here: no such command on PATH")
    return command


def _json(value: Any) -> str:
    return json.dumps(value, default=str)


def _said(done: Ran) -> str:
    """Meltano's last error, without the time and the level."""
    lines = [line.strip() for line in done.err.splitlines() if line.strip()]
    return _NOISE.sub("", lines[-1]) if lines else f"exit code {done.code}"


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def find(
    settings: str | None, names: str | None, environ: Mapping[str, str] = os.environ
) -> Project:
    """The project that a command is about.

    Args:
        settings: File in place of a Meltano project.
        names: Names of plugins that aren't called as their roles are, apart by blanks.
        environ: `MELTANO_PROJECT_ROOT` and `MELTANO_ENVIRONMENT` are set by Meltano.

    Raises:
        ConfigurationError: There is no project here, or a name fits no role.
    """
    called = _called(names or "")
    if settings:
        file = Path(settings).resolve()
        return Project(file.parent, called, file)
    here = Path(environ.get("MELTANO_PROJECT_ROOT") or Path.cwd())
    for folder in (here, *here.resolve().parents):
        if (folder / "meltano.yml").is_file():
            environment = environ.get("MELTANO_ENVIRONMENT") or _default_environment(folder)
            return Project(folder, called, environment=environment)
    raise ConfigurationError(
        f"There is no meltano.yml in {here} or above it: run this in a project, "
        "or name a file with the plugins' settings (--settings)"
    )


def _default_environment(root: Path) -> str:
    """The environment that Meltano takes where none is named; empty where there is none."""
    try:
        found = yaml.safe_load((root / "meltano.yml").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):  # Meltano says so, and better
        return ""
    return str(found.get("default_environment") or "") if isinstance(found, dict) else ""


def _called(names: str) -> dict[str, str]:
    """Role -> name; a plugin's name begins with what it does."""
    called = {role: role for role in ROLES}
    for name in names.replace(",", " ").split():
        role = next((role for role in ROLES if name.startswith(role)), None)
        if role is None:
            raise ConfigurationError(
                f"plugins: {name!r} isn't a plugin of ours: its name begins with none of "
                f"{_list(ROLES)}"
            )
        called[role] = name
    return called


def project_option(command: Command) -> Command:
    """Give a command the argument `project`, and the options that choose it."""

    def take(context: click.Context, _option: click.Parameter, value: str | None) -> Project:
        return find(value, context.params.pop("plugins", None))

    command = click.option(
        "--settings",
        "project",
        envvar="CONNECTOR_SETTINGS",
        metavar="FILE",
        callback=take,
        help="Settings of the plugins in a JSON or YAML file, in place of a Meltano project.",
    )(command)
    return click.option(
        "--plugins",
        envvar="CONNECTOR_PLUGINS",
        metavar="NAMES",
        is_eager=True,
        help="Plugins that aren't called as usual, such as 'tap-pipedrive--eu target-journy--eu'.",
    )(command)
