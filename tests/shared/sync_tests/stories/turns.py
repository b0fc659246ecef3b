"""Threads that take turns: pages are read, and come, in an order that a number decides."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any


class Turns:
    """Stands for `ThreadPoolExecutor` and `wait`, in one thread."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._waiting: dict[Future[Any], Callable[[], Any]] = {}

    def pool(self, *_: Any, **__: Any) -> Turns:
        return self

    def submit(self, work: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        self._waiting[future] = work
        if self._chance.random() < 0.5:  # read now, though it may come after others
            self._work(future)
        return future

    def wait(self, futures: Iterable[Future[Any]], seconds: float | None, _: Any) -> Any:
        asked = list(futures)
        least = 1 if seconds is None and asked else 0
        done = self._chance.sample(asked, self._chance.randint(least, len(asked)))
        for future in done:
            self._work(future)
        return set(done), set(asked) - set(done)

    def shutdown(self, **_: Any) -> None:
        self._waiting.clear()

    def _work(self, future: Future[Any]) -> None:
        work = self._waiting.pop(future, None)
        if work is None:
            return
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001  # as a pool does
            future.set_exception(error)
