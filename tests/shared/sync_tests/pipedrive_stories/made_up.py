"""Stories that are made up: any account, any settings, anything that may happen."""

from __future__ import annotations

from hypothesis import strategies as st

from sync_tests.pipedrive_stories.steps import (
    RESTORABLE,
    STREAMS_OF,
    WITH_FIELDS,
    Archive,
    Change,
    ChangeMany,
    Delete,
    Discover,
    Field,
    Lose,
    Make,
    Merge,
    Rest,
    Restore,
    Skip,
    Step,
    Story,
    Wait,
)
from sync_tests.stories.made_up import SECONDS, chapters

_few = st.integers(0, 5)
#: The first ones, and the last, which is the newest.
_which = st.one_of(_few, st.just(-1))


def _edits(entities: tuple[str, ...]) -> st.SearchStrategy[Step]:
    entity = st.sampled_from(entities)
    seconds = st.sampled_from((0, 1, 5))
    # Each for itself: hypothesis takes one of the same object for one.
    many = [st.builds(ChangeMany, entity, st.integers(5, 25), seconds) for _ in range(4)]
    kinds = [
        *many,
        st.builds(Make, entity, _few),
        st.builds(Change, entity, _which, _few),
        st.builds(Change, entity, _which, _few),
        st.builds(Delete, entity, _which),
        st.builds(Skip, entity, st.integers(1, 40)),
        st.builds(Wait, st.sampled_from(SECONDS)),
    ]
    if mergeable := [each for each in entities if each in WITH_FIELDS]:
        with_fields = st.sampled_from(mergeable)
        what = st.sampled_from(("add", "add", "rename", "remove", "option", "relabel", "unoption"))
        kinds.append(st.builds(Merge, with_fields, _few, _few))
        kinds.append(st.builds(Field, what, with_fields, _few, st.integers(0, 9), _few))
    if restorable := [each for each in entities if each in RESTORABLE]:
        kinds.append(st.builds(Restore, st.sampled_from(restorable), _which))
    if "deal" in entities:
        kinds.append(st.builds(Archive, _few))
    return st.one_of(kinds)


_SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "option_ids": st.just(True),
        "option_labels": st.just(False),
        "lookback_seconds": st.sampled_from((0, 1)),
        "start_date": st.just("2000-01-01"),
        "delete_sweep_hours": st.sampled_from((1, 24)),
        "custom_fields": st.sampled_from(("object", "raw")),
    },
)
_SWITCHES = st.fixed_dictionaries(
    {},
    optional={
        "pipedrive.lists_include_deleted": st.sampled_from(("with_updated_since", "always")),
        "pipedrive.updated_since_keeps_null": st.just(True),
        "pipedrive.list_lag_seconds": st.sampled_from((1.0, 30.0, 60.0)),
        "pipedrive.person_without_email": st.just("blank_entry"),
    },
)


_count = st.one_of(st.integers(0, 14), st.integers(0, 14), st.integers(15, 40))
_rare = st.one_of(st.builds(Rest), st.builds(Rest), st.just(Lose()), st.just(Discover()))


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Any story."""
    entities = tuple(
        draw(st.lists(st.sampled_from(list(STREAMS_OF)), min_size=1, max_size=3, unique=True))
    )
    edits = _edits(entities)
    switches = draw(_SWITCHES)
    settings = draw(_SETTINGS)
    if "lookback_seconds" in settings:  # a list that lags by more than that loses rows, as said
        switches.pop("pipedrive.list_lag_seconds", None)
    return Story(
        streams=tuple(stream for each in entities for stream in STREAMS_OF[each]),
        records=tuple((each, draw(_count)) for each in entities),
        spread=draw(_few),
        steps=draw(chapters(edits, _rare, _few)),
        settings=settings,
        switches=switches,
    )
