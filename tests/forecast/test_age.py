"""The last figure of a facet is the one known at the as-of date; of an earlier quarter, it makes "now" a forecast."""

from datetime import date, timedelta

import pandas as pd
import pytest

from stackcast.forecast.age import FIGURE, FORECAST, facet_marks, in_facet_terms, last_figures, stands_on
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.graph.selection import MIN_DATES
from stackcast.report.marks import NONE_YET, figure
from tests.toy import TODAY

FACET = "days.home"


def reference_of(design, facet=FACET):
    return next(s for s, d in design.signals.items() if d.measures.facet == facet and d.role == "reference")


def first_periods(rows, slug, count):
    """Return all rows but those of one signal after its first periods."""
    ends = sorted(rows.loc[rows["signal"] == slug, "period_end"].unique())[:count]
    return rows[(rows["signal"] != slug) | rows["period_end"].isin(ends)]


def found(design, rows, day, facet=FACET):
    return last_figures(design, observe_as_of(design, rows, day)).set_index("name", drop=False).loc[facet]


@pytest.mark.parametrize(
    ("end", "stands"),
    [(date(2023, 6, 30), FIGURE), (date(2023, 4, 1), FIGURE), (date(2023, 3, 31), FORECAST), (None, FORECAST)],
)
def test_now_is_a_forecast_when_the_last_figure_is_of_an_earlier_quarter(end, stands):
    assert stands_on(end, date(2023, 6, 30)) == stands


def test_age_is_counted_from_the_end_of_the_period_and_not_from_publication(design, rows):
    slug = reference_of(design)
    few = first_periods(rows, slug, 5)
    last = few[few["signal"] == slug].sort_values(["period_end", "published"]).iloc[-1]
    assert last["published"] > last["period_end"]
    printed = (last["published"] - last["period_end"]).days
    for days in (printed, printed + 91):
        day = last["period_end"].date() + timedelta(days=days)
        table = last_figures(design, observe_as_of(design, few, day))
        one = table.set_index("name").loc[FACET]
        assert (one["id"], one["days"], one["published"]) == (last["id"], days, f"{last['published']:%Y-%m-%d}")
        assert facet_marks(table, day).loc[FACET, "stands_on"] == FORECAST, "the print is of the quarter before"
        assert facet_marks(table, last["period_end"].date()).loc[FACET, "stands_on"] == FIGURE


def test_a_figure_published_after_the_as_of_date_is_not_the_last(design, rows):
    slug = reference_of(design)
    ordered = rows[rows["signal"] == slug].sort_values(["period_end", "published"])
    newest = ordered.iloc[-1]
    the_day_before = newest["published"].date() - timedelta(days=1)
    assert found(design, rows, newest["published"].date())["id"] == newest["id"]
    earlier = found(design, rows, the_day_before)
    assert earlier["id"] != newest["id"]
    assert pd.Timestamp(earlier["published"]) <= pd.Timestamp(the_day_before)


def test_the_last_figure_is_the_vintage_known_then(design, rows):
    slug = reference_of(design)
    last = first_periods(rows, slug, 5).query("signal == @slug").iloc[-1]
    later = last["published"] + pd.Timedelta(days=20)
    revised = last.to_frame().T.assign(id="revised", value=last["value"] / 2, published=later)
    both = pd.concat([first_periods(rows, slug, 5), revised.astype(rows.dtypes.to_dict())], ignore_index=True)
    before, after = (found(design, both, (later + pd.Timedelta(days=d)).date()) for d in (-1, 0))
    assert (before["id"], after["id"]) == (last["id"], "revised")
    assert after["value"] == pytest.approx(before["value"] / 2)
    assert before["dates"] == after["dates"] == 5


def test_a_period_that_has_not_ended_has_no_figure(design, rows):
    slug = reference_of(design)
    few = first_periods(rows, slug, 5)
    last = few[few["signal"] == slug].iloc[-1]
    day = last["published"].date()
    early = few.assign(
        period_end=few["period_end"].where(few["id"] != last["id"], pd.Timestamp(day) + pd.Timedelta("1D"))
    )
    assert found(design, few, day)["id"] == last["id"]
    assert found(design, early, day)["id"] != last["id"]


def test_another_criterion_has_its_own_reference(project, rows):
    signals = project.observations.signals
    slug, signal = next((s, d) for s, d in signals.items() if d.role == "sensitivity")
    facet = signal.measures.facet
    for criterion, expected in ((signal.criterion, slug), (project.priors.debate.criterion, None)):
        design = build_design(rows, signals, project.priors, TODAY, criterion)
        one = found(design, rows, TODAY, facet)
        assert one["signal"] == reference_of(design, facet)
        assert one["signal"] == (expected or one["signal"])
        assert one["id"].startswith(f"{one['signal']}/")
    assert one["signal"] != slug


def test_a_gap_is_on_its_latent_scale_and_shown_in_its_unit(design, rows):
    gap = design.gaps[0]
    one = found(design, rows, TODAY, gap)
    printed = rows.set_index("id").loc[one["id"], "value"]
    assert design.signals[one["signal"]].unit == "log points"
    assert one["value"] * 100 == pytest.approx(printed)
    assert figure(one, {gap: design.priors.facets[gap].printed}) == f"+{printed:.1f} log points"


def test_a_signal_of_the_other_sides_share_is_turned_round(design):
    signal = design.signals[reference_of(design)]
    measures = signal.measures.model_copy(update={"sign": -1})
    closed = signal.model_copy(update={"measures": measures, "per_unit": 100.0})
    assert in_facet_terms(closed, 87.0) == pytest.approx(0.13)


def test_a_floor_is_shown_as_one(design, rows):
    slug = reference_of(design)
    floors = rows.assign(
        lower=rows["lower"].where(rows["signal"] != slug, rows["value"]),
        upper=rows["upper"].where(rows["signal"] != slug),
    )
    one = found(design, floors, TODAY)
    assert one["side"] == -1
    assert figure(one, {}) == f"≥\u00a0{100 * one['value']:.3g}\u00a0%"


@pytest.mark.parametrize(("dates", "thin"), [(MIN_DATES - 1, True), (MIN_DATES, False)])
def test_a_facet_is_thin_below_four_dates_of_its_reference(design, rows, dates, thin):
    assert MIN_DATES == 4
    table = last_figures(design, observe_as_of(design, first_periods(rows, reference_of(design), dates), TODAY))
    assert table.set_index("name").loc[FACET, "dates"] == dates
    assert facet_marks(table, TODAY).loc[FACET, "thin"] == thin


def test_a_facet_without_a_figure_yet_is_thin_and_a_forecast(design, rows):
    first = rows.loc[rows["signal"] == reference_of(design), "published"].min()
    table = last_figures(design, observe_as_of(design, rows, first.date() - timedelta(days=1)))
    one = table.set_index("name").loc[FACET]
    assert (one["signal"], one["dates"], figure(one, {})) == (reference_of(design), 0, NONE_YET)
    assert facet_marks(table, first.date()).loc[FACET].tolist() == [True, FORECAST]


def test_a_source_that_is_newer_than_the_reference_is_named(design, rows):
    one = found(design, first_periods(rows, reference_of(design), 3), TODAY)
    assert design.signals[one["newer_signal"]].role == "secondary"
    assert design.signals[one["newer_signal"]].measures.facet == FACET
    assert one["newer_period_end"] > one["period_end"]
    alone = rows[rows["signal"].map(lambda s: s == reference_of(design) or design.signals.get(s) is None
                                    or design.signals[s].measures.facet != FACET)]  # fmt: skip
    assert pd.isna(found(design, alone, TODAY)["newer_signal"])
