import dataclasses
import json
import re
import shutil
from datetime import timedelta

import pandas as pd
import pytest

from stackcast.cli.app import run as command
from stackcast.errors import GateRefused, InputError
from stackcast.project import Project
from stackcast.runs.folder import (
    DIAGNOSTICS,
    FORMAT,
    MANIFEST,
    Run,
    latest_passed,
    list_runs,
    load_run,
    skipped_runs,
    write_tables,
)
from stackcast.runs.manifest import inputs, run_name
from stackcast.runs.track_record import COLUMNS, FILE, append_headline, read_record
from stackcast.settings import FitSettings
from tests.support import ROOT, canned_run
from tests.toy import EARLIER, TODAY


def test_the_latest_run_is_a_neutral_one_that_passed(runs_folder, passed_run):
    assert load_run(folder=runs_folder).name == passed_run.name


def test_a_backdated_ablated_or_reweighted_run_is_never_the_latest(project, tmp_path, passed_run):
    canned_run(project, tmp_path, TODAY)
    for settings in (
        FitSettings(EARLIER),
        FitSettings(TODAY, effects_on=False),
        FitSettings(TODAY, criterion="full-time"),
        FitSettings(TODAY, weights=(("jobs.adverts", 2.0),)),
    ):
        assert FitSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
        copied = shutil.copytree(passed_run.path, tmp_path / run_name(settings, inputs(project, settings)))
        manifest = passed_run.manifest | {"as_of": str(settings.as_of), "finished": str(TODAY + timedelta(days=40))}
        manifest["inputs"] = inputs(project, settings)
        (copied / MANIFEST).write_text(json.dumps(manifest))
    assert len(list_runs(tmp_path)) == 5
    assert load_run(folder=tmp_path).name == passed_run.name


def test_a_run_is_found_by_its_beginning_or_path(runs_folder, passed_run):
    assert load_run(passed_run.name, runs_folder).path == passed_run.path
    assert load_run(passed_run.path, "nowhere").name == passed_run.name
    assert load_run(passed_run.name[:-3], runs_folder).name == passed_run.name


def test_an_ambiguous_or_unknown_run_is_an_error_that_names_runs(runs_folder):
    with pytest.raises(InputError, match="fits 3 runs"):
        load_run(str(TODAY), runs_folder)
    with pytest.raises(InputError, match=rf"no run '{TODAY}-neutrl'.*did you mean '{TODAY}-neutral"):
        load_run(f"{TODAY}-neutrl", runs_folder)
    with pytest.raises(InputError, match="stackcast fit"):
        load_run(folder=runs_folder / "empty")


def test_a_failed_run_is_refused_and_says_why(failed_run):
    with pytest.raises(GateRefused, match=r"divergences is 3.0, must be = 0; r_hat is None, must be < 1.01"):
        failed_run.require_passed()


@pytest.mark.parametrize("name", ["facets", "layers", "claims", "signals", "questions", "contrasts"])
def test_a_runs_frames_have_the_columns_that_are_documented(passed_run, name):
    table, words = getattr(passed_run, name), getattr(Run, name).__doc__
    told = {word for part in re.findall(r"``(.*?)``", words, re.DOTALL) for word in re.findall(r"\w+", part)}
    between = {f"{prior}{q}" for prior in ("", "prior_") for q in ("q05", "q25", "q50", "q75", "q95")}
    assert set(table.columns) <= told | between
    assert told - {"stack"} <= set(table.columns)


def test_unknown_tables_are_named(passed_run):
    with pytest.raises(InputError, match="did you mean 'facets'"):
        passed_run.table("facet")


