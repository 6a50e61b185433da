"""Every verb of the command line on two debates that are not the shipped one: with every optional part, and with none.

A verb exits with 0, or with 2 and a sentence that says what the debate lacks.
"""

import re
from datetime import date, timedelta

import pytest

from stackcast.cli.app import run
from stackcast.priors.debate import NEUTRAL
from stackcast.project import Project
from stackcast.report.plots import PLOTS, draw_all
from stackcast.runs.folder import load_run
from tests.asked import CLAIM, DAYS_BACK, DECISION, SCENARIO, SIGNAL
from tests.support import MINIMAL, TOY, add_tree, canned_run, copy_project, latest_day, load_project

DRAWS = 1000


@pytest.fixture(scope="module", params=[TOY, MINIMAL], ids=["toy", "minimal"])
def debate(request, tmp_path_factory):
    """A debate's folder with canned runs: each prior scenario on the last day of its data, and an earlier date."""
    folder = copy_project(tmp_path_factory.mktemp("debate"), request.param)
    project, day = load_project(folder), latest_day(folder / "observations")
    for prior_scenario in project.priors.prior_scenarios:
        made = canned_run(project, folder / "runs", day, prior_scenario, draws=DRAWS, left_out=True)
        if prior_scenario == NEUTRAL:
            add_tree(project, made)
    canned_run(project, folder / "runs", day - timedelta(days=DAYS_BACK))
    (folder / "scenario.yaml").write_text(SCENARIO.format(claim=CLAIM[request.param]))
    (folder / "decision.yaml").write_text(DECISION)
    return folder, request.param


def words(folder, source):
    """Return the words of every verb that asks a run, with the exit status of a debate with every part."""
    day = latest_day(folder / "observations")
    latest, earlier = (load_run(f"{d}-{NEUTRAL}", folder / "runs") for d in (day, day - timedelta(days=DAYS_BACK)))
    known = Project.load(folder).observations.of(SIGNAL[source])["value"].iloc[-1]
    news = f"{SIGNAL[source]}={known}@{date(day.year + 1, 3, 31)}"
    asked = ["--run", latest.name]
    return [
        ["check", "--as-of", str(day)],
        ["show", latest.name],
        ["show", latest.name, "--json"],
        ["runs"],
        ["report", latest.name],
        ["plot", "all", latest.name],
        ["why", *asked, "--refits", "0"],
        ["why", CLAIM[source], *asked, "--refits", "0", "--by", "observation"],
        ["next", *asked],
        ["whatif", news, *asked, "--no-refit"],
        ["scenario", *asked],
        ["scenario", str(folder / "scenario.yaml"), *asked],
        ["decide", str(folder / "decision.yaml"), *asked],
        ["sensitivity", *asked],
        ["compare", earlier.name, latest.name],
        ["score"],
        ["backtest", "--origins", "2999-12-31"],
        ["priors", "show"],
    ]


LACKING = {"scenario": "no scenario here", "backtest": "must lie in the past"}
"""What a verb may miss: interventions of the debate's own, and an origin that later figures can score."""


def test_every_verb_answers_or_says_what_the_debate_lacks(debate, capsys):
    folder, source = debate
    for asked in words(folder, source):
        status = run([*asked, "--project", str(folder)])
        out, err = capsys.readouterr()
        if status:
            assert status == 2, (asked, err)
            assert LACKING[asked[0]] in err, (asked, err)
            assert not re.search(r"Traceback|Error:", err), (asked, err)
        else:
            assert out.strip(), asked


def test_every_plot_is_drawn(debate):
    folder, _ = debate
    made = load_run(f"{latest_day(folder / 'observations')}-{NEUTRAL}", folder / "runs")
    draw_all(made, Project.load(folder))
    assert {path.suffix for path in (made.path / PLOTS).iterdir()} >= {".svg"}
