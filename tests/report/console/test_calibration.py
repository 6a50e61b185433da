"""The tables and plots of a calibration."""

import numpy as np
import pytest

from stackcast.evaluate.calibration.replicate import KEPT
from stackcast.evaluate.prior_predictive import prior_check, prior_replicates
from stackcast.report.console.calibration import calibration_tables, print_calibration, write_calibration
from stackcast.settings import FitSettings
from tests.toy import TODAY

NAMES = {
    "claims": ["O1, now", "O1, middle"],
    "facets": ["models.release, now"],
    "layers": ["stack, now"],
    "scales": ["innovation_sd_share"],
    "likelihood": ["log likelihood"],
}


@pytest.fixture
def tables():
    rng = np.random.default_rng(2)
    records = [
        {
            "index": i, "passed": i > 1, "failed": [] if i > 1 else ["divergences"], "attempts": 1, "gradients": 10,
            "clipped": 0, "censored": 1, "seconds": 2.0, "gates": {"divergences": float(i < 2)},
            "ranks": {kind: {n: int(rng.integers(KEPT + 1)) for n in names} for kind, names in NAMES.items()},
        }
        for i in range(30)
    ]  # fmt: skip
    records.append({"index": 30, "passed": False, "failed": ["broke off"], "error": "[red]x", "ranks": {}})
    for key in ("clipped", "censored", "seconds"):
        records[-1][key] = 0
    return calibration_tables(records)


@pytest.fixture(scope="module")
def worlds(project):
    return prior_replicates(project, FitSettings(TODAY), 50)


@pytest.fixture(scope="module")
def checks(worlds):
    return {"prior_predictive": prior_check(worlds)}


def test_tables_count_what_failed(tables):
    assert len(tables["replications"]) == 31
    assert (~tables["replications"]["passed"]).sum() == 3
    assert set(tables["verdicts"]["n"]) == {28}
    assert set(tables["verdicts-with-failed"]["n"]) == {30}


def test_a_folder_is_written_whole_and_replaced(tables, checks, worlds, tmp_path):
    for _ in range(2):
        write_calibration(tmp_path, tables, checks, worlds)
    drawn = (tmp_path / "tables" / "ranks-claims.svg").read_text()
    assert "28 worlds" in " ".join(drawn.split()), "those that failed are not in it"
    names = {p.name for p in (tmp_path / "tables").iterdir()}
    assert {"ranks.csv", "verdicts.csv", "ranks-claims.svg", "ranks-scales.png", "ranks-summary.svg"} <= names
    assert {"prior_predictive.csv", "prior-worlds.svg"} <= names
    assert "O1, now" in (tmp_path / "tables" / "ranks-claims.svg").read_text()
    assert "O1, middle" not in (tmp_path / "tables" / "ranks-claims.svg").read_text()


def test_failures_are_printed_first(tables, checks, capsys):
    print_calibration(tables, checks)
    out = capsys.readouterr().out
    assert "31 replications, 3 failed a gate" in out
    assert "divergences: 2" in out
    assert "broke off: 1" in out
    far = int((~checks["prior_predictive"]["below"].between(0.05, 0.95)).sum())
    assert f"outside the prior's 90 %: {far} of {len(checks['prior_predictive'])}" in " ".join(out.split())
    assert out.index("divergences: 2") < out.index("likelihood")
