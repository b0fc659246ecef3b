"""The sandbox's switches for what is undocumented, moved for a whole run of the tests.

`SANDBOX_UNKNOWNS` names the switches that stand the other way from the start, with commas between:
`pipedrive.patch_lists`, `journy.identity_conflict=merge`, or `all` for every one that has another
position. A test that is about one position says so with the mark `usual`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sync_sandbox import journy, pipedrive
from sync_sandbox.switches import Switch

VARIABLE = "SANDBOX_UNKNOWNS"
SWITCHES = {switch.name: switch for switch in (*pipedrive.SWITCHES, *journy.SWITCHES)}


def others(switch: Switch) -> list[Any]:
    """The positions that aren't the usual one; none of a switch that takes any number or text."""
    values = (True, False) if switch.values is bool else switch.values
    return [each for each in values if each != switch.default] if isinstance(values, tuple) else []


def positions(text: str) -> dict[str, Any]:
    """What the variable asks for; of two demands on one switch the later one counts."""
    asked: dict[str, Any] = {}
    for item in filter(None, map(str.strip, text.split(","))):
        name, _, value = item.partition("=")
        for each in SWITCHES.values() if name == "all" else [SWITCHES[name]]:
            if there := [each.parse(value)] if value else others(each):
                asked[each.name] = there[0]
    return asked


def move(asked: dict[str, Any]) -> None:
    """Let every sandbox of this process start with these positions."""
    for service in (pipedrive, journy):
        moved = (
            replace(each, default=asked.get(each.name, each.default)) for each in service.SWITCHES
        )
        service.SWITCHES = tuple(moved)


def usual(*names: str) -> dict[str, Any]:
    """The usual positions of some switches."""
    return {name: SWITCHES[name].default for name in names}
