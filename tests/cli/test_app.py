import json
import os
import subprocess
import sys

import pytest

from stackcast.cli.app import run
from stackcast.cli.options import parse_weights
from stackcast.errors import InputError
from tests.support import ROOT

VERBS = (
    ["fit"], ["observe"], ["label"], ["show"], ["runs"], ["check"], ["score"], ["priors", "show"], ["backtest"],
    ["calibrate"], ["report"], ["plot"], ["compare"], ["why"], ["whatif"], ["scenario"], ["next"], ["sensitivity"],
    ["decide"], ["update"],
)  # fmt: skip


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_help_has_an_example(verb, capsys):
    assert run([*verb, "--help"]) == 0
    out = capsys.readouterr().out
    assert "Example" in out
    assert "stackcast " + " ".join(verb) in out.replace("\n", " ")


def test_help_does_not_wait_for_pymc():
    code = "import sys; from stackcast.cli.app import run; run(['--help']); print('pymc' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip().endswith("False")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fit", "--as-of", "2026-13-01"], "must be a date such as"),
        (["fit", "--as-of", "2999-01-01"], "lies in the future"),
        (["fit", "--prior-scenario", "centre"], "must be one of neutral, open, closed, all"),
        (["fit", "--weights", "models.spend"], "must be a name and a number"),
        (["fit", "--criterion", "vibes", "--as-of", "2026-05-31"], "unknown criterion 'vibes'"),
        (["fit", "--draws", "two"], "draws"),
        (["show", "--project", "/nowhere"], "no run yet"),
        (["check", "--project", "/nowhere"], "no such folder"),
    ],
)
def test_bad_input_is_one_message_and_status_2(arguments, words, capfd, tmp_path):
    if "--project" not in arguments:
        arguments = [*arguments, "--project", str(ROOT), "--out", str(tmp_path / "runs")]
    assert run(arguments) == 2
    err = capfd.readouterr().err
    assert words in err
    assert "Traceback" not in err
    assert not (tmp_path / "runs").exists()


def test_a_bad_row_names_file_line_and_column(copy, capfd):
    path = copy / "observations" / "models.enterprise" / "menlo-enterprise-open-source-share.csv"
    lines = path.read_text().splitlines()
    lines[1] = lines[1].replace(",0.2,", ",1.2,").replace(",0.20,", ",1.2,")
    path.write_text("\n".join(lines) + "\n")
    assert run(["check", "--project", str(copy)]) == 2
    assert f"{path}:2:value: 1.2 is not a share in [0, 1]" in capfd.readouterr().err


def test_an_unknown_claim_names_the_nearest(copy, capfd):
    path = copy / "observations" / "signals.yaml"
    path.write_text(path.read_text().replace("claim: C1.hosting", "claim: C1.hostin", 1))
    assert run(["check", "--project", str(copy)]) == 2
    assert "C1.hostin" in capfd.readouterr().err


def test_check_prints_the_inventory(capfd):
    assert run(["check", "--project", str(ROOT)]) == 0
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
    assert run(["fit", "--project", str(ROOT), "--out", str(tmp_path / "runs")]) == 1
    assert capfd.readouterr().err.strip().splitlines()[-1] == "interrupted; nothing was kept"
    assert not any(tmp_path.rglob("*.csv"))


def test_weights_are_read_in_any_order():
    assert parse_weights("b=2,a=1") == parse_weights("a=1, b=2") == (("a", 1.0), ("b", 2.0))
    with pytest.raises(InputError):
        parse_weights("a=x")


def test_priors_show_json_has_a_reason_and_a_source_for_each(capfd):
    assert run(["priors", "show", "--json", "--project", str(ROOT)]) == 0
    table = json.loads(capfd.readouterr().out)
    assert len(table) > 100
    assert all(row["rationale"] and row["source"] for row in table)


def test_the_module_is_the_same_program():
    environment = os.environ | {"COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", "stackcast", "runs", "--json", "--out", "nowhere"],
        capture_output=True, text=True, cwd=ROOT, env=environment, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == []


def test_check_lists_what_needs_a_look_and_is_no_error(copy, runs_folder, capsys):
    assert run(["check", "--project", str(copy)]) == 0
    out = capsys.readouterr().out
    assert "stale signal" in out
    assert "house effects not compared" in out
    assert run(["check", "--project", str(copy), "--out", str(runs_folder)]) == 0
    assert "house effects not compared" not in capsys.readouterr().out
