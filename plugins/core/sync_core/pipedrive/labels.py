"""The labels of leads, which have a list of their own."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from sync_core.mapping import ValueMisfitError
from sync_core.pipedrive import endpoints, envelope
from sync_core.pipedrive.client import PipedriveClient
from sync_core.text import fold, near


class LeadLabels:
    """Labels by name; read once, when the first is asked for."""

    def __init__(self, client: PipedriveClient) -> None:
        self._client = client

    def find(self, value: Any) -> str:
        """The id of the label with this name, regardless of case and outer blanks, or this id.

        Raises:
            ValueMisfitError: There is none, or several.
        """
        if not isinstance(value, str):
            raise ValueMisfitError("expected the names of labels")
        found = [key for key, name in self._names.items() if fold(name) == fold(value)]
        found = found or [key for key in self._names if key == value.strip()]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueMisfitError("several labels of leads have this name; rename one")
        hint = near(value, self._names.values(), "there are no labels")
        raise ValueMisfitError(f"no label of leads has this name; {hint}")

    @cached_property
    def _names(self) -> dict[str, str]:
        path = endpoints.LEAD_LABELS
        body = self._client.http.get(path, tokens=endpoints.LEAD_LABELS_TOKENS)
        return {str(row.get("id")): str(row.get("name")) for row in envelope.records(body, path)}
