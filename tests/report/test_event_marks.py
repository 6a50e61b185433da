"""Events are marked where and when they bear, by one definition for plots and page; nothing after the run's day."""

from datetime import date

import pytest
from matplotlib.figure import Figure

from stackcast.observations.events import Event
from stackcast.report.page.render import HOLD
from stackcast.report.plots import plots_of
from stackcast.report.plots.event_marks import HUE, NO_MARKS, Marks, on_chart, until, year_of
from tests.toy import TODAY


def event(day, title="An event", layer="models", claims=("O3",), headline="yes", url="https://example.org/e"):
    plain = {"date": day, "title": title, "layer": layer, "claims": claims, "headline": headline, "source_url": url}
    return Event.model_validate(plain)


OLD, NEW = event("2023-07-18", "Old"), event("2026-01-02", "New", layer="middleware", claims=("C1.commodity",))
SMALL = event("2025-01-20", "Small", headline="")


def texts(ax):
    return [text.get_text() for text in ax.texts]


@pytest.fixture
def ax():
    axes = Figure().subplots()
    axes.set_xlim(2022, 2031)
    return axes


def test_only_what_had_happened_is_shown():
    assert until([OLD, NEW], "2026-01-01") == (OLD,)
    assert until([OLD, NEW], "2026-01-02") == (OLD, NEW)


def test_a_plot_takes_the_headlines_of_its_layer_or_its_claim():
    events = (OLD, SMALL, NEW)
    assert Marks.of(events, layers=("models", "middleware")).events == (OLD, NEW)
    assert Marks.of(events, layers=("models",)).events == (OLD,)
    assert Marks.of(events, claim="C1").events == (NEW,)
    assert Marks.of(events, layers=("C2",), claim="C2").events == ()


def test_marks_stand_on_the_axes_of_their_layer_under_the_number_of_the_list(ax):
    marks = Marks((OLD, NEW))
    marks.on(ax, "middleware")
    assert texts(ax) == ["2"]
    assert [line.get_xdata()[0] for line in ax.lines] == [pytest.approx(year_of(NEW))]
    marks.on(ax)
    assert texts(ax) == ["2", "1", "2"]


def test_an_event_outside_the_axis_is_neither_drawn_nor_listed(ax):
    ax.set_xlim(2025, 2031)
    marks = Marks((OLD, NEW)).since(2025)
    marks.on(ax)
    assert texts(ax) == ["1"]
    assert marks.events == (NEW,)


def test_without_events_no_room_is_taken_and_nothing_said():
    assert (NO_MARKS.height, NO_MARKS.reading) == (0.0, "")
    assert 0 < Marks((OLD,)).height < Marks((OLD, NEW)).height


def test_the_chart_carries_each_event_with_its_source_and_no_address_of_another_kind():
    hostile = OLD.model_copy(update={"source_url": "javascript:alert(1)", "title": "<script>"})
    (chart,) = on_chart((hostile, NEW), {"stack": "", "models": "models"}, {"stack": "2020-01-01"}, "as_of")
    spec = chart.to_dict()
    rows = next(iter(spec["datasets"].values()))
    assert [r["url"] for r in rows] == ["", "https://example.org/e"]
    assert rows[0]["title"] == "<script>"
    assert spec["encoding"]["href"]["field"] == "url"
    assert on_chart((), {}, {}, "as_of") == []


def test_the_plots_of_a_run_list_the_headlines_up_to_its_day(passed_run, project):
    known = until(project.observations.events, TODAY.isoformat())
    assert known[-1].date <= date.fromisoformat(passed_run.manifest["as_of"])
    figure = plots_of(passed_run, project)["signals-days"]()
    written = " ".join(t.get_text() for t in figure.texts)
    for e in Marks.of(known, layers=("days",)).events:
        assert e.title in written


def test_the_page_has_a_hue_for_the_marks_in_the_dark():
    style = (HOLD / "page.css").read_text(encoding="utf-8")
    assert f'[fill="{HUE}"] {{ fill: var(--quiet); }}' in style