def test_a_run_of_an_earlier_version_without_a_table_says_so(passed_run, tmp_path):
    old = Run(shutil.copytree(passed_run.path, tmp_path / passed_run.name))
    (old.path / "last_figures.csv").unlink()
    with pytest.raises(InputError, match=r"last_figures\.csv: missing.*stackcast fit"):
        old.table("last_figures")
    assert len(old.table("facets"))


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ({"format": 1, "camp": "neutral"}, "a run of format 1, too old"),
        ({"format": FORMAT + 1}, f"a run of format {FORMAT + 1}, of a later stackcast"),
        ({"name": "x"}, "is not that of a run"),
        (None, "is not that of a run"),
    ],
    ids=["older", "later", "without a format", "no JSON"],
)
def test_a_run_of_another_format_is_named_and_skipped_or_refused(passed_run, tmp_path, capsys, manifest, words):
    other = tmp_path / "2025-01-01-neutral-0123456789"
    other.mkdir()
    (other / MANIFEST).write_text("{" if manifest is None else json.dumps(manifest))
    assert list_runs(tmp_path) == []
    assert latest_passed(tmp_path) is None
    assert words in skipped_runs(tmp_path)[0]
    for name in (other, other.name, "2025-01"):
        with pytest.raises(InputError, match=f"{other.name}.*{words}"):
            load_run(name, tmp_path)
    with pytest.raises(InputError, match="and 1 that cannot; make one with `stackcast fit`"):
        load_run(folder=tmp_path)
    for verb in (["show", other.name], ["why", "--run", str(other)], ["compare", other.name, other.name]):
        assert command([*verb, "--out", str(tmp_path), "--project", str(ROOT)]) == 2
        assert words in capsys.readouterr().err
    shutil.copytree(passed_run.path, tmp_path / passed_run.name)
    assert command(["runs", "--json", "--out", str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert [run["name"] for run in json.loads(told.out)] == [passed_run.name]
    assert words in told.err
    assert load_run(folder=tmp_path).name == load_run("20", tmp_path).name == passed_run.name


def test_partial_folders_are_no_runs(runs_folder, tmp_path):
    (tmp_path / ".partial-x").mkdir()
    (tmp_path / ".partial-x" / "manifest.json").write_text("{}")
    assert list_runs(tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [
        {"as_of": EARLIER}, {"prior_scenario": "home"}, {"seed": 2}, {"draws": 10}, {"chains": 2},
        {"effects_on": False}, {"criterion": "full-time"}, {"weights": (("jobs.adverts", 2.0),)},
    ],
)  # fmt: skip
def test_every_setting_changes_the_name(project, change):
    settings = FitSettings(TODAY)
    other = dataclasses.replace(settings, **change)
    assert run_name(settings, inputs(project, settings)) == run_name(settings, inputs(project, settings))
    assert run_name(settings, inputs(project, settings))[-10:] != run_name(other, inputs(project, other))[-10:]


def test_every_input_file_and_the_code_change_the_name(copy):
    loaded = Project.load(copy, today=TODAY)
    given = inputs(loaded, FitSettings(TODAY))
    path = copy / "priors" / "measurement.yaml"
    path.write_text(path.read_text() + "# a remark\n")
    assert inputs(loaded, FitSettings(TODAY)) == given, "a loaded project is what was read"
    assert inputs(Project.load(copy, today=TODAY), FitSettings(TODAY))["files"] != given["files"]
    assert any(name.endswith("trial-output-gap.csv") for name in given["files"])
    assert run_name(FitSettings(TODAY), given) != run_name(FitSettings(TODAY), given | {"code": "other"})


def test_the_track_record_is_append_only_and_takes_a_run_once(tmp_path, passed_run):
    append_headline(tmp_path, passed_run, TODAY)
    once = (tmp_path / FILE).read_text()
    append_headline(tmp_path, passed_run, TODAY)
    assert (tmp_path / FILE).read_text() == once
    (tmp_path / FILE).write_text(once.replace(passed_run.name, "an-earlier-run"))
    append_headline(tmp_path, passed_run, TODAY)
    text = (tmp_path / FILE).read_text()
    assert text.startswith(once.replace(passed_run.name, "an-earlier-run"))
    lines = text.splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert sum(",question," in line for line in lines) == 2 * len(passed_run.table("questions"))


def test_a_record_that_was_begun_earlier_is_read_and_goes_on(tmp_path, passed_run):
    assert list(read_record(tmp_path).columns) == list(COLUMNS)
    append_headline(tmp_path, passed_run, TODAY)
    text = (tmp_path / FILE).read_text().replace(passed_run.name, "an-earlier-run").replace("prior_scenario", "camp", 1)
    (tmp_path / FILE).write_text(text)
    append_headline(tmp_path, passed_run, TODAY)
    assert (tmp_path / FILE).read_text().startswith(text)
    record = read_record(tmp_path)
    assert list(record.columns) == list(COLUMNS)
    assert record["run"].value_counts().to_dict() == dict.fromkeys(
        ("an-earlier-run", passed_run.name), len(record) // 2
    )
    assert set(record["prior_scenario"]) == {"neutral"}


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "csv:1:header: "), (b"a,b\n1,2\n", "csv:1:header: columns must be"), (b"\xff\xfe\x00", "csv:1:1: .*UTF-16")],
    ids=["empty", "other columns", "no text"],
)
def test_what_is_no_record_is_one_error(tmp_path, content, words):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_record(tmp_path)


def test_diagnostics_are_plain_json(passed_run):
    assert json.loads((passed_run.path / DIAGNOSTICS).read_text())["gates"]


def test_no_text_of_a_table_is_a_formula(tmp_path):
    table = pd.DataFrame({"name": ["=cmd|x", "+1", "-2", "@a", "plain", "C1 -> x"], "value": [-1.0, 2, 3, 4, 5, 6]})
    write_tables(tmp_path, {"t": table})
    back = pd.read_csv(tmp_path / "t.csv")
    assert back["name"].tolist() == ["'=cmd|x", "'+1", "'-2", "'@a", "plain", "C1 -> x"]
    assert back["value"].tolist() == table["value"].tolist()
