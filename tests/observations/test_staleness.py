import dataclasses
from datetime import timedelta

import pandas as pd
import pytest

from stackcast.observations.schema import Retired
from stackcast.observations.staleness import ROLES, stale_signals
from stackcast.sources import SOURCES, pullers
from tests.support import TODAY

MONTHLY = "openrouter-open-weight-token-share-monthly"


def by_name(observations, day, given=None):
    return {
        s.signal: s for s in stale_signals(observations, day, pullers(observations.signals) if given is None else given)
    }


@pytest.fixture(scope="module")
def limit(project):
    """The last day on which the monthly signal is not stale."""
    rows = project.observations.of(MONTHLY)
    newest = rows[rows["period_end"] == rows["period_end"].max()]
    return newest["published"].min().date() + timedelta(days=2 * project.observations.signals[MONTHLY].spacing_days)


def test_a_signal_is_stale_after_twice_its_usual_spacing(project, limit):
    observations = project.observations
    spacing = observations.signals[MONTHLY].spacing_days
    assert MONTHLY not in by_name(observations, limit)
    found = by_name(observations, limit + timedelta(days=1))[MONTHLY]
    assert found.published == limit - timedelta(days=2 * spacing)
    assert found.due == limit - timedelta(days=spacing)
    assert found.spacing_days == spacing
    assert found.period_end == observations.of(MONTHLY)["period_end"].max().date()


def test_it_says_who_should_have_published_and_how_to_get_the_figure(project, limit):
    day = limit + timedelta(days=1)
    by_machine = by_name(project.observations, day, {MONTHLY: "openrouter"})[MONTHLY]
    assert by_machine.publisher == project.observations.signals[MONTHLY].publisher.name
    assert (by_machine.target, by_machine.role) == ("models.developers", "reference")
    assert by_machine.command == "stackcast pull openrouter"
    assert by_name(project.observations, day, {})[MONTHLY].command == f"stackcast observe {MONTHLY}"


def test_pullers_name_the_source_that_feeds_a_signal(project):
    signals = project.observations.signals
    assert pullers(signals)[MONTHLY] == "openrouter"
    assert all(slug in SOURCES[name].feeds(signals) for slug, name in pullers(signals).items())


def test_references_come_first_and_then_the_longest_silent(project):
    years_later = project.observations.rows["published"].max().date() + timedelta(days=5 * 365)
    found = stale_signals(project.observations, years_later, pullers(project.observations.signals))
    keys = [(ROLES.index(s.role), s.published) for s in found]
    assert keys == sorted(keys)
    assert {s.role for s in found} == set(ROLES)


def test_a_revision_or_a_later_publication_is_no_new_figure(project, limit):
    observations, day = project.observations, limit + timedelta(days=1)
    last = observations.of(MONTHLY).sort_values(["period_end", "published"]).iloc[[-1]]
    following = last.assign(id="x", period_end=last["period_end"] + pd.Timedelta("30D"))
    for changed, known in (
        (last.assign(id="x", published=pd.Timestamp(day)), False),
        (following.assign(published=pd.Timestamp(day) + pd.Timedelta("1D")), False),
        (following.assign(published=pd.Timestamp(day)), True),
    ):
        rows = pd.concat([observations.rows, changed], ignore_index=True)
        assert (MONTHLY in by_name(dataclasses.replace(observations, rows=rows), day)) != known


def test_a_signal_without_a_figure_is_stale_and_has_no_due_date(project):
    observations = project.observations
    bare = dataclasses.replace(observations, rows=observations.rows[observations.rows["signal"] != MONTHLY])
    found = by_name(bare, TODAY)[MONTHLY]
    assert (found.period_end, found.published, found.due) == (None, None, None)


def test_a_retired_signal_is_never_stale(project, limit):
    day = limit + timedelta(days=1)
    gone = project.observations.signals[MONTHLY].model_copy(update={"retired": Retired(day=limit, why="ended")})
    signals = project.observations.signals | {MONTHLY: gone}
    assert MONTHLY in by_name(project.observations, day)
    assert MONTHLY not in by_name(dataclasses.replace(project.observations, signals=signals), day)
    retired = {slug for slug, signal in project.observations.signals.items() if signal.retired}
    assert retired
    assert not retired & set(by_name(project.observations, TODAY))
