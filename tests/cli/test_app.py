import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from importlib.metadata import version

import pytest
import typer

from stackcast.cli.app import app, run
from stackcast.cli.options import parse_weights
from stackcast.errors import InputError
from tests import toy
from tests.support import ROOT, TOY
from tests.toy import TODAY

project, copy, runs_folder, failed_run = toy.project, toy.copy, toy.runs_folder, toy.failed_run


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The day is that of the data."""
    monkeypatch.setattr("stackcast.project.utc_today", lambda: TODAY)


GROUPS = {
    "Forecast": "fit show runs report plot",
    "Explain": "why whatif next scenario decide sensitivity compare",
    "Evaluate": "score backtest calibrate history priors",
    "Data": "init check observe pull label update migrate signal",
}


def commands(command=None, path=()):
    """Return every command and the words that call it, those with commands of their own included."""
    command = command or typer.main.get_command(app)
    below = [found for name, c in getattr(command, "commands", {}).items() for found in commands(c, (*path, name))]
    return [(path, command), *below]


VERBS = [path for path, command in commands() if not hasattr(command, "commands")]


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_help_has_an_example(verb, capsys):
    assert run([*verb, "--help"]) == 0
    out = capsys.readouterr().out
    assert "Example" in out
    assert "stackcast " + " ".join(verb) in out.replace("\n", " ")


@pytest.mark.parametrize("path", [path for path, _ in commands()], ids=" ".join)
def test_h_is_help(path, capsys):
    assert run([*path, "-h"]) == 0
    short = capsys.readouterr().out
    assert run([*path, "--help"]) == 0
    assert short == capsys.readouterr().out
    assert f"Usage: {' '.join(('stackcast', *path))}" in short


def test_help_lists_the_verbs_in_groups_and_fit_first(capsys):
    assert run(["--help"]) == 0
    _, *panels = re.split(r"^\W*─ (\w+) ─+\W*$", capsys.readouterr().out, flags=re.MULTILINE)
    listed = {
        title: " ".join(re.findall(r"^│ (\w+) ", text, re.MULTILINE)) for title, text in itertools.batched(panels, 2)
    }
    assert list(listed.items())[1:] == list(GROUPS.items())


def test_the_version_is_that_of_the_package(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"stackcast {version('stackcast')}\n"


def test_a_shell_completes_verbs(capsys, monkeypatch):
    for name, value in {
        "_STACKCAST_COMPLETE": "complete_bash",
        "COMP_WORDS": "stackcast sc",
        "COMP_CWORD": "1",
    }.items():
        monkeypatch.setenv(name, value)
    assert run([]) == 0
    assert capsys.readouterr().out.split() == ["scenario", "score"]


ARGUMENTS = {
    "plot": "all", "whatif": "a=1@2026-12-31", "decide": "mine.yaml", "compare": "a b", "observe": "a", "pull": "epoch",
    "signal new": "a", "signal rename": "a b", "signal retire": "a --why b",
}  # fmt: skip


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != ("init",)], ids=" ".join)
def test_every_verb_outside_a_project_names_init(verb, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run([*verb, *ARGUMENTS.get(" ".join(verb), "").split()]) == 2
    assert f"observations: no such folder, so {tmp_path} is no project; `stackcast init DIR`" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("verb", ["show", "report", "plot all", "why", "next", "scenario", "sensitivity", "score"])
def test_a_verb_that_needs_a_run_says_that_there_is_none(verb, tmp_path, capsys):
    assert run([*verb.split(), "--project", str(TOY), "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{tmp_path}: no run yet; make one with `stackcast fit`\n"


def test_runs_elsewhere_are_shown_outside_a_project(runs_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["show", "--json", "--out", str(runs_folder)]) == 0
    assert run(["why", "--out", str(runs_folder)]) == 2
    assert "`stackcast init DIR`" in capsys.readouterr().err


def test_help_waits_for_no_library():
    heavy = "{'pandas', 'pydantic', 'pymc'}"
    code = f"import sys; from stackcast.cli.app import run; run(['--help']); print(bool({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip().endswith("False")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fit", "--as-of", "2026-13-01"], "must be a date such as"),
        (["fit", "--as-of", "2999-01-01"], "lies in the future"),
        (["fit", "--prior-scenario", "centre"], "must be one of neutral, home, office, all"),
        (["fit", "--weights", "jobs.adverts"], "must be a name and a number"),
        (["fit", "--criterion", "vibes", "--as-of", "2023-05-31"], "unknown criterion 'vibes'"),
        (["fit", "--draws", "two"], "draws"),
        (["show", "--project", "/nowhere"], "no such folder"),
        (["check", "--project", "/nowhere"], "no such folder"),
    ],
)
def test_bad_input_is_one_message_and_status_2(arguments, words, capfd, tmp_path):
    if "--project" not in arguments:
        arguments = [*arguments, "--project", str(TOY), "--out", str(tmp_path / "runs")]
    assert run(arguments) == 2
    err = capfd.readouterr().err
    assert words in err
    assert "Traceback" not in err
    assert not (tmp_path / "runs").exists()


def test_a_bad_row_names_file_line_and_column(copy, capfd):
    path = copy / "observations" / "O1.control" / "attendance-software-share.csv"
    lines = path.read_text().splitlines()
    lines[1] = lines[1].replace(",0.23,", ",1.2,")
    path.write_text("\n".join(lines) + "\n")
    assert run(["check", "--project", str(copy)]) == 2
    assert f"{path}:2:value: 1.2 is not a share in [0, 1]" in capfd.readouterr().err


def test_an_unknown_claim_names_the_nearest(copy, capfd):
    folder = copy / "observations"
    path = folder / "signals.yaml"
    path.write_text(path.read_text().replace("claim: O1.control", "claim: O1.contro", 1))
    (folder / "O1.control").rename(folder / "O1.contro")
    assert run(["check", "--project", str(copy)]) == 2
    assert "did you mean 'O1.control'" in capfd.readouterr().err


def test_check_prints_the_inventory(capfd):
    assert run(["check", "--project", str(TOY)]) == 0
    assert "all valid" in capfd.readouterr().out


def test_show_prints_json_and_refuses_a_failed_run(runs_folder, failed_run, capfd):
    assert run(["show", "--json", "--out", str(runs_folder)]) == 0
    assert json.loads(capfd.readouterr().out)["prior_scenario"] == "neutral"
    assert run(["show", failed_run.name, "--out", str(runs_folder)]) == 1
    assert "failed its gates and is no forecast" in capfd.readouterr().err


def test_runs_lists_them(runs_folder, failed_run, capfd):
    assert run(["runs", "--json", "--out", str(runs_folder)]) == 0
    listed = json.loads(capfd.readouterr().out)
    assert len(listed) == 4
    assert {r["name"]: r["passed"] for r in listed}[failed_run.name] is False


def test_an_interrupt_is_one_line_and_leaves_nothing(tmp_path, capfd, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("stackcast.pipeline.Session.observe_as_of", interrupted)
    assert run(["fit", "--project", str(TOY), "--out", str(tmp_path / "runs")]) == 1
    assert capfd.readouterr().err.strip().splitlines()[-1] == "interrupted; nothing was kept"
    assert not any(tmp_path.rglob("*.csv"))


def test_weights_are_read_in_any_order():
    assert parse_weights("b=2,a=1") == parse_weights("a=1, b=2") == (("a", 1.0), ("b", 2.0))
    with pytest.raises(InputError):
        parse_weights("a=x")


def test_priors_show_json_has_a_reason_and_a_source_for_each(capfd):
    assert run(["priors", "show", "--json", "--project", str(TOY)]) == 0
    table = json.loads(capfd.readouterr().out)
    assert len(table) > 30
    assert all(row["rationale"] and row["source"] for row in table)


def test_the_module_is_the_same_program():
    environment = os.environ | {"COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", "stackcast", "runs", "--json", "--out", "nowhere"],
        capture_output=True, text=True, cwd=ROOT, env=environment, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == []


def test_check_lists_what_needs_a_look_and_is_no_error(copy, runs_folder, capsys, monkeypatch):
    monkeypatch.setattr("stackcast.project.utc_today", lambda: TODAY + timedelta(days=400))
    shutil.rmtree(copy / "priors" / "interventions")  # by then their first days have passed
    assert run(["check", "--project", str(copy)]) == 0
    out = capsys.readouterr().out
    assert "stale signal" in out
    assert "house effects not compared" in out
    assert run(["check", "--project", str(copy), "--out", str(runs_folder)]) == 0
    assert "house effects not compared" not in capsys.readouterr().out
