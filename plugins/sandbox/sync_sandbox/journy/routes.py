"""The endpoints: one row each, saying who may call it, what it takes and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.journy import access, bodies, listing
from sync_sandbox.journy.catalogues import SITES, event_listing, segment_listing
from sync_sandbox.journy.records import ACCOUNT, USER, Kind
from sync_sandbox.journy.requests import Answer, BadRequest, Call, Endpoint, Handler
from sync_sandbox.journy.times import from_iso

if TYPE_CHECKING:
    from sync_sandbox.journy.world import World


def _upsert(kind: Kind) -> Handler:
    said = f"{kind.name.capitalize()} will be created or updated"

    def handle(call: Call) -> Answer:
        world, identification = call.world, call.body["identification"]
        _refuse_conflict(world, kind, identification)
        catalogue = world.catalogues[kind.name]
        given = call.body.get("properties", {})
        properties, rejected = catalogue.sort_out(given, world.switches)
        write = {"kind": kind.name, "identification": identification, "properties": properties}
        world.submit({"do": "upsert", **write})
        return Answer(201, {"message": said} | ({"rejected": rejected} if rejected else {}))

    return handle


def _delete(kind: Kind) -> Handler:
    said = f"{kind.name.capitalize()} will be deleted"

    def handle(call: Call) -> Answer:
        identification = call.body["identification"]
        _refuse_conflict(call.world, kind, identification)
        call.world.submit({"do": "delete", "kind": kind.name, "identification": identification})
        return Answer(202, {"message": said})

    return handle


def _refuse_conflict(world: World, kind: Kind, identification: dict[str, Any]) -> None:
    if world.switches.get("journy.identity_conflict") != "refuse":
        return
    if world.found(kind, identification).conflict:
        text = f"{kind.external} and {kind.contact} belong to two different {kind.name}s."
        raise BadRequest(fields={"identification": text})


def _add_members(call: Call) -> Answer:
    call.world.submit({"do": "add_members", **call.body})
    return Answer(201, {"message": "The users will be added to the account"})


def _remove_members(call: Call) -> Answer:
    call.world.submit({"do": "remove_members", **call.body})
    return Answer(204)


def _track(call: Call) -> Answer:
    body = call.body
    at = from_iso(body["triggeredAt"]) if "triggeredAt" in body else None
    call.world.submit(
        {
            "do": "track",
            "identification": body["identification"],
            "name": body["name"],
            "at": call.world.now() if at is None else at,
            "metadata": body.get("metadata", {}),
        }
    )
    return Answer(201, {"message": "The event will be tracked"})


def _link(call: Call) -> Answer:
    body = call.body
    write = {"device": body["deviceId"], "identification": body["identification"]}
    call.world.submit({"do": "link", **write})
    return Answer(201, {"message": "The web activity will be linked"})


def _properties(kind: Kind) -> Handler:
    return lambda call: Answer(200, {"data": call.world.catalogues[kind.name].listing()})


def _segments(kind: Kind) -> Handler:
    return lambda _: Answer(200, {"data": segment_listing(kind.name)})


def _events(call: Call) -> Answer:
    return Answer(200, {"data": event_listing(call.world.event_names)})


def _validate(call: Call) -> Answer:
    return Answer(200, {"data": {"permissions": list(call.key.permissions)}})


def _snippet(call: Call) -> Answer:
    domain = call.query["domain"].lower()
    if domain not in SITES:
        return Answer(404, {"message": f"There is no website {domain}."})
    snippet = f'<script async src="https://{domain}/journey.js"></script>'
    return Answer(200, {"data": {"domain": domain, "snippet": snippet}})


def _list(kind: Kind) -> Handler:
    def handle(call: Call) -> Answer:
        errors: dict[str, str] = {}
        query = listing.read_query(kind, call.query, errors)
        if query is None:
            raise BadRequest(query=errors)
        rows, following = listing.page(call.world, query)
        content = {"data": rows, "paging": {"next": following}}
        return Answer(200, content, {"X-Sandbox-Assumption": "listing"})

    return handle


_WRITE = access.TRACK_DATA
_DOMAIN = frozenset({"domain"})

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("POST", "/users/upsert", _WRITE, _upsert(USER), bodies.UPSERT_USER),
    Endpoint("POST", "/accounts/upsert", _WRITE, _upsert(ACCOUNT), bodies.UPSERT_ACCOUNT),
    Endpoint("DELETE", "/users", _WRITE, _delete(USER), bodies.DELETE_USER),
    Endpoint("DELETE", "/accounts", _WRITE, _delete(ACCOUNT), bodies.DELETE_ACCOUNT),
    Endpoint("POST", "/accounts/users/add", _WRITE, _add_members, bodies.MEMBERS),
    Endpoint("POST", "/accounts/users/remove", _WRITE, _remove_members, bodies.MEMBERS),
    Endpoint("POST", "/track", _WRITE, _track, bodies.EVENT),
    Endpoint("POST", "/events", _WRITE, _track, bodies.EVENT),
    Endpoint("POST", "/link", _WRITE, _link, bodies.LINK),
    Endpoint("GET", "/events", access.READ_EVENTS, _events),
    Endpoint("GET", "/properties/users", access.READ_PROPERTIES, _properties(USER)),
    Endpoint("GET", "/properties/accounts", access.READ_PROPERTIES, _properties(ACCOUNT)),
    Endpoint("GET", "/segments/users", access.READ_SEGMENTS, _segments(USER)),
    Endpoint("GET", "/segments/accounts", access.READ_SEGMENTS, _segments(ACCOUNT)),
    Endpoint(
        "GET",
        "/tracking/snippet",
        access.GET_TRACKING_SNIPPET,
        _snippet,
        parameters=_DOMAIN,
        required=_DOMAIN,
    ),
    Endpoint("GET", "/validate", None, _validate),
    Endpoint("GET", "/users", access.READ_CONTACTS, _list(USER), parameters=listing.PARAMETERS),
    Endpoint(
        "GET", "/accounts", access.READ_CONTACTS, _list(ACCOUNT), parameters=listing.PARAMETERS
    ),
)
"""The documented endpoints, and at the end the two lists that are our assumption."""
