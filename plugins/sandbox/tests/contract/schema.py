"""OpenAPI 3.0 schemas as JSON Schema, and where an answer is not what its schema says."""

from __future__ import annotations

import re

from jsonschema import Draft7Validator

KEPT = ("type", "enum", "required", "items", "properties", "additionalProperties", "format")
PARTS = ("allOf", "anyOf", "oneOf")
KEY = re.compile(r"[0-9a-f]{40}")


def resolved(node, document):
    """A node behind its references."""
    while "$ref" in node:
        target = document
        for step in node["$ref"].split("/")[1:]:
            target = target[step]
        node = target
    return node


def json_schema(node, document):
    """A schema without references, and with null among the types where it is nullable."""
    node = resolved(node, document)
    made = {key: node[key] for key in ("type", "enum", "required") if key in node}
    if "items" in node:
        made["items"] = json_schema(node["items"], document)
    if "properties" in node:
        below = node["properties"].items()
        made["properties"] = {name: json_schema(one, document) for name, one in below}
    for part in PARTS:
        if part in node:
            made[part] = [json_schema(one, document) for one in node[part]]
    if node.get("nullable"):
        return {"anyOf": [{"type": "null"}, made]}
    return made


def place(path):
    """A path into an answer, the same for all rows and all custom fields."""
    steps = ("[]" if isinstance(one, int) else f".{KEY.sub('*', one)}" for one in path)
    return "".join(steps).removeprefix(".")


def failures(error):
    """The failures at the leaves: of several alternatives, those of the one that fits best."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        return [error]
    fitting = {}
    for one in error.context:
        fitting.setdefault(one.schema_path[0], []).append(one)
    fitting = [f for f in fitting.values() if f[0].validator != "type" or f[0].path] or [[error]]
    best = min(fitting, key=lambda some: (any(f.validator == "enum" for f in some), len(some)))
    return [error] if best == [error] else [leaf for one in best for leaf in failures(one)]


def name_of(error):
    """A failure in a few words."""
    at = place(error.absolute_path)
    if error.validator == "required":
        return f"missing {at}.{error.message.split(chr(39))[1]}".replace(" .", " ")
    got = "null" if error.instance is None else type(error.instance).__name__
    return f"{got} {at}" if error.validator != "enum" else f"value {at}"


def known(schema):
    """The schemas of an object's properties, from all its parts."""
    found = {name: [one] for name, one in schema.get("properties", {}).items()}
    for part in PARTS:
        for one in schema.get(part, ()):
            for name, schemas in known(one).items():
                found.setdefault(name, []).extend(schemas)
    return found


def items(schema):
    """The schemas of a list's items, from all its parts."""
    own = [schema["items"]] if "items" in schema else []
    return own + [one for part in PARTS for below in schema.get(part, ()) for one in items(below)]


def unknown(value, schema, path=()):
    """Properties that no schema names."""
    if isinstance(value, list):
        rows = items(schema)
        for index, one in enumerate(value):
            yield from unknown(one, {"anyOf": rows}, (*path, index))
    if isinstance(value, dict):
        named = known(schema)
        for name, one in value.items() if named else ():
            if name not in named:
                yield f"unknown {place((*path, name))}"
            else:
                yield from unknown(one, {"anyOf": named[name]}, (*path, name))


def deviations(value, schema):
    """Where an answer is not what its schema says."""
    errors = Draft7Validator(schema).iter_errors(value)
    found = {name_of(leaf) for error in errors for leaf in failures(error)}
    return found | set(unknown(value, schema))
