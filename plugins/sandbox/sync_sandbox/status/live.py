"""What the page's head shows: records, budget, clock, faults and switches."""

from __future__ import annotations

import asyncio
from secrets import token_hex
from time import time
from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive.auth import identify
from sync_sandbox.pipedrive.errors import ApiError
from sync_sandbox.pipedrive.limits import PLANS, UNLIMITED
from sync_sandbox.status.questions import read, whole
from sync_sandbox.status.recent import Recent

if TYPE_CHECKING:
    from starlette.requests import Request

    from sync_sandbox.world import World

# Shorter than what a stopping server grants its last requests, so that no page holds it up.
WAIT_SECONDS = 0.8
TICK_SECONDS = 0.1
# More pages than these are answered at once: they poll instead of waiting.
MOST_WAITING = 16
READERS = {"after": whole(0, 10**15)}


class Live:
    """Answers for the page's head. With `after`, as soon as a later request was journalled."""

    def __init__(self, world: World) -> None:
        self._world = world
        # A page that outlives a sandbox sees by this that it talks to another one.
        self._run = token_hex(4)
        self._waiting = 0
        self._counts: dict[str, Recent[int]] = {}

    async def answer(self, request: Request) -> dict[str, Any]:
        """The state, after a short wait for news where `after` says what is known already.

        Raises:
            QueryError: a parameter is unknown or can't be.
        """
        asked = read(request.query_params, READERS)
        if "after" in asked and self._waiting < MOST_WAITING:
            self._waiting += 1
            try:
                await self._news(asked["after"])
            finally:
                self._waiting -= 1
        return self.state()

    async def _news(self, known: int) -> None:
        for _ in range(int(WAIT_SECONDS / TICK_SECONDS)):
            if self._world.journal.last_id != known:
                return
            await asyncio.sleep(TICK_SECONDS)

    def state(self) -> dict[str, Any]:
        """Everything but records and requests."""
        world = self._world
        limits = world.pipedrive.limits
        left = limits.left
        limited = limits.daily_limit < UNLIMITED
        return {
            "run": self._run,
            "last": world.journal.last_id,
            "time": time(),
            "clock": {"now": world.clock.now().isoformat(), "frozen": world.clock.frozen},
            "plan": limits.plan,
            "budget": {
                "spent": limits.spent,
                "limit": limits.daily_limit if limited else None,
                "left": left if limited else None,
            },
            "burst": self._burst(),
            "counts": self._records(),
            "faults": world.faults.describe(),
            "switches": _moved(world),
        }

    def _burst(self) -> dict[str, Any] | None:
        """The fullest 2-second window among the API tokens, as the answers' headers tell it."""
        pipedrive = self._world.pipedrive
        if pipedrive.limits.plan not in PLANS:
            return None
        windows = []
        for token in pipedrive.state.tokens:
            header = [(b"x-api-token", token.encode())]
            try:
                caller, _ = identify(pipedrive.state, pipedrive.oauth, header, b"")
            except ApiError:  # of a deactivated user
                continue
            told = dict(pipedrive.limits.headers(caller, search=False))
            limit = int(told[b"x-ratelimit-limit"])
            windows.append({"used": limit - int(told[b"x-ratelimit-remaining"]), "limit": limit})
        return max(windows, key=lambda window: window["used"], default=None)

    def _records(self) -> dict[str, int]:
        records = self._world.journy.world
        return {
            "persons": self._count("person"),
            "organizations": self._count("organization"),
            "users": len(records.users.records),
            "accounts": len(records.accounts.records),
        }

    def _count(self, entity: str) -> int:
        table = self._world.pipedrive.state.tables[entity]

        def count() -> int:
            return sum(not row["is_deleted"] for row in table.rows.values())

        kept = self._counts.setdefault(entity, Recent())
        return kept.get(table, table.version, len(table.rows), count)


def _moved(world: World) -> list[dict[str, Any]]:
    """The switches that don't stand where they stood at the start."""
    known = world.switches.known
    return [
        {"name": name, "position": position, "default": known[name].default}
        for name, position in world.switches.positions().items()
        if position != known[name].default
    ]
