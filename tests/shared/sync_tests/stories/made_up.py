"""Runs that are made up, and the times between them."""

from __future__ import annotations

from hypothesis import strategies as st

from sync_tests.stories.steps import Run, Step

FAULTS = (
    "500", "429", "timeout", "cut", "truncated", "malformed", "forbidden", "expired",
    "spent", "blocked", "revoked", "reversed", "doubled",
)  # fmt: skip
SECONDS = (0, 1, 1, 2, 30, 59, 60, 61, 3600, 90_000)


def runs(edits: st.SearchStrategy[Step], few: st.SearchStrategy[int]) -> st.SearchStrategy[Run]:
    """Runs, disturbed by such edits and by failures."""
    request = st.integers(0, 14)
    fault = st.tuples(request, st.sampled_from(FAULTS), st.integers(1, 2))
    return st.builds(
        Run,
        size=st.sampled_from((1, 2, 3, 4)),
        turns=few,
        during=st.lists(st.tuples(request, edits), max_size=4).map(tuple),
        faults=st.one_of(st.just(()), st.lists(fault, max_size=2).map(tuple)),
        kill=st.one_of(st.none(), st.integers(0, 100)),
        back=st.sampled_from((0, 0, 1, 2)),
        budget=st.sampled_from((None,) * 8 + (10, 40, 80, 120)),
        skew=st.sampled_from((0, 0, 0, 1, -90, 90_000)),
        pace=st.sampled_from((0, 1, 20)),
    )


@st.composite
def chapters(
    draw: st.DrawFn,
    edits: st.SearchStrategy[Step],
    rare: st.SearchStrategy[Step],
    few: st.SearchStrategy[int],
) -> tuple[Step, ...]:
    """Some edits and a run, several times."""
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 6))):
        steps += draw(st.lists(edits, max_size=4))
        steps.append(draw(st.one_of(runs(edits, few), runs(edits, few), runs(edits, few), rare)))
    return tuple(steps)
