"""Credentials, permissions, scopes, budgets and clocks: one call to each service per credential."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sync_core import times
from sync_core.errors import SyncError
from sync_core.text import number_of

from sync_connector.checking import access
from sync_connector.checking.access import Visit
from sync_connector.checking.model import Finding, failed, ok, problem, warning
from sync_connector.connecting import scopes

Settings = Mapping[str, Any]

#: More than this, and times of both sides can't be compared without harm.
_SKEW_SECONDS = 60
_SCARCE = 0.1

#: What opens a service: two plugins that have the same of these are asked about once.
_ACCESS = (
    "api_token", "client_id", "client_secret", "refresh_token", "oauth_url", "company_domain",
    "api_url", "api_key", "connection_name",
)  # fmt: skip

#: What a journy key needs, by the plugin; the names are those of journy's OpenAPI description.
PERMISSIONS: Mapping[str, Mapping[str, str]] = {
    "tap-journy": {
        "ReadProperties": "reading users and accounts with their properties",
        "ReadSegments": "telling segments by name",
    },
    "target-journy": {"TrackData": "writing users, accounts and memberships"},
}
_ONE_USER = (
    "it acts for one user, and only what this user sees is read and written: that it works is no "
    "proof of completeness"
)
_API_ACCESS = "journy: Settings, API access"


def pipedrive(settings: Mapping[str, Settings], place: Path) -> Iterator[Finding]:
    """What there is to say about Pipedrive.

    Args:
        settings: Role -> settings.
        place: Folder of the kept refresh tokens.
    """
    visits = []
    for what, given, roles in _credentials(settings, ("tap-pipedrive", "target-pipedrive")):
        visit = yield from _visit(what, given, partial(access.pipedrive, place=place))
        if visit:
            visits.append(visit)
            yield _who(what, visit.data)
            yield from _rights(what, visit.data)
            yield from _scopes(what, visit, {role: settings[role] for role in roles})
            yield from _budget(what, visit, given)
            yield from _clock("Pipedrive", what, visit)
    if len({visit.data.get("company_id") for visit in visits}) > 1:
        yield problem(
            "tap-pipedrive, target-pipedrive",
            "they are connected with different companies",
            "give both the credential of one company",
        )


def journy(settings: Mapping[str, Settings]) -> Iterator[Finding]:
    """What there is to say about journy."""
    for what, given, roles in _credentials(settings, ("tap-journy", "target-journy")):
        visit = yield from _visit(what, given, access.journy)
        if visit:
            yield ok(what, f"the key is valid; it has {', '.join(sorted(visit.data)) or 'nothing'}")
            for role in roles:
                yield from _permissions(role, visit.data)
            yield from _clock("journy", what, visit)


def _credentials(
    settings: Mapping[str, Settings], roles: tuple[str, ...]
) -> list[tuple[str, Settings, list[str]]]:
    """(what to call it, its settings, who uses it) for each credential."""
    users: dict[tuple[str, ...], list[str]] = {}
    for role in roles:
        if role in settings:
            key = tuple(str(settings[role].get(name) or "") for name in _ACCESS)
            users.setdefault(key, []).append(role)
    return [(", ".join(same), settings[same[0]], same) for same in users.values()]


def _visit(
    what: str, given: Settings, ask: Callable[[Settings], Visit]
) -> Generator[Finding, None, Visit | None]:
    try:
        return ask(given)
    except SyncError as error:
        yield from failed(what, error)
        return None


def _who(what: str, me: Mapping[str, Any]) -> Finding:
    domain = me.get("company_domain")
    where = f" ({domain}.pipedrive.com)" if domain else ""
    return ok(what, f"the credential is {me.get('name')}'s at {me.get('company_name')}{where}")


def _rights(what: str, me: Mapping[str, Any]) -> Iterator[Finding]:
    """A credential acts for one user, and Pipedrive leaves out without a word what it hides."""
    place = f"{what}: permissions"
    apps = [each for each in me.get("access") or () if isinstance(each, Mapping)]
    if apps and not any(each.get("admin") for each in apps):
        yield warning(
            place,
            f"the user is no administrator: {_ONE_USER}",
            "use the token of an administrator, or check the user's visibility groups in Pipedrive",
        )
    else:
        yield ok(place, _ONE_USER)


def _scopes(what: str, visit: Visit, settings: Mapping[str, Settings]) -> Iterator[Finding]:
    if not visit.scopes:
        return
    lacking = scopes.missing(scopes.needs(settings), visit.scopes)
    for need in lacking:
        yield problem(
            f"{what}: scopes",
            f"the app lacks {need.scopes[0]}, which is for {need.why}",
            "add it to the app in Pipedrive's Developer Hub, then run `connector connect` again",
        )
    if not lacking:
        yield ok(f"{what}: scopes", "the app has every scope that the configuration needs")


def _budget(what: str, visit: Visit, given: Settings) -> Iterator[Finding]:
    place, heard = f"{what}: daily budget", visit.headers
    left, limit = heard.get(access.DAILY_LEFT), heard.get(access.DAILY_LIMIT)
    if left is None:
        yield ok(place, "Pipedrive doesn't say what is left, so daily_token_share sets no cap")
    else:
        share = float(given.get("daily_token_share") or 0.5)
        text = f"{number_of(left, 'token is', 'tokens are')} left" + (
            f" of {limit:,}" if limit else ""
        )
        text += f"; one run may spend {int(left * share):,}"
        if limit and left < limit * _SCARCE:
            yield warning(place, text, "wait until they come back overnight, or buy a top-up")
        else:
            yield ok(place, text)
    if burst := heard.get(access.BURST):
        yield ok(f"{what}: burst", f"{burst:,} requests fit into 2 seconds")


def _permissions(role: str, held: list[str]) -> Iterator[Finding]:
    for name, why in PERMISSIONS[role].items():
        if name not in held:
            yield problem(
                f"{role}: permissions",
                f"the key lacks {name}, which is for {why}",
                f"allow it in {_API_ACCESS}",
            )


def _clock(service: str, what: str, visit: Visit) -> Iterator[Finding]:
    if not visit.time:
        return
    off = round(times.seconds_since(visit.time))
    if abs(off) <= _SKEW_SECONDS:
        yield ok(f"{what}: clock", f"this machine and {service} agree on the time")
        return
    yield warning(
        f"{what}: clock",
        f"this machine is {abs(off)} seconds {'ahead of' if off > 0 else 'behind'} {service}",
        "set this machine's clock by the network (NTP): times of both sides are compared",
    )
