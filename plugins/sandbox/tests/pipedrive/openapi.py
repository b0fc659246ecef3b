"""The vendor's OpenAPI files, where they are at hand."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

import yaml

FILES = {"v1": "pipedrive-openapi-v1.yaml", "v2": "pipedrive-openapi-v2.yaml"}
PREFIX = {"v1": "/v1", "v2": "/api/v2"}
METHODS = ("get", "post", "put", "patch", "delete")


def directory():
    """Where the files are: named by the environment, or lying beside the project."""
    named = os.environ.get("SANDBOX_OPENAPI_DIR")
    if named:
        return Path(named)
    for folder in Path(__file__).resolve().parents:
        candidate = folder.parent / "shared" / "reference"
        if (candidate / FILES["v2"]).exists():
            return candidate
    return None


@lru_cache(maxsize=1)
def operations():
    """(operation, shared parameters, document) by method and path; None without the files."""
    folder = directory()
    if folder is None:
        return None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = {}
    for version, name in FILES.items():
        document = yaml.load((folder / name).read_text(encoding="utf-8"), Loader=loader)
        for path, item in document["paths"].items():
            plain = PREFIX[version] + re.sub(r"\{[^}]*\}", "{}", path)
            for method in METHODS:
                if method in item:
                    shared = item.get("parameters", [])
                    found[method.upper(), plain] = (item[method], shared, document)
    return found


def resolved(node, document):
    """A node behind its reference."""
    while "$ref" in node:
        target = document
        for step in node["$ref"].split("/")[1:]:
            target = target[step]
        node = target
    return node


def flattened(schema, document):
    """A schema with its parts in one place."""
    schema = resolved(schema, document)
    merged = {key: value for key, value in schema.items() if key not in ("allOf", "oneOf", "anyOf")}
    merged["properties"] = dict(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        flat = flattened(part, document)
        merged["properties"].update(flat["properties"])
        merged.setdefault("type", flat.get("type"))
        if "items" in flat:
            merged["items"] = flat["items"]
    merged["choices"] = schema.get("oneOf", []) + schema.get("anyOf", [])
    return merged
