"""The status page: both services' records side by side, the budget and the requests, live.

It is served under `/` and `/_sandbox/` as plain files, needs no network, and asks for no more than
it shows. Its own requests are requests to the control interface, so they are not journalled.
"""

from __future__ import annotations

from sync_sandbox.status.history import journal
from sync_sandbox.status.routes import routes

__all__ = ["journal", "routes"]
