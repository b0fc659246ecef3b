"""The commands `connect` and `disconnect`."""

from __future__ import annotations

import os
import secrets
import webbrowser
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import click
from sync_core.errors import ApiError, ConfigurationError
from sync_core.pipedrive.kept_token import KeptToken
from sync_core.pipedrive.service import service_url

from sync_connector.agent import user_agent
from sync_connector.asking import ask, ask_secret, sure
from sync_connector.connecting import scopes, service, tokens
from sync_connector.connecting.callback import (
    LOOPBACK,
    Callback,
    NotConnectedError,
    read_answer,
)
from sync_connector.connecting.env_file import EnvFile
from sync_connector.connecting.screen import missing_table, scopes_table
from sync_connector.project import Project, project_option
from sync_connector.screen import show

REDIRECT = "http://127.0.0.1:8766/callback"
_SECONDS = 300.0


@click.command()
@project_option
@click.option("--client-id", envvar="CONNECTOR_CLIENT_ID", help="Client id of your OAuth app.")
@click.option(
    "--redirect-uri",
    envvar="CONNECTOR_REDIRECT_URI",
    default=REDIRECT,
    show_default=True,
    metavar="URL",
    help="The callback address, written as it is registered with the app.",
)
@click.option("--no-browser", is_flag=True, help="Print the address; paste where you were sent to.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=_SECONDS,
    show_default=True,
    help="Seconds to wait for the browser.",
)
@click.option("-y", "--yes", is_flag=True, help="Don't ask before an API token is emptied.")
def connect(  # noqa: PLR0913  # one argument an option
    *,
    project: Project,
    client_id: str | None,
    redirect_uri: str,
    no_browser: bool,
    timeout: float,
    yes: bool,
) -> None:
    """Connect with Pipedrive in the browser, and keep the tokens in .env.

    The app is one of yours in Pipedrive's Developer Hub, where its callback address and scopes are
    set. Its client secret is taken from the plugins' settings, from CONNECTOR_CLIENT_SECRET, or
    asked for.
    """
    needs = scopes.needs(project.settings())
    app = _app(project, client_id)
    click.echo("The app needs these scopes (Developer Hub), and no others:")
    show(scopes_table(scopes.least(needs)))
    code, redirect = _ask(app, redirect_uri, browser=not no_browser, seconds=timeout)
    given = service.exchange(app, code, redirect, user_agent())
    _introduce(service.whose(given, _address(project, given), user_agent()))
    _keep(project, app, given)
    if given.scopes:
        _compare(needs, given.scopes)
    _make_way(project, yes=yes)


def _app(project: Project, client_id: str | None) -> service.App:
    client_id = client_id or tokens.configured(project, "client_id")
    client_id = client_id or ask("Client id of your app (Developer Hub)")
    # No option: a command line is seen by everybody on the machine.
    secret = os.environ.get("CONNECTOR_CLIENT_SECRET") or tokens.configured(
        project, "client_secret"
    )
    secret = secret or ask_secret("Its client secret")
    return tokens.app(project, client_id.strip(), secret.strip())


def _ask(app: service.App, redirect: str, *, browser: bool, seconds: float) -> tuple[str, str]:
    """Let a person allow access; gives the code, and the callback address that it is tied to."""
    state = secrets.token_urlsafe(32)
    parts = urlsplit(redirect)
    if not browser or parts.scheme != "http" or parts.hostname not in LOOPBACK:
        return _pasted(service.authorize_url(app, redirect, state), state), redirect
    with closing(Callback(redirect, state)) as callback:
        address = service.authorize_url(app, callback.address, state)
        click.echo(f"Allow access in the browser. Should it not open, go to\n{address}")
        webbrowser.open(address)
        return callback.wait(seconds), callback.address


def _pasted(address: str, state: str) -> str:
    click.echo(f"Open this address in any browser and allow access:\n{address}")
    click.echo("The browser then goes to an address that may show an error; copy it whole.")
    brought = ask("The address that it went to")
    if "?" not in brought:
        raise NotConnectedError(
            "That isn't the whole address: it holds ?code=... and state=...; run this again"
        )
    return read_answer(urlsplit(brought).query, state)


