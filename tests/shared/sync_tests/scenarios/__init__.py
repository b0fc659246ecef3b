"""Scenarios of a sync in both directions: what may happen, and what has to be true after it."""
