"""The steps of an update: what is gathered, planned, written, fitted, compared, scored and published."""

import dataclasses
import threading
from datetime import date, timedelta

import pandas as pd
import pytest

from stackcast.errors import InputError
from stackcast.observations.debt import load_unlabelled
from stackcast.observations.labels import load_labels
from stackcast.progress import no_progress
from stackcast.project import Project
from stackcast.runs.contents import PAGE
from stackcast.runs.folder import list_runs
from stackcast.runs.track_record import FILE
from stackcast.sources import SOURCES, Context, Source
from stackcast.sources.base import Period, Reading, observed
from stackcast.sources.payloads import Network, Recorded
from stackcast.update.due import due_sources
from stackcast.update.gather import gather
from stackcast.update.week import begin, finish, load_known, preview, write
from tests.sources.support import table
from tests.support import BAD_GATES
from tests.update.support import MODELS, NOTABLE, NOW, RANKINGS, THEN, CannedFit, files, put

LINK = "https://a.b/c"


def gathered(root, folder, sources=None, today=NOW, keep=None, clock=NOW):
    project = load_known(root, today, clock)
    given = (sources or SOURCES).values()
    due = due_sources(given, project.observations, today)
    origin = Recorded(folder) if folder else Network()
    context = Context(load_labels(root / "observations"), project.observations.signals, today)
    found = gather(due, origin, project, context, no_progress, keep)
    return begin(project, root / "runs", given, found, today, clock)


class Page:
    def __init__(self):
        self.runs = []

    def __call__(self, run, project):
        self.runs.append(run.name)
        (run.path / PAGE).write_text("<p>published</p>", encoding="utf-8")


def go(week, fit, page=None, project=None):
    return finish(week, project or write(week), fit, page or Page(), no_progress, "a test")


def source(name, signal, rows):
    return Source(name, f"The {name}", (signal,), lambda web, since, context: [], lambda *_: Reading(rows))


def test_a_source_that_fails_or_is_not_recorded_does_not_stop_the_others(root, offline):
    week = gathered(root, offline)
    became = {one.name: one.outcome for one in week.gathered}
    expected = {"epoch": "pulled", "eci": "failed", "openrouter": "pulled", "vercel": "not recorded"}
    assert {name: became[name] for name in expected} == expected
    assert set(became) == set(SOURCES)
    trouble = {one.name: one.trouble for one in week.gathered}
    assert "the publisher has changed the columns" in trouble["eci"]
    assert "\n" not in trouble["eci"]
    assert f"by {NOW}" in trouble["vercel"]


def test_an_adapter_that_crashes_is_one_that_fails(root, offline):
    def crash(*_):
        raise KeyError("a column that nobody foresaw")

    sources = SOURCES | {"epoch": dataclasses.replace(SOURCES["epoch"], read=crash)}
    week = gathered(root, offline, sources)
    found = {one.name: one for one in week.gathered}
    assert (found["epoch"].outcome, found["openrouter"].outcome) == ("failed", "pulled")
    assert "KeyError: 'a column that nobody foresaw'" in found["epoch"].trouble


def test_a_row_that_breaks_a_rule_is_its_sources_failure(root, offline):
    wrong = observed(RANKINGS, Period.month(date(2026, 9, 1)), NOW, LINK, value=1.5, numerator=3, denominator=2)
    week = gathered(root, offline, {"wrong": source("wrong", RANKINGS, [wrong]), "epoch": SOURCES["epoch"]})
    assert [one.outcome for one in week.gathered] == ["not recorded", "pulled"]
    put(offline, "wrong/any.csv", "x")
    week = gathered(root, offline, {"wrong": source("wrong", RANKINGS, [wrong]), "epoch": SOURCES["epoch"]})
    assert [one.outcome for one in week.gathered] == ["failed", "pulled"]
    assert "not a share" in week.gathered[0].trouble


def test_sources_are_fetched_at_the_same_time(root):
    """Each waits for the other; one after the other they would wait in vain."""
    both = threading.Barrier(2, timeout=30)

    def fetch(web, since, context):
        both.wait()
        return []

    sources = {n: dataclasses.replace(source(n, RANKINGS, []), fetch=fetch) for n in ("one", "two")}
    assert [one.outcome for one in gathered(root, None, sources).gathered] == ["pulled", "pulled"]


def test_what_is_fetched_is_kept_and_reads_back_the_same(root, offline, tmp_path):
    from stackcast.sources.payload import Payload

    served = Payload(table(("a",), ("1",)).encode(), "https://a.b/table.csv")
    row = observed(RANKINGS, Period.month(date(2026, 9, 1)), NOW, LINK, numerator=1, denominator=2)
    one = dataclasses.replace(source("one", RANKINGS, [row]), fetch=lambda *_: [served])
    fresh = [
        [(i.signal, i.row) for i in gathered(root, folder, {"one": one}, keep=keep).plan.fresh]
        for folder, keep in ((None, tmp_path / "kept"), (tmp_path / "kept", None))
    ]
    assert (tmp_path / "kept" / "one" / f"{NOW}-table.csv").read_bytes() == served.data
    assert len(fresh[0]) == 1
    assert fresh[0] == fresh[1]


