"""Ledgers of tests: thousands of them in one process, where users have one or two."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sync_core.ledger import opening


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Let all ledgers in SQLite share what SQLAlchemy has compiled.

    It compiles a statement once an engine, which was a quarter of what a target's test took.
    """
    connect = opening.connect
    shared: dict[str, tuple[sa.Dialect, dict[Any, Any]]] = {}

    def sharing(url: str) -> sa.Engine:
        engine = connect(url)
        if engine.dialect.name == "sqlite":
            engine.dialect, compiled = shared.setdefault("sqlite", (engine.dialect, {}))
            engine.update_execution_options(compiled_cache=compiled)
        return engine

    patch.setattr(opening, "connect", sharing)
