"""What writing fields of some types takes besides the value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Any

from sync_core.mapping import TargetField
from sync_core.pipedrive.fields import Field
from sync_core.zones import read_zone


@dataclass(frozen=True)
class How:
    """What a mapping's line, and the session, add to a field.

    Attributes:
        currency: Of an amount that comes without one; empty leaves the stored one.
        zone: In which a point in time becomes a date or a time of day.
        zone_name: The name of that zone, which a time of day is stored with.
        merge: `replace` the stored choices of a multiple option, or `add` to them.
        resolve: What is named (user, org, people, deal, lead, ...) -> value to the id of it.
        current: A field as it is now, after options were added.
        add_option: (field, label) -> id of a new option; None where none may be made.
    """

    currency: str = ""
    zone: tzinfo | None = None
    zone_name: str = ""
    merge: str = "replace"
    resolve: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    current: Callable[[Field], Field] = lambda each: each
    add_option: Callable[[Field, str], int | str] | None = None

    def told(self, details: Mapping[str, str], setting: str) -> How:
        """With what a line says: `currency`, `zone`, `merge`."""
        zone = details.get("zone", "").strip()
        return replace(
            self,
            currency=details.get("currency", ""),
            zone=read_zone(zone, f"{setting}.zone") if zone else None,
            zone_name=zone,
            merge=details.get("merge", "replace"),
        )


Make = Callable[[Field, How], TargetField]