def test_new_rows_are_written_fitted_compared_and_published(root, offline):
    week, fit, page = gathered(root, offline), CannedFit(), Page()
    assert {i.signal for i in week.plan.fresh} >= {RANKINGS, NOTABLE}
    outcome = go(week, fit, page)
    rows = Project.load(root, today=NOW).observations.of(RANKINGS)
    latest = rows.sort_values("period_end").iloc[-1]
    assert (latest["period_end"].date(), latest["value"]) == (date(2026, 9, 30), 0.75)
    assert fit.calls == 1
    assert page.runs == [outcome.run.name]
    assert outcome.moved.before == week.plan.last.name
    assert outcome.moved.since == str(THEN)
    assert {s.id for s in outcome.moved.shares} >= {latest["id"]}
    assert outcome.moved.new == len(outcome.moved.shares)
    assert (root / "runs" / FILE).read_text().count(outcome.run.name) > 0
    assert outcome.exit_status == 3, "eci is broken"


def test_what_was_written_is_not_new_again(root, offline):
    go(gathered(root, offline), CannedFit())
    week = gathered(root, offline)
    assert week.plan.idle
    assert preview(week).fresh == ()


def test_rows_that_came_otherwise_since_the_last_run_are_a_reason_to_fit(root, offline):
    write(gathered(root, offline))
    week = gathered(root, offline)
    assert week.plan.fresh == ()
    assert f"changed since the run as of {THEN}" in week.plan.why_fit
    labels = root / "observations" / "labels" / "models.csv"
    outcome = go(week, CannedFit())
    labels.write_text(labels.read_text() + f"some-model-9,closed,any-weights,2026-01-01,{LINK},\n")
    assert outcome.run is not None
    assert gathered(root, offline).plan.why_fit == "", "labels count when a source is pulled"


def test_all_rows_or_none(root, offline, monkeypatch):
    """Two sources that contradict each other: each is fine by itself."""
    rows = [observed(RANKINGS, Period.month(date(2026, 9, 1)), NOW, LINK, numerator=n, denominator=4) for n in (1, 2)]
    sources = {name: source(name, RANKINGS, [row]) for name, row in zip(("one", "two"), rows, strict=True)}
    for name in sources:
        put(offline, f"{name}/any.csv", "x")
    week = gathered(root, offline, sources | {"epoch": SOURCES["epoch"]})
    assert [one.outcome for one in week.gathered] == ["pulled"] * 3
    before = files(root)
    with pytest.raises(InputError, match="for the same period and publication day"):
        write(week)
    assert files(root) == before


def test_a_refused_run_is_not_published_and_the_rows_stay(root, offline):
    week, page = gathered(root, offline), Page()
    record = (root / "runs" / FILE).read_text()
    outcome = go(week, CannedFit(gates=BAD_GATES), page)
    assert outcome.exit_status == 1
    assert "divergences is 3" in outcome.attention.refused
    assert (outcome.run, outcome.moved, page.runs) == (None, None, [])
    assert (root / "runs" / FILE).read_text() == record
    assert len(Project.load(root, today=NOW).observations.of(RANKINGS)) > len(week.project.observations.of(RANKINGS))
    again = gathered(root, offline)
    assert again.plan.last.name == week.plan.last.name, "a refused run is no earlier run"


def test_a_preview_writes_nothing(root, offline):
    before, runs = files(root), [run.name for run in list_runs(root / "runs")]
    outcome = preview(gathered(root, offline))
    assert not outcome.written
    assert {i.signal for i in outcome.fresh} >= {RANKINGS, NOTABLE}
    assert files(root) == before
    assert [run.name for run in list_runs(root / "runs")] == runs


def resolving(project, week):
    """Return the project with one question that closed yesterday, and one that closed without a value."""
    first, second, *others = project.observations.questions
    ended = project.observations.of(first.signal).sort_values("period_end").iloc[-1]
    over = {"closes": NOW - timedelta(days=1), "counts_from": None}
    start, end = (ended[c].date() for c in ("period_start", "period_end"))
    first = first.model_copy(
        update=over | {"period_start": start, "period_end": end, "closes": NOW - timedelta(days=1)}
    )
    empty = {"period_start": date(2010, 1, 1), "period_end": date(2010, 1, 2)}
    second = second.model_copy(update=over | empty)
    rows = project.observations.rows.copy()
    rows.loc[rows["id"] == ended["id"], "published"] = pd.Timestamp(NOW - timedelta(days=1))  # no run has seen it
    observations = dataclasses.replace(project.observations, questions=(first, second, *others), rows=rows)
    return dataclasses.replace(project, observations=observations), first, second


