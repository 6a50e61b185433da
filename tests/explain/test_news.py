"""What one more figure says to a finished run."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from stackcast.explain.figure_draws import kept_figure
from stackcast.explain.news import news_of, news_of_retraction
from stackcast.observations.store import as_frame
from tests.toy import TODAY

PANEL = "firm-panel-free-choice"
BOARD = "advert-board-any-day"


def new_row(slug, value, start, end, published, **more):
    empty = dict.fromkeys(("numerator", "denominator", "n", "lower", "upper"))
    given = {"signal": slug, "id": f"{slug}/new", "period_start": start, "period_end": end, "published": published}
    return as_frame([given | {"value": value, "source_url": "https://a.b/c", "note": ""} | empty | more]).iloc[0]


def later(value, **more):
    return new_row(PANEL, value, "2023-07-01", "2023-12-31", "2023-12-31", **more)


def layers(news, name):
    return {m.date: m for m in news.moves if m.kind == "layer" and m.name == name}


def test_a_higher_share_speaks_for_the_side_that_has_it(project, passed_run):
    low, high = (news_of(passed_run, project, later(value, n=6.0)) for value in (0.3, 0.6))
    assert low.pit < high.pit
    assert low.expected["q50"] == pytest.approx(high.expected["q50"], abs=0.02)
    assert list(low.expected.values()) == sorted(low.expected.values())
    now = passed_run.manifest["horizons"]["now"]
    for news in (low, high):
        assert news.trusted
        assert news.moves[0].size == max(m.size for m in news.moves)
        assert {m.kind for m in news.moves} == {"layer", "claim", "question"}
    assert layers(low, "jobs")[now].before == layers(high, "jobs")[now].before
    assert layers(low, "jobs")[now].after < layers(high, "jobs")[now].after


def test_before_is_what_the_run_states(project, passed_run):
    news = news_of(passed_run, project, later(0.4, n=6.0))
    stated = passed_run.table("questions").set_index("id")["probability"]
    for move in news.moves:
        if move.kind == "question":
            assert move.before == pytest.approx(stated[move.name], abs=1e-6)


def test_the_density_of_a_figure_is_its_familys(project, passed_run):
    from scipy.stats import norm

    draws = passed_run.draws
    figure = kept_figure(draws, later(0.25), project.observations.signals, project.priors)
    assert figure.mu.shape == figure.noise.shape == (len(draws.places),)
    wanted = norm.logpdf(np.log(0.25 / 0.75), figure.mu, np.hypot(figure.noise, figure.encoded.error))
    np.testing.assert_allclose(figure.log_likelihood(), wanted)


def old_row(project, slug, period_end):
    rows = project.observations.of(slug)
    return rows[rows["period_end"] == pd.Timestamp(period_end)].sort_values("published").iloc[-1]


def test_a_revision_takes_the_old_figure_out_first(project, passed_run):
    old = old_row(project, PANEL, project.observations.of(PANEL)["period_end"].max())
    same = old.copy()
    same["id"], same["published"] = "same", pd.Timestamp(str(TODAY))
    news = news_of(passed_run, project, same)
    assert news.replaces == (old["id"],)
    assert max(m.size for m in news.moves) < 1e-6, "the same figure again says nothing"
    other = same.copy()
    other["value"] = old["value"] + 0.002
    assert max(m.size for m in news_of(passed_run, project, other).moves) > 1e-4


def test_an_older_vintage_changes_nothing(project, passed_run):
    old = old_row(project, BOARD, "2022-03-31").copy()
    old["id"], old["published"], old["numerator"], old["value"] = "older", pd.Timestamp("2022-04-02"), 0.0, 0.0
    news = news_of(passed_run, project, old)
    assert news.replaces == ()
    assert max(m.size for m in news.moves) < 1e-9


def test_a_figure_that_no_draw_expects_is_offered_a_refit(project, passed_run):
    news = news_of(passed_run, project, later(0.999999, n=1e9))
    assert not news.trusted
    assert news.k_hat > news.limit
    assert news.moves == ()


@pytest.mark.parametrize(
    "row",
    [
        new_row(PANEL, 0.2, "2026-01-01", "2026-03-31", "2026-04-01"),
        new_row("advert-board-full-time", 0.2, "2023-01-01", "2023-12-31", "2024-01-01"),
    ],
    ids=["beyond the horizon", "a signal of another criterion"],
)
def test_what_a_run_does_not_reach_it_did_not_expect(project, passed_run, row):
    assert news_of(passed_run, project, row) is None


def test_taking_a_row_back_undoes_adding_it(project, passed_run):
    """The weights of a retraction are those of the row's likelihood, turned over."""
    from stackcast.posterior.reweight import importance_weights

    old = old_row(project, PANEL, project.observations.of(PANEL)["period_end"].max())
    news = news_of_retraction(passed_run, project, old["id"])
    assert news.replaces == (old["id"],)
    draws = passed_run.draws
    figure = kept_figure(draws, old, project.observations.signals, project.priors)
    weights = importance_weights(-figure.log_likelihood())
    assert news.k_hat == pytest.approx(weights.k_hat)
    for move in news.moves:
        if move.kind == "question":
            held = draws.questions[move.name] > 0
            assert move.after == pytest.approx(float(weights.mean(held)))


def test_when_a_later_vintage_goes_the_earlier_counts_again(project, passed_run):
    rows = project.observations.of(BOARD)
    period = rows[rows["period_end"] == pd.Timestamp("2023-03-31")].sort_values("published")
    assert len(period) >= 2
    draws, priors = passed_run.draws, project.priors
    last, before = (kept_figure(draws, period.iloc[i], project.observations.signals, priors) for i in (-1, -2))
    from stackcast.posterior.reweight import importance_weights

    wanted = importance_weights(before.log_likelihood() - last.log_likelihood())
    news = news_of_retraction(passed_run, project, period.iloc[-1]["id"])
    assert news.k_hat == pytest.approx(wanted.k_hat)


def test_a_superseded_row_says_nothing_when_it_goes(project, passed_run):
    rows = project.observations.of(BOARD)
    first = rows[rows["period_end"] == pd.Timestamp("2023-03-31")].sort_values("published").iloc[0]
    assert news_of_retraction(passed_run, project, first["id"]) is None


def test_rows_added_after_the_run_are_not_what_it_knew(project, passed_run):
    """A second row is compared with the run, not with the first, whatever the first's day."""
    old = old_row(project, PANEL, project.observations.of(PANEL)["period_end"].max())
    stranger = old.copy()
    stranger["id"], stranger["published"], stranger["value"] = "stranger", pd.Timestamp("2026-11-22"), 0.4
    observations = dataclasses.replace(
        project.observations, rows=pd.concat([project.observations.rows, stranger.to_frame().T.astype(
            project.observations.rows.dtypes)], ignore_index=True)
    )  # fmt: skip
    other = dataclasses.replace(project, observations=observations)
    row = later(0.3, n=6.0)
    assert news_of(passed_run, other, row) == news_of(passed_run, project, row)
