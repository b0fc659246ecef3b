from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sync_sandbox.pipedrive import store
from sync_sandbox.pipedrive.store import Table

TIMES = st.one_of(st.none(), st.sampled_from([f"2025-01-01T00:00:0{n}Z" for n in range(6)]))
STEPS = st.lists(st.tuples(st.integers(1, 12), TIMES), max_size=60)


def place(row):
    return (row["time"] or "", row["id"])


@given(
    steps=STEPS,
    gone=st.sets(st.integers(1, 12)),
    descending=st.booleans(),
    start=st.integers(0, 12),
)
def test_walking_from_any_row_gives_what_sorting_gives(steps, gone, descending, start):
    table = Table(("id", "time"))
    for row_id, time in steps:
        if row_id in table.rows:
            table.update(table.rows[row_id], {"time": time})
        else:
            table.insert({"id": row_id, "time": time})
    for row_id in gone & table.rows.keys():
        table.remove(row_id)
    rows = sorted(table.rows.values(), key=place, reverse=descending)
    assert list(table.walk("time", descending=descending, after=None)) == [
        row["id"] for row in rows
    ]
    if start in table.rows:
        rest = rows[rows.index(table.rows[start]) + 1 :]
        after = place(table.rows[start])
        walked = list(table.walk("time", descending=descending, after=after))
        assert walked == [row["id"] for row in rest]
        ids = list(table.walk("id", descending=descending, after=("", start)))
        wanted = sorted(table.rows, reverse=descending)
        assert ids == wanted[wanted.index(start) + 1 :]


def test_an_order_stays_right_when_emptied_places_are_tidied_up(monkeypatch):
    monkeypatch.setattr(store, "TIDY_FROM", 2)
    table = Table(("id", "time"))
    for row_id in range(1, 9):
        table.insert({"id": row_id, "time": f"{row_id:02}"})
    for row_id in range(1, 8):
        table.update(table.rows[row_id], {"time": "99"})
    assert list(table.walk("time", descending=False, after=None)) == [8, 1, 2, 3, 4, 5, 6, 7]
    table.update(table.rows[8], {"time": "01"})
    assert list(table.walk("time", descending=True, after=None)) == [7, 6, 5, 4, 3, 2, 1, 8]
