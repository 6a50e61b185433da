"""Two runs side by side, and what each new observation does to the earlier one."""

import json

import pytest

from stackcast.cli.app import run as command
from stackcast.explain.compare import compare_runs, headline_moves
from stackcast.explain.quantity import quantity_of
from stackcast.runs.folder import load_run
from tests.support import TOY, canned_run
from tests.toy import EARLIER, TODAY


@pytest.fixture(scope="module")
def folder(project, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    canned_run(project, folder, EARLIER)
    canned_run(project, folder, TODAY)
    return folder


def test_what_differs_is_told(project, folder):
    before, after = (load_run(f"{day}-neutral", folder) for day in (EARLIER, TODAY))
    found = compare_runs(before, after, project, "days@2024-12-31")
    assert found.inputs["what"].tolist() == ["as_of"]
    first, second = (set(run.table("fitted")["id"]) for run in (before, after))
    assert set(found.new["id"]) == second - first
    assert set(found.gone["id"]) == first - second
    assert len(found.shares) == len(found.new)
    assert found.shares["alone"].notna().any()
    told = found.shares.dropna()
    assert told["alone"].abs().is_monotonic_decreasing


def test_a_run_beside_itself_moves_nothing(project, folder):
    run = load_run(f"{TODAY}-neutral", folder)
    found = compare_runs(run, run, project, "stack")
    assert found.inputs.empty
    assert found.new.empty
    assert found.before == found.after
    moves = headline_moves(run, run)
    assert (moves["before"] == moves["after"]).all()


def test_each_move_says_how_to_ask_for_it(project, folder):
    run = load_run(f"{TODAY}-neutral", folder)
    moves = headline_moves(run, run)
    days, layers, claims = len(run.horizons), len(run.layers["name"].unique()), len(run.claims["name"].unique())
    assert len(moves) == layers * days + claims + len(run.questions)
    for row in moves.to_dict("records"):
        assert quantity_of(run.draws, row["quantity"]).draws.mean() == pytest.approx(row["after"], abs=0.01), row[
            "what"
        ]


def test_the_command(folder, capsys):
    shared = [f"{EARLIER}-neutral", f"{TODAY}-neutral", "--out", str(folder), "--project", str(TOY)]
    assert command(["compare", *shared]) == 0
    out = capsys.readouterr().out
    assert "observations are new" in out
    assert command(["compare", *shared, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"inputs", "headline", "quantity", "rows"} <= set(told)
    assert command(["compare", "nothing", *shared[1:]]) == 2
