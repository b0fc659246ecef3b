"""Where tokens stand: `.env`, under the names of both Pipedrive plugins' settings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.pipedrive.auth import OAUTH_URL

from sync_connector.connecting.service import App
from sync_connector.project import Project

ROLES = ("tap-pipedrive", "target-pipedrive")
REFRESH = "refresh_token"


def plugins(project: Project) -> dict[str, Mapping[str, Any]]:
    """The Pipedrive plugins that the project has, with their settings.

    Raises:
        ConfigurationError: It has none.
    """
    found = {role: given for role, given in project.settings().items() if role in ROLES}
    if not found:
        raise ConfigurationError(
            f"The project has neither {' nor '.join(ROLES)}: there is nothing to connect"
        )
    return found


def configured(project: Project, setting: str) -> str:
    """A setting of whichever Pipedrive plugin has it; empty where none has."""
    found = (given.get(setting) for given in plugins(project).values())
    return next((str(value) for value in found if value), "")


def app(project: Project, client_id: str, client_secret: str) -> App:
    """The OAuth app."""
    return App(client_id, client_secret, configured(project, "oauth_url") or OAUTH_URL)


def variables(project: Project, app: App, refresh_token: str) -> dict[str, str]:
    """What has to stand in `.env`: the tokens, and of the app what no setting says yet."""
    values = {"client_id": app.client_id, "client_secret": app.client_secret}
    return {
        project.prefix(role) + name.upper(): value
        for role, given in plugins(project).items()
        for name, value in {**values, REFRESH: refresh_token}.items()
        if name == REFRESH or given.get(name) != value
    }


def refresh_variables(project: Project) -> list[str]:
    """The names of the tokens in `.env`."""
    return [project.prefix(role) + REFRESH.upper() for role in plugins(project)]


def in_the_way(project: Project, env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """API tokens, which count before OAuth: (plugin, the variable of `.env` that holds it)."""
    for role, given in plugins(project).items():
        if token := given.get("api_token"):
            holder = next((name for name, value in env.items() if value == token), "")
            yield project.name(role), holder


def elsewhere(project: Project, removed: Collection[str]) -> list[str]:
    """Plugins whose refresh token wasn't in `.env`, and so is still configured."""
    return [
        project.name(role)
        for role, given in plugins(project).items()
        if given.get(REFRESH) and project.prefix(role) + REFRESH.upper() not in removed
    ]
