"""Names of columns, which outlast the labels of their fields."""

from __future__ import annotations

from typing import Any

from sync_tests.stories.tables import Tables


class NamedTables(Tables):
    """Tables whose columns keep their names as long as the state lives."""

    def check(self, stream: str, properties: Any) -> None:
        """A name that the state remembers stays, and no other field gets it."""
        remembered = {
            key: entry if isinstance(entry, str) else entry["name"]
            for key, entry in self.bookmarks(stream).get("columns", {}).items()
        }
        assert len(set(remembered.values())) == len(remembered), f"{stream}: two of one name"
        for name, about in columns(properties).items():
            mark = about.get("x-pipedrive", {})
            if "type" in mark:
                key = mark["key"]
                expected = remembered.get(key, name)
                assert name == expected, f"{stream}: {key} was {expected} and is {name}"
                others = [each for other, each in remembered.items() if other != key]
                assert name not in others, f"{stream}: {name} was another field's"


def columns(properties: Any) -> dict[str, Any]:
    """The columns of fields, wherever the setting `custom_fields` puts them."""
    nested = properties.get("custom_fields", {}).get("properties", {})
    return {**properties, **nested} if nested else dict(properties)
