"""Pipedrive as this product sees it: endpoints, catalogue of fields, values."""

from __future__ import annotations

from sync_core.pipedrive.client import PipedriveClient
from sync_core.pipedrive.fields import Field, FieldCatalogue, Option

__all__ = ["Field", "FieldCatalogue", "Option", "PipedriveClient"]
