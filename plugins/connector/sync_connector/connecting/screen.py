"""Scopes as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.table import Table

from sync_connector.connecting.scopes import Need


def scopes_table(chosen: Mapping[str, list[str]]) -> Table:
    """One line a scope, with what it is for."""
    table = Table()
    table.add_column("Scope", no_wrap=True)
    table.add_column("For", overflow="fold")
    for scope, reasons in chosen.items():
        table.add_row(scope, ", ".join(dict.fromkeys(reasons)))
    return table


def missing_table(needs: Iterable[Need]) -> Table:
    """One line for what can't work, with the scope that it lacks."""
    table = Table()
    table.add_column("Missing scope", no_wrap=True)
    table.add_column("Without it there is no", overflow="fold")
    for need in needs:
        table.add_row(need.scopes[0], need.why)
    return table
