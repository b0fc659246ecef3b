"""Saved filters and files over v1."""

from __future__ import annotations

import base64
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import checks, filters, kinds, v1
from sync_sandbox.pipedrive.calls import Raw
from sync_sandbox.pipedrive.entities import ENTITIES
from sync_sandbox.pipedrive.entities_v1 import FILE, FILE_LINKS, FILTER
from sync_sandbox.pipedrive.errors import InvalidError
from sync_sandbox.pipedrive.v1_rules import Stamp

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.store import Row

TYPES = ("deals", "leads", "org", "people", "products", "activity", "projects")
BY_TYPE = {entity.filter_type: entity for entity in ENTITIES.values() if entity.filter_type}


def list_filters(call: Call) -> list[Row]:
    """GET /v1/filters: without their conditions."""
    kind = call.query.get("type")
    rows = call.state.tables["filter"].rows.values()
    return [
        {name: value for name, value in row.items() if name != "conditions"}
        for row in rows
        if kind in (None, row["type"])
    ]


def get_filter(call: Call) -> Row:
    """GET /v1/filters/{id}."""
    return _show(call, v1.find(call, FILTER))


def create_filter(call: Call) -> Row:
    """POST /v1/filters."""
    known = ("name", "conditions", "type")
    body = checks.mapping("body", call.body, known, known)
    entity = _entity(body["type"])
    values = {
        "name": kinds.check(call.state, FILTER, "name", body["name"]),
        "type": body["type"],
        "conditions": filters.check(call.state, entity, "conditions", body["conditions"]),
        "user_id": call.identity.user_id,
    }
    return _show(call, v1.insert(call.state, FILTER, values))


def change_filter(call: Call) -> Row:
    """PUT /v1/filters/{id}."""
    row = v1.find(call, FILTER)
    body = checks.mapping("body", call.body, ("name", "conditions"), ("conditions",))
    entity = _entity(row["type"])
    changes: Row = {
        "conditions": filters.check(call.state, entity, "conditions", body["conditions"])
    }
    if "name" in body:
        changes["name"] = kinds.check(call.state, FILTER, "name", body["name"])
    row.update(changes, update_time=Stamp.of(FILTER).now(call.state))
    return _show(call, row)


def delete_filters(call: Call) -> Row:
    """DELETE /v1/filters?ids=."""
    table = call.state.tables["filter"]
    gone = [row_id for row_id in call.query["ids"] if row_id in table.rows]
    for row_id in gone:
        table.remove(row_id)
    return {"id": gone}


def _entity(kind: Any) -> Entity:
    if kind not in TYPES:
        raise InvalidError("type", f"must be one of {', '.join(TYPES)}, not {kind!r}")
    if kind not in BY_TYPE:
        raise InvalidError("type", f"the sandbox evaluates no filters of type {kind}")
    return BY_TYPE[kind]


def _show(call: Call, row: Row) -> Row:
    if not call.query.get("include_field_code"):
        return row
    catalogue = call.state.fields[BY_TYPE[row["type"]].name]

    def coded(one: Row) -> Row:
        field = catalogue.by_number(int(one["field_id"]))
        return {**one, "field_code": field and field["field_code"]}

    groups = [
        {**group, "conditions": [coded(one) for one in group["conditions"]]}
        for group in row["conditions"]["conditions"]
    ]
    return {**row, "conditions": {**row["conditions"], "conditions": groups}}


def add_file(call: Call) -> Row:
    """POST /v1/files: multipart, one part `file` and the ids it hangs on."""
    parts = _parts(call)
    if "file" not in parts:
        raise InvalidError("file", "is required")
    name, content = parts.pop("file")
    values: Row = {
        "user_id": call.identity.user_id,
        "name": name,
        "file_name": name,
        "file_size": len(content),
        "content": base64.b64encode(content).decode(),
    }
    for link, (_, text) in parts.items():
        if link not in FILE_LINKS:
            raise InvalidError(link, "is not a known field")
        values[link] = text.decode() if link == "lead_id" else int(text)
    row = v1.insert(call.state, FILE, values)
    row["url"] = f"/api/v1/files/{row['id']}/download"
    return v1.show(call, FILE, row)


def _parts(call: Call) -> dict[str, tuple[str, bytes]]:
    head = b"Content-Type: " + call.content_type + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + call.body)
    if not message.is_multipart():
        raise InvalidError("body", "must be multipart/form-data")
    parts = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        parts[str(name)] = (
            part.get_filename() or "",
            content if isinstance(content, bytes) else b"",
        )
    return parts


def change_file(call: Call) -> Row:
    """PUT /v1/files/{id}: a form with name and description."""
    row = v1.find(call, FILE)
    given = checks.mapping("body", call.body, ("name", "description"))
    row.update(given, update_time=Stamp.of(FILE).now(call.state))
    return v1.show(call, FILE, row)


def download(call: Call) -> Raw:
    """GET /v1/files/{id}/download."""
    row = v1.find(call, FILE)
    return Raw(base64.b64decode(row["content"]), b"application/octet-stream")
