"""What a fit would refuse, `check` names: file, line, column and the cure."""

import re
from datetime import date

import pytest

from stackcast.cli.app import run
from stackcast.errors import InputError, ProblemsFound
from stackcast.project import Project, migrate
from stackcast.readiness import require_ready
from tests.any_debate import change, change_rows, drop_signals, every_signal
from tests.support import TOY, copy_project, latest_day, load_project

DAY = latest_day(TOY / "observations")


@pytest.fixture
def folder(tmp_path):
    return copy_project(tmp_path / "debate", TOY)


def without_questions(folder):
    for name in ("questions.yaml", "markets.csv"):
        (folder / "observations" / name).unlink()


def refused(folder, as_of=DAY, criterion="any-day"):
    """Return the one problem that keeps a valid project from being fitted, its place as text of its line."""
    project = load_project(folder)
    with pytest.raises(ProblemsFound) as caught:
        require_ready(project, as_of, criterion)
    [problem] = caught.value.problems
    line = problem.path.read_text(encoding="utf-8").splitlines()[problem.line - 1]
    return problem.path.name, line[int(problem.column) - 1 :], problem.message


def invalid(folder):
    """Return the words with which a project is refused before it is loaded."""
    with pytest.raises(InputError) as caught:
        load_project(folder)
    return str(caught.value)


def test_the_toy_debate_is_ready(folder):
    require_ready(load_project(folder), DAY, "any-day")
    require_ready(load_project(folder), DAY, "full-time")


def test_a_project_without_a_figure_is_not_ready(folder):
    without_questions(folder)
    (folder / "observations" / "retractions.csv").unlink()
    for path in (folder / "observations").glob("*/*.csv"):
        change_rows(path, lambda rows: [])
    project = Project.load(folder, today=DAY)
    with pytest.raises(ProblemsFound, match=r"signals.yaml:\d+:\d+: no figure yet; add one with `stackcast observe`"):
        require_ready(project, DAY, "any-day")


def test_a_facet_needs_a_figure_of_its_reference(folder):
    change_rows(folder / "observations" / "days.output" / "trial-output-gap.csv", lambda rows: [])
    file, place, message = refused(folder)
    assert (file, place) == ("signals.yaml", "trial-output-gap:")
    assert "no figure of its reference" in message
    assert "`stackcast observe trial-output-gap`" in message


def test_a_figure_of_a_secondary_signal_is_not_enough(folder):
    change_rows(folder / "observations" / "jobs.adverts" / "advert-board-any-day.csv", lambda rows: rows[:0])
    without_questions(folder)
    assert refused(folder)[1] == "advert-board-any-day:"


def test_figures_before_the_first_quarter_do_not_count(folder):
    change(folder / "priors" / "measurement.yaml", lambda content: content["grid"].update(start="2023-Q3"))
    without_questions(folder)
    project = load_project(folder)
    with pytest.raises(ProblemsFound, match=r"(?s)'jobs.policies'.*from 2023-Q3 on.*'days.output'|'days.output'"):
        require_ready(project, DAY, "any-day")


def test_each_criterion_needs_one_reference_a_facet(folder):
    every_signal(folder, lambda s: s.update(criterion="full-time") if s["title"].startswith("Days worked") else None)
    assert "'days.home' needs exactly one reference at the criterion 'any-day'" in invalid(folder)
    drop_signals(folder, lambda signal: signal["role"] == "sensitivity")
    copy = copy_project(folder.parent / "other", TOY)
    drop_signals(copy, lambda signal: signal["role"] == "sensitivity")
    every_signal(copy, lambda signal: signal.update(criterion="full-time") if signal["role"] == "secondary" else None)
    file, _, message = refused(copy, criterion="full-time")
    assert file == "signals.yaml"
    assert "'jobs.adverts' needs exactly one reference at the criterion 'full-time' (found none)" in message


def test_an_as_of_date_before_the_first_quarter_is_refused(folder):
    file, place, message = refused(folder, date(2018, 12, 31))
    assert (file, place) == ("measurement.yaml", "start: 2019-Q1")
    assert "2019-Q1 begins after the as-of date 2018-12-31" in message


def test_a_path_has_two_quarters_at_least(folder):
    change(folder / "priors" / "measurement.yaml", lambda content: content["grid"].update(start="2023-Q4"))
    without_questions(folder)
    file, place, message = refused(folder)
    assert (file, place) == ("measurement.yaml", "start: 2023-Q4")
    assert "a path has two at least" in message


def test_the_horizon_lies_after_the_as_of_date(folder):
    file, place, message = refused(folder, date(2026, 1, 1))
    assert (file, place) == ("debate.yaml", "far: 2025-Q4}")
    assert "declare a later quarter" in message


@pytest.mark.parametrize(
    ("key", "day", "first"),
    [("period_end", "2026-03-31", "2019-01-01"), ("period_start", "2018-12-31", "2018-10-01")],
)
def test_a_question_lies_within_the_forecast(folder, key, day, first):
    def moved(content):
        asked = content["questions"][0]
        asked[key] = date.fromisoformat(day)
        asked["closes"] = date(2026, 6, 30)

    change(folder / "observations" / "questions.yaml", moved)
    file, place, message = refused(folder)
    assert (file, place.split(":")[0]) == ("questions.yaml", key)
    assert f"{day} lies outside the forecast, 2019-Q1 to 2025-Q4" in message


