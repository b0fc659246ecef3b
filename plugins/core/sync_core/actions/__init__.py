"""Signals and the activities that they call for: read, watch for the edge, create exactly once."""

from __future__ import annotations

from sync_core.actions.delivering import Delivery
from sync_core.actions.placeholders import of_account
from sync_core.actions.recipe import Recipe, recipes
from sync_core.actions.settings import Action, read_actions
from sync_core.actions.watching import Actions

__all__ = ["Action", "Actions", "Delivery", "Recipe", "of_account", "read_actions", "recipes"]
