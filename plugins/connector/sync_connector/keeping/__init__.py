"""What the ledger keeps: `retry` sends it again, `forget` drops a person's data."""

from __future__ import annotations
