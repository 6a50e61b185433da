import pytest

from stackcast.cli.app import run
from stackcast.project_folder import INPUTS
from tests.support import ROOT


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
