"""Runs of the benchmark beside each other."""

import json
import sys

import pandas as pd
import pytest

from benchmarks import spread
from benchmarks.peers import KEPT, RECIPE, RIVAL


def speeds(recipe: float, kept: float, rival: float, stan: float) -> pd.DataFrame:
    return pd.DataFrame({"sampler": [RECIPE, KEPT, RIVAL, "stan"], spread.SPEED: [recipe, kept, rival, stan]})


def test_ratios_are_over_the_rival_and_over_the_best_of_the_others():
    found = spread.ratios([speeds(60, 90, 6, 10), speeds(50, 120, 5, 5)]).set_index("ratio")
    assert found.loc["recipe, over nutpie"].tolist() == [10, 10, 1]
    assert found.loc["recipe, over the best other"].tolist() == [6, 10, pytest.approx(10 / 6)]
    assert found.loc["recipe, kept metric, over nutpie"].tolist() == [15, 24, 1.6]


def test_the_spread_is_the_greatest_over_the_least_and_a_missing_figure_stays_missing():
    first = pd.DataFrame({"axis": ["rows", "rows"], "times": [1, 2], "s": [4.0, 6.0]})
    second = pd.DataFrame({"axis": ["rows", "rows"], "times": [1, 4], "s": [5.0, None]})
    found = spread.beside([first, second], ["axis", "times"], ["s"])
    assert list(found) == ["axis", "times", "s, 1", "s, 2", "s, spread"]
    assert found["times"].tolist() == [1, 2, 4]
    assert found["s, spread"].tolist()[0] == 1.25
    assert found["s, spread"].isna().tolist() == [False, True, True]
    assert found["s, 2"].isna().tolist() == [False, True, True]


def test_of_several_seeds_the_median_stands():
    run = pd.DataFrame(
        {"sampler": ["stan", "stan", "stan", "pymc"], "s": [1.0, 2.0, 9.0, 4.0], "note": ["", "", "", "x"]}
    )
    found = spread.beside([run, run], ["sampler"], ["s"])
    assert found["sampler"].tolist() == ["stan", "pymc"]
    assert found["s, 1"].tolist() == [2.0, 4.0]


def test_two_folders_become_tables(tmp_path, monkeypatch, capsys):
    for name, factor in (("first", 1.0), ("second", 2.0)):
        (tmp_path / name).mkdir()
        for file, (keys, measures) in spread.TABLES.items():
            labels = [RECIPE, KEPT, RIVAL, "stan"]
            rows = [dict.fromkeys(keys, label) | dict.fromkeys(measures, factor) for label in labels]
            (tmp_path / name / f"{file}.json").write_text(json.dumps(rows))
    out = tmp_path / "spread.md"
    monkeypatch.setattr(
        sys, "argv", ["spread", str(tmp_path / "first"), str(tmp_path / "second"), "--markdown", str(out)]
    )
    spread.main()
    assert out.read_text() == capsys.readouterr().out
    assert "| recipe, over nutpie | 1 | 1 | 1 |" in out.read_text()
    assert "| stan | 1 | 2 | 2 |" in out.read_text()
