"""Ids of what arrived since the last look, of which state takes only so many."""

from __future__ import annotations

import random
import tracemalloc

from tap_pipedrive.arrived import ARRIVED, LOST, Arrived

COUNT, PAGE = 300_000, 500
MEBIBYTE = 2**20


def test_ids_for_which_state_has_no_room_take_no_memory_either():
    ids = list(range(1, COUNT + 1))
    random.Random(1).shuffle(ids)  # as they come in the order of their update time
    state: dict = {}
    arrived = Arrived(state)
    fitted = []
    tracemalloc.start()
    for start in range(0, COUNT, PAGE):
        arrived.add(ids[start : start + PAGE])
        fitted.append(arrived.keep())
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert fitted.count(False) == 1
    assert (ARRIVED in state, state[LOST]) == (False, True)
    assert taken < MEBIBYTE
    assert len(arrived.ids) == COUNT
