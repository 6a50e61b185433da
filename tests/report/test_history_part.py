"""The page's part on earlier stacks: shown with them, left out without, and every sentence from the tables."""

import re

import pandas as pd
import pytest

from stackcast.history.results import Results, read_results, write_tables
from stackcast.report.history_words import UNKNOWN, doubts, finding
from stackcast.report.page.parts.history import section
from stackcast.report.page.render import svg_of
from stackcast.report.page.section import Chart, Missing, Source
from tests.history.small import write
from tests.past import add_history
from tests.support import ROOT, TOY, canned_run, copy_project, load_project
from tests.toy import EARLIER

EFFECTS = pd.DataFrame(
    {
        "force": ["H1", "O1"],
        "prior_q05": [0.02, 0.02], "prior_q50": [0.2, 0.2], "prior_q95": [0.7, 0.7],
        "q05": [0.1, 0.01], "q50": [0.4, 0.1], "q95": [0.8, 0.3],
        "p_other_sign": [0.02, 0.7],
    }
)  # fmt: skip
PREDICTIONS = pd.DataFrame(
    {
        "stack": ["editors"], "title": ["<i>Editors</i>"], "layer": ["jobs"],
        "q05": [0.1], "q25": [0.3], "q50": [0.5], "q75": [0.7], "q95": [0.9], "outcome": [0.95],
    }
)  # fmt: skip
LINE = {"entrant": "all forces", "n": 40, "crps": 0.86, "crps_z": -2.1, "in_50": 0.5, "in_90": 0.91}
STACKS = pd.DataFrame(
    [
        LINE | {"stacks": "all", "split": "leave one out"},
        LINE | {"stacks": "not sold as a service", "split": "7 folds, 3 times", "crps": 0.97},
        LINE | {"stacks": "all, hindsight of 0.2 taken out of the ratings", "split": "7 folds, 3 times", "crps": 1.01},
        LINE | {"stacks": "all", "split": "leave one out; ratings dealt at random 9 times", "p": 0.1},
    ]
)
FOUND = Results(EFFECTS, PREDICTIONS, STACKS, None)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    root = add_history(copy_project(tmp_path_factory.mktemp("past"), TOY))
    write(root / "observations" / "history")
    project = load_project(root)
    return Source(canned_run(project, root / "runs", EARLIER), project, root / "runs")


def test_the_part_draws_three_charts_and_escapes_what_data_say(source):
    write_tables(source.project.root, {"effects": EFFECTS, "predictions": PREDICTIONS, "stacks": STACKS})
    part = section(source)
    charts = [block for block in part.blocks if isinstance(block, Chart)]
    assert [chart.name for chart in charts] == ["history-effects", "history-stacks", "history-paths"]
    drawn = [svg_of(chart) for chart in charts]
    assert all("<svg" in text for text in drawn)
    assert "<i>Editors" not in drawn[1]


def test_what_is_not_judged_yet_is_said(source):
    for table in ("effects", "predictions", "stacks"):
        (source.project.root / "priors" / "history" / f"{table}.csv").unlink(missing_ok=True)
    part = section(source)
    assert part.finding == UNKNOWN
    assert any(isinstance(block, Missing) and "history judge" in block.command for block in part.blocks)


def test_a_debate_without_history_has_no_such_part(tmp_path):
    project = load_project(copy_project(tmp_path, TOY))
    assert section(Source(canned_run(project, tmp_path / "runs", EARLIER), project, tmp_path / "runs")) is None


def test_sentences_have_their_numbers_from_the_tables():
    said = finding(FOUND)
    assert "40 earlier stacks have 0.86 of the CRPS" in said
    assert "support H1 and give O1 rather the wrong sign" in said
    against = doubts(FOUND)
    assert "ratio of CRPS is 0.97" in against
    assert "0.2 sd: 1.01" in against
    assert "at random do as well has p 0.100" in against


def test_the_shipped_judgement_gives_every_sentence_its_number():
    against = doubts(read_results(ROOT))
    assert re.search(r"at random do as well has p 0\.\d{3}", against)
    assert re.search(r"it is another \(0\.1 sd: \d\.\d\d, 0\.2 sd: \d\.\d\d, 0\.3 sd: \d\.\d\d\)", against)
