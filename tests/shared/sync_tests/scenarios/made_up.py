"""Scenarios that are made up: any settings, any edits, anything that may fail."""

from __future__ import annotations

from hypothesis import strategies as st

from sync_tests.scenarios import choices, steps
from sync_tests.scenarios.faults import KILL, PLANTED
from sync_tests.scenarios.settings import POSITIONS

_few, _value = st.integers(0, 4), st.integers(0, 14)
_kind, _entity = (
    st.sampled_from(("user", "user", "account")),
    st.sampled_from(("person", "organization")),
)
_seconds = st.sampled_from((1, 1, 30, 61, 150, 3600, 90_000))


def _giving(kind: str) -> st.SearchStrategy[steps.Step]:
    what = st.sampled_from([*choices.VALUES[kind]])
    return st.builds(steps.Give, st.just(kind), _few, what, _value)


def _editing(entity: str) -> st.SearchStrategy[steps.Step]:
    what = st.sampled_from([*choices.VALUES[entity]])
    return st.builds(steps.Edit, st.just(entity), _few, what, _value)


_edits = st.one_of(
    *(_giving("user") for _ in range(4)),
    *(_giving("account") for _ in range(2)),
    *(_editing("person") for _ in range(4)),
    *(_editing("organization") for _ in range(2)),
    st.builds(steps.Member, _few, _few, st.booleans()),
    st.builds(steps.Member, _few, _few, st.just(True)),
    st.builds(steps.Remove, _kind, _few),
    st.builds(steps.Unify, _kind, _few, _few),
    st.builds(steps.Make, _entity, _few),
    st.builds(steps.Make, st.just("person"), _few),
    st.builds(steps.Delete, _entity, _few),
    st.builds(steps.Restore, _entity, _few),
    st.builds(steps.Merge, _entity, _few, _few),
    st.builds(steps.Swap, _entity, _few, _few),
    st.builds(steps.Wait, _seconds),
)
_fault = st.builds(
    steps.Fault,
    where=st.sampled_from(("target", "target", "target", "tap")),
    kind=st.sampled_from((*PLANTED, KILL, KILL, KILL)),
    method=st.sampled_from(("*", "GET", "POST", "PATCH")),
    after=st.integers(0, 9),
    times=st.sampled_from((1, 2, None)),
)
_sources = st.sampled_from(("journy", "pipedrive"))
_runs = st.builds(
    steps.Run,
    source=_sources,
    full=st.sampled_from((False, False, True)),
    dry=st.sampled_from((False, False, True)),
    fault=st.one_of(st.none(), _fault),
    budget=st.sampled_from((None,) * 6 + (20, 40, 60, 100)),
)
_settings = {name: st.integers(0, len(positions) - 1) for name, positions in POSITIONS.items()}
_setting = st.sampled_from([(n, at) for n, every in POSITIONS.items() for at in range(len(every))])
_rare = st.one_of(
    st.just(steps.Lose()),
    st.just(steps.BackUp()),
    st.just(steps.Recall()),
    st.builds(steps.Field, st.sampled_from(("remove", "rename", "option"))),
    _setting.map(lambda pair: steps.Set(*pair)),
    _setting.map(lambda pair: steps.Set(*pair)),
    st.builds(steps.Rest, st.booleans()),
)
_SWITCHES = st.fixed_dictionaries(
    {},
    optional={
        "pipedrive.lists_include_deleted": st.sampled_from(("with_updated_since", "always")),
        "pipedrive.updated_since_keeps_null": st.just(True),
        "pipedrive.patch_lists": st.just("merge"),
        "pipedrive.noop_patch_touches": st.just(False),
        "pipedrive.errors_cost_tokens": st.just(False),
        "pipedrive.person_without_email": st.just("blank_entry"),
        "pipedrive.empty_string": st.just("keep"),
        "pipedrive.daily_headers": st.just(False),
        "pipedrive.system_field_codes": st.just("entity"),
        "pipedrive.list_lag_seconds": st.sampled_from((1.0, 30.0)),
        "pipedrive.search_lag_seconds": st.sampled_from((1.0, 30.0)),
        "journy.accept_delay_seconds": st.just(2.0),
        "journy.identity_conflict": st.sampled_from(("contact_wins", "refuse", "merge")),
        "journy.identifier_change": st.sampled_from(("replace_all", "keep_all")),
        "journy.link_unknown": st.just("ignore"),
    },
)
_runs_both = st.just(steps.Both())


@st.composite
def _chapters(draw: st.DrawFn) -> tuple[steps.Step, ...]:
    """Some edits and a run, several times."""
    told: list[steps.Step] = []
    for _ in range(draw(st.integers(2, 6))):
        told += draw(st.lists(_edits, min_size=1, max_size=6))
        told.append(draw(st.one_of(_runs_both, _runs_both, _runs, _runs, _runs, _rare)))
    return tuple(told)


def scenarios() -> st.SearchStrategy[steps.Scenario]:
    """Any scenario."""
    settings = st.fixed_dictionaries({}, optional=_settings)
    return st.builds(steps.Scenario, settings=settings, switches=_SWITCHES, steps=_chapters())
