"""Uniform ranks pass, draws that are too narrow or to one side are seen, and the band keeps its promise."""

import numpy as np
import pytest

from stackcast.evaluate.calibration.ranks import BAND, BINS, band, histogram, kinds, rank_table, verdicts
from stackcast.evaluate.calibration.replicate import KEPT, ranks

N = 400


def records(draw, passed=lambda i: True):
    rng = np.random.default_rng(3)
    return [
        {"index": i, "passed": passed(i), "failed": [], "ranks": {"claims": {"a": int(draw(rng))}}} for i in range(N)
    ]


def of(draw):
    return verdicts(rank_table(records(draw), failed=False)).iloc[0]


def normal_rank(centre, sd):
    """Rank of a truth among draws of a normal of another centre and sd."""
    return lambda rng: (rng.normal(centre, sd, KEPT) < rng.standard_normal()).sum()


def test_right_draws_pass():
    found = of(normal_rank(0, 1))
    assert found["p_value"] > 0.01
    assert found["mean_rank"] == pytest.approx(0.5, abs=0.05)
    assert found["sd_rank"] == pytest.approx(1, abs=0.08)


@pytest.mark.parametrize(("centre", "sd", "column", "sign"), [
    (0, 0.7, "sd_rank", 1), (0, 1.4, "sd_rank", -1), (-0.4, 1, "mean_rank", 1), (0.4, 1, "mean_rank", -1),
])  # fmt: skip
def test_wrong_draws_are_seen(centre, sd, column, sign):
    found = of(normal_rank(centre, sd))
    assert found["p_value"] < 1e-4
    assert found["outside"] > 0
    assert sign * (found[column] - {"mean_rank": 0.5, "sd_rank": 1.0}[column]) > 0.05


def test_the_band_holds_whole_flat_histograms():
    least, most = band(N)
    drawn = np.random.default_rng(9).integers(0, KEPT + 1, (4000, N))
    counts = np.array([histogram(row) for row in drawn])
    held = ((counts >= least) & (counts <= most)).all(axis=1).mean()
    assert counts.shape[1] == BINS
    assert BAND - 0.01 <= held <= BAND + 0.035


def test_failed_fits_are_left_out_only_when_asked():
    some = records(lambda rng: 5, passed=lambda i: i % 4 > 0)
    some[1]["ranks"] = {}
    assert len(rank_table(some, failed=False)) == N * 3 // 4 - 1
    assert len(rank_table(some, failed=True)) == N - 1


def test_kinds_count_what_leaves_the_band():
    found = kinds(rank_table(records(lambda rng: 5), failed=False)).iloc[0]
    assert (found["worlds"], found["quantities"], found["outside"], found["worst"]) == (N, 1, 1, "a")
    assert found[["mean_rank_error", "sd_rank_error"]].astype(float).max() < 1e-12


def test_the_errors_of_a_kind_are_over_worlds_not_over_quantities_that_go_together():
    """A hundred copies of one quantity lean no more surely than one."""
    rng = np.random.default_rng(4)
    one = rng.integers(0, KEPT + 1, N)
    copies = [
        {"index": i, "passed": True, "ranks": {"claims": {f"a{j}": int(rank) for j in range(100)}}}
        for i, rank in enumerate(one)
    ]
    found = kinds(rank_table(copies, failed=False)).iloc[0]
    assert found["mean_rank_error"] == pytest.approx(12**-0.5 / np.sqrt(N), rel=0.1)
    assert found["sd_rank_error"] == pytest.approx(0.45 / np.sqrt(N), rel=0.1)
    assert abs(found["mean_rank"] - 0.5) < 4 * found["mean_rank_error"]
    assert abs(found["sd_rank"] - 1.0) < 4 * found["sd_rank_error"]


def test_a_rank_counts_the_draws_below():
    truth = {"claims": {"a": np.array([0.5])}}
    drawn = {"claims": {"a": np.array([0.1, 0.4, 0.6])}}
    assert ranks(truth, drawn) == {"claims": {"a": 2}}
