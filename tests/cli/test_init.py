import numpy as np
import pytest

from stackcast.cli.app import run
from stackcast.graph.build import build_graph
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.project import Project
from stackcast.project_folder import BLANK, INPUTS
from tests.support import ROOT, latest_day


def files(folder):
    found = (p for name in INPUTS for p in (folder / name).rglob("*") if p.is_file())
    return {p.relative_to(folder): p.read_bytes() for p in found}


def test_init_copies_the_shipped_debate_and_says_what_is_next(tmp_path, capsys):
    target = tmp_path / "mine"
    assert run(["init", str(target)]) == 0
    out = capsys.readouterr().out
    assert f"cd {target}\n  stackcast check" in out
    assert files(target) == files(ROOT)


def test_init_here_names_no_folder_to_go_to(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["init", "."]) == 0
    assert "cd" not in capsys.readouterr().out.split()
    assert run(["check"]) == 0


@pytest.mark.parametrize("name", ["observations", "priors"])
def test_init_refuses_a_folder_with_a_part_of_a_project(tmp_path, capsys, name):
    (tmp_path / name).mkdir()
    assert run(["init", str(tmp_path)]) == 2
    assert f"{tmp_path / name}: is there already" in capsys.readouterr().err
    assert [p.name for p in tmp_path.rglob("*")] == [name]


def test_init_refuses_a_file(tmp_path, capsys):
    (tmp_path / "mine").write_text("x")
    assert run(["init", str(tmp_path / "mine")]) == 2
    assert "is a file" in capsys.readouterr().err
    assert (tmp_path / "mine").read_text() == "x"


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    target = tmp_path_factory.mktemp("blank") / "mine"
    assert run(["init", str(target), "--blank"]) == 0
    return target


BLANK_DAY = latest_day(BLANK / "observations")


def test_a_blank_project_is_valid_and_says_that_all_is_invented(blank, capsys):
    assert run(["check", "--project", str(blank)]) == 0
    assert "all valid" in capsys.readouterr().out
    project = Project.load(blank, today=BLANK_DAY)
    assert "invented example" in project.priors.debate.title
    assert all("invented example" in signal.title for signal in project.observations.signals.values())
    rows = project.observations.rows
    assert (rows["note"] == "invented example").all()
    assert rows["source_url"].str.startswith("https://example.org/").all()


def test_a_blank_project_is_small_and_shares_nothing_with_the_shipped_debate(blank, project):
    mine = Project.load(blank, today=BLANK_DAY)
    assert (len(mine.priors.layers.layers), len(mine.priors.facets), len(mine.priors.claims)) == (1, 2, 2)
    assert (mine.observations.rows.groupby("signal").size() >= 4).all()
    assert not {*mine.priors.facets, *mine.priors.claims} & {*project.priors.facets, *project.priors.claims}


def test_a_blank_project_has_a_graph(blank):
    mine = Project.load(blank, today=BLANK_DAY)
    rows = mine.observations.rows
    design = build_design(rows, mine.observations.signals, mine.priors, BLANK_DAY, mine.priors.debate.criterion)
    graph = build_graph(design, observe_as_of(design, rows, BLANK_DAY))
    logp = graph.compile_fn(graph.logp(), inputs=graph.value_vars, mode="FAST_COMPILE")
    assert np.isfinite(logp(graph.initial_point()))
