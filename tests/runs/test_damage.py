"""A folder under ``runs/`` that cannot be read is named in one line and skipped; by name it is refused."""

import json
import shutil

import pytest

from stackcast.cli.app import run as command
from stackcast.errors import InputError
from stackcast.runs.contents import DIAGNOSTICS, DRAWS, MANIFEST, damage
from stackcast.runs.folder import Run, latest_passed, list_runs, load_run, skipped_runs
from stackcast.runs.track_record import FILE, append_headline, read_record
from tests.support import TOY, latest_day

DAY = latest_day(TOY / "observations")


def cut(name, part=0.5):
    def spoil(folder):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: int(len(content) * part)])

    return spoil


def manifest_with(**changes):
    def spoil(folder):
        found = json.loads((folder / MANIFEST).read_text())
        (folder / MANIFEST).write_text(json.dumps({k: v for k, v in (found | changes).items() if v is not None}))

    return spoil


def text_of(name, text):
    return lambda folder: (folder / name).write_text(text)


def instead(make):
    def spoil(folder):
        shutil.rmtree(folder)
        make(folder)

    return spoil


def flip(name):
    def spoil(folder):
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)

    return spoil


def linked_to_nowhere(folder):
    (folder / MANIFEST).unlink()
    (folder / MANIFEST).symlink_to("nowhere")


def without(name):
    return lambda folder: (folder / name).unlink()


DAMAGES = {
    "an empty manifest": cut(MANIFEST, 0),
    "a cut manifest": cut(MANIFEST),
    "no JSON": text_of(MANIFEST, "a: 1"),
    "a list": text_of(MANIFEST, "[]"),
    "deep nesting": text_of(MANIFEST, "[" * 100_000),
    "another tool's manifest": text_of(MANIFEST, '{"camp": "x"}'),
    "an older format": manifest_with(format=1),
    "a later format": manifest_with(format=99),
    "a format in words": manifest_with(format="two"),
    "not finished": manifest_with(finished=None),
    "no debate": manifest_with(debate=None),
    "no inputs": manifest_with(inputs=None),
    "renamed settings": manifest_with(inputs={"order": {"as_of": "2023-01-01", "camp": "x"}, "files": {}, "code": "x"}),
    "weights of another type": manifest_with(weights=[1]),
    "horizons of another day": manifest_with(horizons={"now": "2000-01-01"}),
    "no manifest": without(MANIFEST),
    "a link to nowhere": linked_to_nowhere,
    "no diagnostics": without(DIAGNOSTICS),
    "cut diagnostics": cut(DIAGNOSTICS),
    "gates of another type": text_of(DIAGNOSTICS, '{"gates": 3}'),
    "no table": without("facets.csv"),
    "a cut table": cut("facets.csv"),
    "a table changed by hand": flip("facets.csv"),
    "no draws": without(DRAWS),
    "cut draws": cut(DRAWS),
    "a file in its place": instead(lambda folder: folder.write_text("x")),
    "a link in its place": instead(lambda folder: folder.symlink_to("nowhere")),
}


@pytest.fixture
def folder(runs_folder, tmp_path):
    return shutil.copytree(runs_folder, tmp_path / "runs")


@pytest.mark.parametrize("spoil", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_run_is_named_once_and_skipped_and_refused_by_name(folder, passed_run, spoil, capsys):
    spoil(folder / passed_run.name)
    others = len(list(folder.iterdir())) - 1
    assert len(list_runs(folder)) == others
    assert latest_passed(folder).name != passed_run.name
    (line,) = skipped_runs(folder)
    assert passed_run.name in line
    assert len(line.splitlines()) == 1
    with pytest.raises(InputError, match=passed_run.name):
        load_run(passed_run.name, folder)
    capsys.readouterr()
    assert command(["runs", "--out", str(folder)]) == 0
    assert capsys.readouterr().err == f"skipped: {line}\n"
    assert command(["show", passed_run.name, "--out", str(folder)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_check_and_show_work_beside_a_damaged_run(folder, passed_run, capsys):
    cut(MANIFEST)(folder / passed_run.name)
    assert command(["show", "--out", str(folder)]) == 0
    assert command(["check", "--as-of", str(DAY), "--project", str(TOY), "--out", str(folder)]) == 0
    assert command(["check", "--as-of", str(DAY), "--project", str(TOY), "--out", str(folder / MANIFEST)]) == 0
    assert "skipped: " in capsys.readouterr().err


def test_draws_changed_by_hand_are_refused_where_they_are_read(folder, passed_run):
    flip(DRAWS)(folder / passed_run.name)
    assert not damage(folder / passed_run.name)
    with pytest.raises(InputError, match=r"draws\.nc: is damaged or changed"):
        _ = Run(folder / passed_run.name).draws
    assert latest_passed(folder).name != passed_run.name
    assert load_run(folder=folder).name != passed_run.name


def test_a_file_in_place_of_the_folder_of_runs_is_named(tmp_path, capsys):
    (tmp_path / "runs").write_text("x")
    assert command(["show", "--out", str(tmp_path / "runs")]) == 2
    assert "is no folder of runs" in capsys.readouterr().err


RECORDS = {
    "a blank line": "\n",
    "a cut line": "2024-01-01,x\n",
    "a probability of two": "2024-01-01,x,2024-01-01,neutral,question,q,2024-01-01,,,,2,\n",
    "a day that is none": "2024-02-30,x,2024-01-01,neutral,question,q,2024-01-01,,,,0.5,\n",
    "an open quotation mark": '"\n',
}


@pytest.mark.parametrize("line", RECORDS.values(), ids=RECORDS)
def test_a_damaged_record_is_one_error_with_its_line_and_is_never_appended_to(passed_run, tmp_path, line):
    append_headline(tmp_path, passed_run, DAY)
    text = (tmp_path / FILE).read_text()
    (tmp_path / FILE).write_text(text + line)
    place = rf"{FILE}:{text.count(chr(10)) + 1}:"
    with pytest.raises(InputError, match=place):
        read_record(tmp_path)
    with pytest.raises(InputError, match=place):
        append_headline(tmp_path, Run(passed_run.path.with_name("another")), DAY)
    assert (tmp_path / FILE).read_text() == text + line


def test_a_record_without_a_last_line_end_is_made_whole_first(passed_run, tmp_path):
    append_headline(tmp_path, passed_run, DAY)
    text = (tmp_path / FILE).read_text()
    other = text.replace(passed_run.name, "an-earlier-run").rstrip("\n")
    (tmp_path / FILE).write_text(other)
    append_headline(tmp_path, passed_run, DAY)
    assert (tmp_path / FILE).read_text().splitlines() == [*other.splitlines(), *text.splitlines()[1:]]
