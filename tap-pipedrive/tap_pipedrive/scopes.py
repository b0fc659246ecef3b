"""A scope that a list needs and the OAuth app lacks is named before a call is spent."""

from __future__ import annotations

from sync_core.errors import ApiError, MissingScopeError
from sync_core.pipedrive import PipedriveClient
from sync_core.pipedrive.scopes import OPENED_BY

from tap_pipedrive.table import STREAMS, StreamSpec


def check(client: PipedriveClient, spec: StreamSpec) -> None:
    """Find a missing scope before anything is asked for; an API token needs none.

    Raises:
        MissingScopeError: The OAuth app lacks what the stream, its field catalogue or the list of
            its parents needs.
    """
    granted = client.scopes()
    for path in _paths(spec):
        scopes = OPENED_BY.get(path, ())
        if granted and scopes and granted.isdisjoint(scopes):
            raise MissingScopeError(
                f"{needed(spec, path)}, which the OAuth app wasn't granted; it has "
                f"{', '.join(sorted(granted))}. Add it to the app in Pipedrive's Developer Hub, "
                "then connect again",
                status=403,
            )


def named(error: ApiError, spec: StreamSpec) -> ApiError:
    """An error with the scope in its text, where one is missing that isn't named yet."""
    if not isinstance(error, MissingScopeError) or "needs the scope" in str(error):
        return error
    text = "; ".join(
        [str(error), *(needed(spec, path) for path in _paths(spec) if path in OPENED_BY)]
    )
    return MissingScopeError(text, status=error.status, detail=error.detail)


def needed(spec: StreamSpec, path: str) -> str:
    """Which scope a stream needs for a path."""
    first, *others = OPENED_BY[path]
    choice = f"{first} (or {', '.join(others)})" if others else first
    return f"{spec.name} needs the scope {choice}" + (f" for {path}" if path != spec.path else "")


def _paths(spec: StreamSpec) -> list[str]:
    parent = STREAMS[spec.parent].path if spec.parent else ""
    return [path for path in (spec.path, spec.fields_path, parent) if path]
