"""`sandbox demo`: the import and the two-way sync against a fresh sandbox, and what they did.

It works through command lines alone (`sandbox serve`, `meltano run`, `connector runs`) and the
sandbox's HTTP interface, as a person would; it imports nothing of what it shows.
"""

from __future__ import annotations

from sync_sandbox.demo.command import demo

__all__ = ["demo"]