@pytest.mark.parametrize(
    ("slug", "reading", "allowed"),
    [
        ("attendance-software-share", {"low": 0.0}, "between 0 and 1"),
        ("attendance-software-share", {"one_unit": 1.0}, "between 0 and 1"),
        ("spare-room-rent-ratio", {"low": -0.1}, "above 0"),
    ],
)
def test_an_intercept_prior_lies_within_the_signals_scale(folder, slug, reading, allowed):
    change(folder / "observations" / "signals.yaml", lambda c: c["signals"][slug]["neutral"].update(reading))
    assert f"must lie {allowed}" in invalid(folder)


def test_a_scale_has_the_kind_of_its_prior(folder):
    def halved(content):
        content["scales"]["half_life_share"] = {
            "dist": "HalfNormal", "upper": 20, "mass": 0.9, "rationale": "To see.", "source": "none",
        }  # fmt: skip

    change(folder / "priors" / "measurement.yaml", halved)
    assert "half_life_share must be a LogNormal" in invalid(folder)


def test_an_effect_stands_once(folder):
    def repeated(content):
        effects = content["claims"]["H1"]["effects"]
        effects.append(effects[0])

    change(folder / "priors" / "claims.yaml", repeated)
    assert "the effect on 'days.home' stands twice" in invalid(folder)


def questions(folder, edit):
    change(folder / "observations" / "questions.yaml", lambda content: edit(content["questions"]))


def test_a_question_has_an_id_of_its_own_and_a_threshold_in_the_unit(folder):
    questions(folder, lambda asked: asked.append(dict(asked[0])))
    assert "another question has the id" in invalid(folder)
    copy = copy_project(folder.parent / "other", TOY)
    questions(copy, lambda asked: asked[0].update(threshold=-3.0))
    assert re.search(r"questions.yaml:\d+:\d+: -3 is not a ", invalid(copy))


@pytest.mark.parametrize("given", [0, 1735689600, "2024-12-31T00:00:00", "1500-01-01"])
def test_a_number_is_no_day_of_a_question(folder, given):
    questions(folder, lambda asked: asked[0].update(closes=given))
    assert re.search(r"questions.yaml:\d+:\d+: questions.0.closes: must ", invalid(folder))


@pytest.mark.parametrize(
    ("file", "key", "quarter"),
    [("measurement.yaml", ("grid", "start"), "0000-Q1"), ("debate.yaml", ("horizons", "far"), "9999-Q4")],
)
def test_quarters_lie_in_our_time(folder, file, key, quarter):
    change(folder / "priors" / file, lambda content: content[key[0]].update({key[1]: quarter}))
    assert file in invalid(folder)


CLASS = "part time,jobs,share of offices,2010,0.3,A title,https://example.org/a,none"


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("a,b", "row", "2 cells where the header has 8"),
        (f"{CLASS},more", "row", "9 cells where the header has 8"),
        (CLASS.replace("0.3", "open"), "open_share", "must be a number"),
        (CLASS.replace("0.3", "30"), "open_share", "less than or equal to 1"),
        (CLASS.replace("2010", "soon"), "year", "integer"),
        (CLASS.replace("jobs", "jibs"), "layer_analogue", "did you mean 'jobs'?"),
        (CLASS.replace("https://example.org/a", "hearsay"), "source_url", "must be an http"),
        (f"{CLASS}\n{CLASS}", "year", "stand already in line"),
    ],
)
def test_reference_classes_have_a_row_schema(folder, line, column, words):
    path = folder / "priors" / "reference_classes.csv"
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n{line}\n", encoding="utf-8")
    assert re.search(rf"reference_classes.csv:\d+:{column}: .*{re.escape(words)}", invalid(folder))


@pytest.mark.parametrize(
    ("key", "given", "words"),
    [
        ("what", "H9", "unknown claim or facet"),
        ("from", date(2019, 1, 1), "only the future"),
        ("from", 0, "must be a day"),
    ],
)
def test_check_reads_the_scenarios(folder, capsys, monkeypatch, key, given, words):
    monkeypatch.setattr("stackcast.project.utc_today", lambda: DAY)
    assert run(["check", "--project", str(folder)]) == 0, capsys.readouterr().err

    def spoilt(content):
        content["scenarios"][0]["do"][0][key] = given

    change(folder / "priors" / "interventions" / "arguments.yaml", spoilt)
    assert run(["check", "--project", str(folder)]) == 2
    assert re.search(rf"arguments.yaml:\d+:\d+: .*{words}", " ".join(capsys.readouterr().err.split()))


def test_migrate_gives_a_row_the_id_of_its_signal_and_days(folder):
    path = folder / "observations" / "days.home" / "time-diary-home-days.csv"
    before = path.read_text(encoding="utf-8")
    first = before.splitlines()[1].split(",")[0]
    path.write_text(before.replace(f"{first},", "rumour,", 1), encoding="utf-8")
    assert f"time-diary-home-days.csv:2:id: 'rumour' must be {first!r}" in invalid(folder)
    assert migrate(folder, today=DAY) == [path]
    assert path.read_text(encoding="utf-8") == before
    assert migrate(folder, today=DAY) == []
