"""The command `report`: a page of a run or a period, for people and as an artifact of CI."""

from __future__ import annotations