def test_questions_whose_day_has_come_are_scored_once_and_the_others_named(root, tmp_path):
    week, page, fit = gathered(root, tmp_path), Page(), CannedFit()
    project, first, second = resolving(week.project, week)
    assert not week.plan.fresh
    outcome = go(week, fit, page, project)
    said = week.plan.last.table("questions").set_index("id")["probability"]
    assert [s.question for s in outcome.scored] == [first.id]
    assert outcome.scored[0].probability == pytest.approx(said[first.id], abs=1e-5)
    assert outcome.attention.to_settle == (second.id,)
    assert outcome.exit_status == 3
    assert fit.calls == 0, "nothing is new"
    assert page.runs == [week.plan.last.name], "the page shows the score"
    scored = pd.read_csv(root / "runs" / FILE)
    assert (scored["kind"] == "resolved").sum() == 1
    assert go(week, fit, page, project).scored == ()


def test_the_first_run_has_nothing_before_it(root, offline, tmp_path):
    week = gathered(root, tmp_path)
    empty = dataclasses.replace(week, runs=tmp_path / "runs")
    fresh = begin(week.project, empty.runs, week.sources, week.gathered, NOW, NOW)
    assert fresh.plan.why_fit == "there is no published run yet"
    outcome = go(fresh, CannedFit())
    assert outcome.moved is None
    assert outcome.run.passed


def test_where_no_fit_is_wanted_none_is_planned(root, offline):
    week = gathered(root, offline)
    plain = begin(week.project, week.runs, week.sources, week.gathered, NOW, NOW, may_fit=False)
    fit = CannedFit()
    outcome = go(plain, fit)
    assert fit.calls == 0
    assert outcome.run is None
    assert outcome.written


def test_a_rehearsal_refuses_a_project_that_knows_more(root, offline):
    write(gathered(root, offline))
    with pytest.raises(InputError, match=r"--as-of 2026-09-30: observations/ holds \d+ rows .* rehearse on a copy"):
        load_known(root, THEN, NOW)
    assert load_known(root, NOW, NOW)


def test_names_without_a_label_are_debt_and_new_where_they_do_not_stand(root, offline):
    from tests.update.support import rankings

    names = ("maker/unheard-of-1", "maker/unheard-of-2")
    put(offline, "openrouter/rankings.csv", rankings(root, date(2026, 9, 1), 30, unlabelled=names))
    line = f"openrouter,{names[0]},30,0.1,tokens,2026-09-01,,"
    put(root, "observations/labels/unlabelled.csv", f"source,model,weight,share,measure,seen,found,page\n{line}\n")
    week = gathered(root, offline, {"openrouter": SOURCES["openrouter"]})
    found = preview(week).attention
    assert found.debt["openrouter"] == names
    assert found.new_debt["openrouter"] == names[1:]
    write(week)
    listed = load_unlabelled(root / "observations", today=NOW)
    assert {line.model for line in listed} == set(names)
    assert preview(gathered(root, offline, {"openrouter": SOURCES["openrouter"]})).exit_status == 0


def test_a_list_of_names_without_a_label_that_changes_is_something_to_do(root, offline):
    from tests.update.support import rankings

    names = ("maker/unheard-of-1",)
    put(offline, "openrouter/rankings.csv", rankings(root, date(2026, 10, 1), 19, unlabelled=names))
    week = gathered(root, offline, {"openrouter": SOURCES["openrouter"]})
    assert week.plan.fresh == ()
    assert week.plan.lists == ("openrouter",)
    assert not week.plan.idle


def test_a_rehearsal_bears_lists_that_were_kept_later(root, offline):
    """Labels and what lacks one are not taken back: a rehearsal knows today's."""
    clock = NOW + timedelta(days=40)
    line = f"openrouter,maker/later-1,30,0.1,tokens,{clock},,"
    put(root, "observations/labels/unlabelled.csv", f"source,model,weight,share,measure,seen,found,page\n{line}\n")
    before = (root / "observations/labels/unlabelled.csv").read_bytes()
    week = gathered(root, offline, clock=clock)
    assert len(write(week).observations.rows) == len(week.project.observations.rows) + len(week.plan.fresh)
    assert (root / "observations/labels/unlabelled.csv").read_bytes() == before


def test_models_are_those_of_the_small_table(root, offline):
    (fresh,) = [i for i in gathered(root, offline).plan.fresh if i.signal == NOTABLE]
    assert (fresh.kind, fresh.row.numerator, fresh.row.denominator) == ("revision", 1, len(MODELS))
    assert fresh.row.published == date(2026, 10, 10)
