"""What `streams` may write to, as a table for the README."""

from __future__ import annotations

from sync_core.pipedrive.endpoints import ENTITIES, Entity

from target_pipedrive.built_in import BUILT_IN
from target_pipedrive.matching import findable


def table() -> str:
    """The entities as a Markdown table."""
    rows = "".join(map(_row, ENTITIES.values()))
    return (
        "| `entity` | Endpoint | Matched by | A new one needs | Built-in fields |\n"
        f"|---|---|---|---|---|\n{rows}"
    )


def _row(entity: Entity) -> str:
    built_in = findable(entity.name)
    keys = [
        f"a reference in `{key}`" if key == entity.reference else f"`{key}`" for key in built_in
    ]
    has_own = entity.name != "person" and entity.fields_path
    own = ["a custom field of text, number or phone"] if has_own else []
    emails = ["e-mail address"] if entity.name == "person" else []
    fields = ", ".join(f"`{key}`" for key in sorted(BUILT_IN[entity.name]))
    matched = ", ".join(emails + own + keys)
    needs = "; ".join(" or ".join(f"`{key}`" for key in group) for group in entity.needs)
    return f"| {entity.name} | `{entity.path}` | {matched} | {needs} | {fields} |\n"