def _address(project: Project, given: service.Tokens) -> str:
    configured = tokens.configured(project, "api_url")
    domain = tokens.configured(project, "company_domain")
    return configured or given.address or service_url(None, domain)


def _introduce(me: Mapping[str, Any]) -> None:
    domain = me.get("company_domain")
    where = f" ({domain}.pipedrive.com)" if domain else ""
    click.echo(f"Connected as {me.get('name')} with {me.get('company_name')}{where}.")


def _keep(project: Project, app: service.App, given: service.Tokens) -> None:
    env = EnvFile(project.root)
    values = tokens.variables(project, app, given.refresh)
    env.set(values)
    click.echo(f"Written to {env.path}, readable by you alone: {', '.join(sorted(values))}.")


def _compare(needs: list[scopes.Need], granted: tuple[str, ...]) -> None:
    missing = scopes.missing(needs, granted)
    more = sorted(set(granted) - scopes.least(needs).keys())
    if missing:
        show(missing_table(missing))
        click.echo("Add these scopes to the app in the Developer Hub, then connect again.")
    elif more:
        click.echo(f"The app has more than is needed; these can go: {', '.join(more)}.")


def _make_way(project: Project, *, yes: bool) -> None:
    """Empty an API token in `.env`, since it counts before OAuth."""
    env = EnvFile(project.root)
    for plugin, variable in list(tokens.in_the_way(project, env.values())):
        if not variable:
            click.echo(
                f"{plugin} has an api_token elsewhere than in .env, and it counts before OAuth: "
                "remove it there, unless this environment is to use it."
            )
        elif env.values().get(variable) and (
            yes or sure(f"{variable} counts before OAuth. Empty it in .env?")
        ):
            env.set({variable: ""})


@click.command()
@project_option
@click.option("--force", is_flag=True, help="Forget even if Pipedrive can't be reached.")
def disconnect(project: Project, force: bool) -> None:
    """Revoke the tokens at Pipedrive, which uninstalls the app, and forget them."""
    env = EnvFile(project.root)
    grants = _grants(project)
    for refresh, app in grants.items():
        _revoke(app, refresh, force=force)
    removed = env.unset(tokens.refresh_variables(project))
    kept = [_kept(project, given).forget() for given in tokens.plugins(project).values()]
    if not (grants or removed or any(kept)):
        click.echo("Nothing is connected: there is no refresh token.")
        return
    click.echo(f"Forgotten: {', '.join(removed) or 'nothing in .env'}.")
    for plugin in tokens.elsewhere(project, removed):
        click.echo(f"{plugin} has its refresh_token elsewhere than in .env: remove it there.")


def _kept(project: Project, given: Mapping[str, Any]) -> KeptToken:
    name = str(given.get("connection_name") or "default")
    return KeptToken(str(given.get(tokens.REFRESH) or ""), name, place=project.system)


def _grants(project: Project) -> dict[str, service.App]:
    """Refresh token, the newest of its line -> the app that it belongs to."""
    found = {}
    for given in tokens.plugins(project).values():
        wanted = [str(given.get(name) or "") for name in ("client_id", "client_secret")]
        if given.get(tokens.REFRESH):
            if not all(wanted):
                raise ConfigurationError(
                    "client_id and client_secret are needed to revoke the tokens: set both"
                )
            found[_kept(project, given).newest()] = tokens.app(project, *wanted)
    return found


def _revoke(app: service.App, refresh: str, *, force: bool) -> None:
    try:
        known = service.revoke(app, refresh, user_agent())
    except ApiError as error:
        if not force:
            raise
        click.echo(f"Not revoked: {error}", err=True)
        return
    click.echo(
        "Revoked at Pipedrive: the app is uninstalled."
        if known
        else "Pipedrive doesn't know the tokens any more."
    )
