"""A debate other than the shipped one: reports speak its words, and what it has not is not shown."""

import html
import re

import pytest

from stackcast.cli.app import run as command
from stackcast.project import Project
from stackcast.report.console import forecast as console
from stackcast.report.page.build import sections_of, write_page
from stackcast.report.plots import plots_of
from tests.support import ROOT, canned_run, latest_day

SHIPPED = re.compile(r"\b(open|closed|openness|stack|Elo|proprietary|AI)\b(?!@)")
"""Words of the shipped debate; ``stack@2025-12-31`` is how one asks for the whole of any debate."""
UNMADE = ("rank", "energy", "predictive")
"""Plots of what a canned run has not: draws by chain, figures taken out again."""


@pytest.fixture(scope="module", params=["toy", "minimal"])
def made(request, tmp_path_factory):
    root = ROOT / "tests" / "data" / request.param
    day = latest_day(root / "observations")
    folder = tmp_path_factory.mktemp(request.param)
    project = Project.load(root, today=day)
    return request.param, project, folder, canned_run(project, folder, day)


@pytest.fixture(scope="module")
def minimal(tmp_path_factory):
    root = ROOT / "tests" / "data" / "minimal"
    day = latest_day(root / "observations")
    folder = tmp_path_factory.mktemp("minimal")
    project = Project.load(root, today=day)
    return project, folder, canned_run(project, folder, day)


def shipped_words(text):
    return [text[max(0, m.start() - 40) : m.end() + 20] for m in SHIPPED.finditer(text)]


def test_the_terminal_speaks_of_its_sides(made, capsys):
    _, project, folder, run = made
    console.print_headline(run)
    text = capsys.readouterr().out
    assert project.priors.debate.question in text
    assert f"P({project.priors.debate.sides.high.title})" in text
    assert shipped_words(text.replace(str(folder), "")) == []


def test_the_page_speaks_of_its_sides(made):
    name, project, folder, run = made
    write_page(run, project, folder, folder / "report.html")
    text = (folder / "report.html").read_text(encoding="utf-8")
    bare = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL)))
    assert f"<h1>{project.priors.debate.title}</h1>" in text
    assert ("The question of" in bare) == (name == "toy")
    assert shipped_words(bare) == []
    assert not re.search(r"<tbody>\s*</tbody>", text), "a table without a row is left out"


def test_plots_speak_of_its_sides(made, tmp_path):
    _, project, _, run = made
    for name, draw in plots_of(run, project).items():
        if name not in UNMADE:
            draw().savefig(tmp_path / "plot.svg")
            texts = re.findall(r">([^<>]+)<", (tmp_path / "plot.svg").read_text(encoding="utf-8"))
            assert shipped_words(" ".join(texts)) == [], name


def test_a_gap_is_printed_in_the_unit_of_its_scale(made, capsys):
    name, project, _, run = made
    console.print_headline(run)
    text = capsys.readouterr().out
    assert ("log points, office minus home" in text) == (name == "toy")
    if name == "toy":
        median = run.table("facets").set_index(["name", "date"]).loc[("days.output", run.horizons["now"]), "q50"]
        assert f"{100 * median:+.1f}  " in text
        assert project.priors.facets["days.output"].printed.digits == 1


def test_parts_that_a_debate_has_not_are_left_out(minimal, capsys):
    project, folder, run = minimal
    assert {"questions", "prior_scenarios", "scenarios"}.isdisjoint(s.name for s in sections_of(run, project, folder))
    assert {"contrasts", "questions", "houses", "tug_of_war"}.isdisjoint(plots_of(run, project))
    console.print_headline(run)
    text = capsys.readouterr().out
    assert "Contrasts" not in text
    assert "Questions" not in text


@pytest.mark.parametrize("name", ["contrasts", "questions", "houses", "pulls"])
def test_a_table_without_a_row_has_its_header(minimal, name):
    table = minimal[2].table(name)
    assert table.empty
    assert len(table.columns) > 3


def test_horizons_that_are_not_declared_are_not_named(minimal):
    assert list(minimal[2].horizons) == ["now", "far"]


def test_a_debate_without_interventions_says_so(minimal, capsys):
    project, folder, run = minimal
    assert command(["scenario", "--run", run.name, "--out", str(folder), "--project", str(project.root)]) == 2
    assert "priors/interventions: no scenario here" in capsys.readouterr().err


def test_the_headline_is_plain_data(minimal, capsys):
    project, folder, run = minimal
    assert command(["show", run.name, "--json", "--out", str(folder), "--project", str(project.root)]) == 0
    assert '"contrasts": []' in capsys.readouterr().out
