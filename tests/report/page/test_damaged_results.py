"""A backtest or calibration that is not as it was written is named in a line, and the page is made without it."""

import logging

import numpy as np
import pandas as pd
import pytest

from stackcast.evaluate.calibration.ranks import kinds
from stackcast.evaluate.results import SEALS, seal_results
from stackcast.report.page.parts.record import section
from stackcast.report.page.section import Chart, Missing, Picture, Source
from tests.report.page.conftest import SKILL

RANKS = pd.DataFrame(
    [
        (i, kind, name, (7 * i + j) % 100)
        for i in range(30)
        for kind in ("claims", "scales")
        for j, name in enumerate("ab")
    ],
    columns=["index", "kind", "name", "rank"],
)
BACKTEST, CALIBRATION = "backtest/skill.csv", "calibration/2023-11-09-abc/tables/kinds.csv"
PICTURE = "backtest/calibration.svg"


@pytest.fixture(params=[True, False], ids=["sealed", "of an earlier version"])
def source(request, page_run, project, tmp_path):
    """A folder of results beside a run."""
    for name, table in ((BACKTEST, SKILL), (CALIBRATION, kinds(RANKS))):
        (tmp_path / name).parent.mkdir(parents=True)
        table.to_csv(tmp_path / name, index=False)
    (tmp_path / PICTURE).write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    if request.param:
        seal_results(tmp_path / "backtest")
        seal_results((tmp_path / CALIBRATION).parent)
    return Source(page_run, project, tmp_path)


def told(source, caplog):
    caplog.clear()
    with caplog.at_level(logging.WARNING, "stackcast"):
        found = section(source)
    return found, [record.getMessage() for record in caplog.records]


def kinds_of(found):
    return [type(block) for block in found.blocks]


def test_what_is_whole_is_shown(source, caplog):
    found, lines = told(source, caplog)
    assert lines == []
    assert Chart in kinds_of(found)
    assert Picture in kinds_of(found)
    assert Missing not in kinds_of(found)


def cut(path):
    path.write_bytes(path.read_bytes()[:-9])


def emptied(path):
    path.write_bytes(b"")


def binary(path):
    path.write_bytes(np.random.default_rng(1).bytes(3000))


def a_folder(path):
    path.unlink()
    path.mkdir()


def header_alone(path):
    path.write_text(path.read_text().splitlines()[0] + "\n")


def without_a_column(path):
    table = pd.read_csv(path)
    table.drop(columns=table.columns[-1]).to_csv(path, index=False)


def words_for_numbers(path):
    table = pd.read_csv(path).astype(object)
    table.loc[1, "mean_rank" if "mean_rank" in table else "in_80"] = "many"
    table.to_csv(path, index=False)


def no_numbers(path):
    table = pd.read_csv(path).astype(object)
    table.iloc[:, 4] = ""
    table.to_csv(path, index=False)


def endless(path):
    table = pd.read_csv(path).astype(object)
    table.loc[1, "in_80"] = "inf"
    table.to_csv(path, index=False)


DAMAGE = (cut, emptied, binary, a_folder, header_alone, words_for_numbers, no_numbers, endless)
CASES = [(BACKTEST, d) for d in (*DAMAGE, without_a_column)] + [(CALIBRATION, d) for d in DAMAGE if d is not endless]


@pytest.mark.parametrize(("name", "damage"), CASES, ids=lambda given: getattr(given, "__name__", given))
def test_what_is_damaged_is_named_and_left_out(source, caplog, name, damage):
    damage(source.folder / name)
    found, lines = told(source, caplog)
    (line,) = lines
    assert line.startswith(f"skipped: {source.folder / name}")
    verb = name.split("/")[0].replace("calibration", "calibrate")
    assert line.endswith(f"`stackcast {verb}` makes it again")
    assert "\n" not in line
    (missing,) = (block for block in found.blocks if isinstance(block, Missing))
    assert "cannot be read" in missing.text
    assert missing.command == f"stackcast {verb}"
    assert (Chart in kinds_of(found)) is (name == CALIBRATION)


@pytest.mark.parametrize("damage", [a_folder])
def test_a_picture_that_cannot_be_read_is_left_out_alone(source, caplog, damage):
    damage(source.folder / PICTURE)
    found, lines = told(source, caplog)
    assert len(lines) == 1
    assert PICTURE in lines[0]
    assert Picture not in kinds_of(found)
    assert Chart in kinds_of(found)


def test_a_digit_that_changed_since_is_seen_by_the_seal(source, caplog):
    path = source.folder / BACKTEST
    path.write_text(path.read_text().replace("0.8", "0.7", 1))
    found, lines = told(source, caplog)
    sealed = (source.folder / "backtest" / SEALS).exists()
    assert (Chart not in kinds_of(found)) is sealed
    assert bool(lines) is sealed


@pytest.mark.parametrize(
    "text", ["", "[", "null", "[]", "{}", '{"contents": 3}', '{"contents": {"skill.csv": {"bytes": "x"}}}']
)
def test_a_seal_that_cannot_be_read_is_named(source, caplog, text):
    (source.folder / "backtest" / SEALS).write_text(text)
    found, lines = told(source, caplog)
    assert lines
    assert all(SEALS in line for line in lines)
    assert "cannot be read" in found.finding


def test_rivals_that_are_not_there_are_not_compared(source, caplog):
    path = source.folder / BACKTEST
    SKILL[~((SKILL["name"] == "claims") & (SKILL["rival"] == "persistence"))].to_csv(path, index=False)
    seal_results(path.parent)
    found, lines = told(source, caplog)
    assert lines == []
    assert [row[0] for block in found.blocks if hasattr(block, "rows") for row in block.rows][:1] == ["overall"]
