"""Searches. Hits are projections; the vendor documents neither their order nor their freshness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import cursor
from sync_sandbox.pipedrive.calls import Answer
from sync_sandbox.pipedrive.entities import ENTITIES
from sync_sandbox.pipedrive.errors import InvalidError
from sync_sandbox.pipedrive.projections import PROJECTIONS, texts
from sync_sandbox.pipedrive.reads import page_size
from sync_sandbox.pipedrive.values import SEARCHABLE, searchable_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.store import Row

SHORTEST_TERM = 2
# System fields of persons whose place in itemSearch/field is unknown.
CONTACT_FIELDS = {"email": "emails", "phone": "phones"}
# Parameters of the entity searches that narrow by a link or a state.
LINKS = {"organization_id": "org_id", "person_id": "person_id", "status": "status"}
ENTITY_TYPES = ("deal", "lead", "person", "organization", "product", "project")
MATCHES: dict[str, Callable[[str, str], bool]] = {
    "exact": lambda value, term: value == term,
    "beginning": lambda value, term: value.startswith(term),
    "middle": lambda value, term: term in value,
}


def search_entity(call: Call, entity: Entity) -> Answer:
    """`/{entities}/search`: not case-sensitive; whole values with exact_match, parts without."""
    wanted = call.query.get("fields") or list(PROJECTIONS[entity.name].fields)
    rows, following = paged(call, hits_of(call, entity, wanted))
    return Answer({"items": rows}, cursor.beside(call, following))


def hits_of(call: Call, entity: Entity, wanted: list[str]) -> list[Row]:
    """The hits in one kind of records."""
    exact = bool(call.query.get("exact_match"))
    term, compare = _term(call, exact=exact).casefold(), MATCHES["exact" if exact else "middle"]
    show = PROJECTIONS[entity.name].show
    hits = []
    for row in _rows(call, entity, _exact_rows(call, entity, wanted, term) if exact else None):
        score = _score(call, entity, row, wanted, compare, term)
        if score:
            hits.append({"result_score": score, "item": show(call.state, row)})
    return hits


def _exact_rows(call: Call, entity: Entity, wanted: list[str], term: str) -> Iterable[Row]:
    """The rows that come into question, by id, each once."""
    state = call.state
    found: dict[Any, Row] = {}
    for field in wanted:

        def folded(row: Row, field: str = field) -> list[str]:
            return [value.casefold() for value in texts(state, entity, row, field)]

        if field == "notes":
            # Notes change without their record, so an index over records would miss them.
            return state.tables[entity.name].rows.values()
        rows = state.tables[entity.name].matching(f"search:{field}", folded, term)
        found.update((row["id"], row) for row in rows)
    return [found[row_id] for row_id in sorted(found)]


def _score(  # noqa: PLR0913, PLR0917  # called for each row: bound once, handed through
    call: Call,
    entity: Entity,
    row: Row,
    wanted: list[str],
    compare: Callable[[str, str], bool],
    term: str,
) -> float:
    """How much of the best matching text the term covers; 0 where nothing matches."""
    best = 0.0
    for field in wanted:
        for value in texts(call.state, entity, row, field):
            if compare(value.casefold(), term):
                best = max(best, len(term) / max(len(value), 1))
    return round(min(best, 1.0), 4)


def search_field(call: Call) -> Answer:
    """`/itemSearch/field`: case-sensitive, on one field."""
    entity = ENTITIES.get(call.query["entity_type"])
    if entity is None:
        # Leads and projects have no fields of their own here.
        raise InvalidError("entity_type", "is not searched by the sandbox")
    kind = call.query.get("match", "exact")
    term = _term(call, exact=kind == "exact")
    values = _field_values(call, entity, call.query["field"])
    if values is None:
        return Answer([], cursor.beside(call, None))
    code, some = call.query["field"], None
    if kind == "exact":
        some = call.state.tables[entity.name].matching(f"field:{code}", values, term)
    hits = [
        {"id": row["id"], code: value}
        for row in _rows(call, entity, some)
        for value in values(row)
        if value and MATCHES[kind](value, term)
    ]
    rows, following = paged(call, hits)
    return Answer(rows, cursor.beside(call, following))


def _field_values(call: Call, entity: Entity, code: str) -> Callable[[Row], list[str]] | None:
    """How to read a field's texts from a row; None when nothing can be found in it."""
    field = call.state.fields[entity.name].find(code)
    if field is None:
        raise InvalidError("field", f"{code!r} is not a field of {entity.path}")
    if entity.name == "person" and code in CONTACT_FIELDS:
        position = call.state.switches.get("pipedrive.item_search_field_emails")
        key = CONTACT_FIELDS[code]
        if position == "find":
            return lambda row: [entry["value"] for entry in row[key]]
        _refuse(code, position)
        return None
    if field["field_type"] not in SEARCHABLE:
        position = call.state.switches.get("pipedrive.item_search_field_other_types")
        _refuse(code, position)
        return None
    if field["is_custom_field"]:
        return lambda row: [searchable_text(row["custom_fields"].get(code))]
    return lambda row: [searchable_text(row.get(code))]


def _refuse(code: str, position: str) -> None:
    if position == "refuse":
        raise InvalidError("field", f"{code!r} can't be searched")


def _term(call: Call, *, exact: bool) -> str:
    term: str = call.query["term"]
    if len(term) < (1 if exact else SHORTEST_TERM):
        raise InvalidError("term", f"must have at least {SHORTEST_TERM} characters (1 when exact)")
    return term


def _rows(call: Call, entity: Entity, some: Iterable[Row] | None) -> Iterator[Row]:
    """Rows (some, or all) that the search knows of: seen by the caller, there, past the lag."""
    user = None if call.identity.admin else call.identity.user_id
    lag = call.state.switches.get("pipedrive.search_lag_seconds")
    settled = call.state.settled(lag) if lag else None
    wanted = [(column, call.query[n]) for n, column in LINKS.items() if n in call.query]
    for row in call.state.tables[entity.name].rows.values() if some is None else some:
        if row["is_deleted"] or (settled is not None and row["update_time"] > settled):
            continue
        if user is not None and row.get("visible_to") == 1 and row["owner_id"] != user:
            continue
        if all(row.get(column) == value for column, value in wanted):
            yield row


def paged(call: Call, hits: list[Any], maximum: int = 500) -> tuple[list[Any], str | None]:
    """One page of the hits, and the cursor of the next."""
    mark = cursor.fingerprint(call)
    start = cursor.decode(call.query["cursor"], mark)["id"] if "cursor" in call.query else 0
    following = start + page_size(call, maximum)
    marker = {"field": "id", "fieldValue": following, "sortDirection": "asc", "id": following}
    more = following < len(hits)
    return hits[start:following], cursor.encode({**marker, "query": mark}) if more else None
