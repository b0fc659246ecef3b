"""Connecting with Pipedrive by OAuth 2.0, and ending that."""

from __future__ import annotations
