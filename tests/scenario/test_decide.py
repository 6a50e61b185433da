"""Decisions by hand: expected values, the value of perfect information, and files that make no sense."""

import json

import numpy as np
import pytest

from stackcast.cli.app import run as command
from stackcast.errors import InputError
from stackcast.explain.quantity import quantity_of
from stackcast.scenario.decide import Decision, decide, read_decision
from tests.support import TOY

QUANTITY = "days.home@2024-12-31"
TEXT = f"""format: 1
title: How many desks to rent
quantity: {QUANTITY}
unit: rents
edges: [0.15, 0.35]
payoffs:
  a desk for each: [3, 1, -2]
  a desk for two: [-3, 2, 6]
"""


def decision(**change):
    given = {
        "format": 1,
        "title": "t",
        "quantity": QUANTITY,
        "unit": "points",
        "edges": [0.3],
        "payoffs": {"home": [-1, 2], "office": [1, -2]},
    }
    return Decision(**(given | change))


def test_values_are_those_of_the_hand(passed_run):
    p = (quantity_of(passed_run.draws, QUANTITY).draws < 0.3).mean()
    verdict = decide(decision(), passed_run.draws)
    by = verdict.choices.set_index("choice")
    assert by.loc["home", "expected"] == pytest.approx(-p + 2 * (1 - p))
    assert by.loc["office", "expected"] == pytest.approx(p - 2 * (1 - p))
    assert verdict.perfect == pytest.approx(p + 2 * (1 - p) - by["expected"].max())
    assert by.loc["home", "p_best"] == pytest.approx(1 - p)
    assert verdict.ranges["probability"].sum() == pytest.approx(1)


def test_perfect_information_is_worth_nothing_where_one_choice_always_wins(passed_run):
    verdict = decide(decision(payoffs={"home": [3, 3], "office": [1, 2]}), passed_run.draws)
    assert verdict.perfect == pytest.approx(0)
    assert verdict.choices["choice"].iloc[0] == "home"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[0.15, 0.35]", "[0.35, 0.15]", "`edges` must rise"),
        ("[3, 1, -2]", "[3, 1]", "2 payoffs for 3 ranges"),
        ("[3, 1, -2]", "[3, 1, 1e308]", "Input should be less than or equal to 1000000000000000"),
        ("unit:", "units:", "unknown key 'units'"),
    ],
)
def test_a_wrong_file_names_its_place(old, new, words, tmp_path):
    path = tmp_path / "d.yaml"
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(InputError) as caught:
        read_decision(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_the_command(runs_folder, passed_run, tmp_path, capsys):
    path = tmp_path / "d.yaml"
    path.write_text(TEXT)
    shared = ["--run", passed_run.name, "--out", str(runs_folder), "--project", str(TOY)]
    assert command(["decide", str(path), "--json", *shared]) == 0
    told = json.loads(capsys.readouterr().out)
    assert np.isclose(sum(r["probability"] for r in told["ranges"]), 1)
    assert command(["decide", str(path), *shared]) == 0
    assert "would be worth" in capsys.readouterr().out
    assert command(["decide", "/nowhere.yaml", *shared]) == 2
