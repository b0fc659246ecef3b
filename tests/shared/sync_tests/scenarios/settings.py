"""The settings of a scenario, by name, with the positions that each can take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync_tests.scenarios.choices import PLAN, STAGE

SEGMENT = "Power users"
#: The first one is taken where a scenario says nothing.
POSITIONS: dict[str, tuple[Any, ...]] = {
    "create": (True, False),  # in Pipedrive
    "import": (True, False),  # in journy
    "conflict": ("pipedrive", "journy", "latest"),
    "clear": (False, True),
    "detect_deletes": (True, False),
    "delete_sweep_hours": (0, 24),
    "on_delete": ("ignore", "delete"),  # in journy
    "segments": ([], [SEGMENT]),
    "match": ([], [{"from": "domain", "to": "website"}]),
}
ACTION = {
    "name": "call",
    "when": {"entity": "user", "segment_entered": SEGMENT},
    "activity": {"type": "call", "subject": "Call {user_id}"},
}
STREAMS = {"journy": ("accounts", "users"), "pipedrive": ("organizations", "persons")}


class Settings:
    """What the four plugins are told."""

    def __init__(self, positions: Mapping[str, int]) -> None:
        self._at = dict.fromkeys(POSITIONS, 0) | dict(positions)

    def set(self, name: str, position: int) -> None:
        """Change one."""
        self._at[name] = position

    def get(self, name: str) -> Any:
        """The position of one."""
        return POSITIONS[name][self._at[name] % len(POSITIONS[name])]

    def tap(self, source: str) -> dict[str, Any]:
        """Those of the tap that reads a service."""
        if source == "journy":
            return {}
        names = ("detect_deletes", "delete_sweep_hours")
        return {"streams": list(STREAMS[source]), **{name: self.get(name) for name in names}}

    def target(self, source: str) -> dict[str, Any]:
        """Those of the target that writes what comes from a service."""
        return self._to_pipedrive() if source == "journy" else self._to_journy()

    def _to_pipedrive(self) -> dict[str, Any]:
        rule = {"conflict": self.get("conflict")}
        create = {"create": self.get("create")}
        stage, plan = {"from": "lifecycle", "to": STAGE}, {"from": "plan", "to": PLAN}
        return {
            "users": {**create, "segments": self.get("segments"), "fields": [{**stage, **rule}]},
            "accounts": {**create, "match": self.get("match"), "fields": [{**plan, **rule}]},
            "actions": [ACTION],
        }

    def _to_journy(self) -> dict[str, Any]:
        rule = {"conflict": self.get("conflict"), "clear": self.get("clear")}
        both = {"create": self.get("import"), "on_delete": self.get("on_delete")}
        stage, plan = {"from": STAGE, "to": "lifecycle"}, {"from": PLAN, "to": "plan"}
        return {
            "persons": {**both, "fields": [{**stage, **rule}]},
            "organizations": {**both, "fields": [{**plan, **rule}]},
        }
