"""What the page remembers of the records, directly: over HTTP only its cost would show."""

from __future__ import annotations

import pytest
from sync_sandbox.status.recent import LARGE, Recent


@pytest.fixture
def recent():
    kept, made = Recent(), []

    def get(source, version, size):
        return kept.get(source, version, size, lambda: made.append(0) or len(made))

    return get


def test_a_value_is_kept_as_long_as_nothing_changed(recent):
    assert [recent("table", 1, 5) for _ in range(3)] == [1, 1, 1]


def test_a_small_world_is_read_anew_after_each_change(recent):
    assert [recent("table", version, LARGE) for version in (1, 2, 3)] == [1, 2, 3]


def test_a_large_world_is_not_read_anew_after_each_change(recent):
    assert [recent("table", version, LARGE + 1) for version in (1, 2, 3)] == [1, 1, 1]


def test_another_table_is_always_read(recent):
    assert recent("table", 1, LARGE + 1) == 1
    assert recent("restored table", 1, LARGE + 1) == 2
