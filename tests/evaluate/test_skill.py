"""Relative CRPS, its interval, hindsight and evidence, by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from stackcast.evaluate.baselines import BASELINES
from stackcast.evaluate.skill import (
    FAMILIES_NEEDED,
    HINDSIGHT,
    ORACLE,
    evidence,
    relative_crps,
    skill_table,
    with_hindsight,
    without_one,
)
from stackcast.priors.debate import Evaluation


def figures(n=60, signals=6, seed=0):
    rng = np.random.default_rng(seed)
    slugs = np.array([f"s{i % signals}" for i in range(n)])
    table = pd.DataFrame(
        {
            "id": [f"i{i}" for i in range(n)], "signal": slugs, "family": slugs, "origin": "2025-06-30",
            "likelihood": np.where(np.char.endswith(slugs.astype(str), "0"), "gap", "share"),
            "measures": np.where(np.char.endswith(slugs.astype(str), "1"), "C2", "models.release"),
            "of_facet": ~np.char.endswith(slugs.astype(str), "1"),
            "published": np.where(rng.random(n) < 0.5, "2025-06-30", "2025-07-01"),
            "horizon": rng.uniform(0, 8, n), "crps": rng.uniform(0.5, 1.5, n),
            **{f"in_{p}": rng.random(n) < p / 100 for p in (50, 80, 90)},
        }
    )  # fmt: skip
    for name in BASELINES:
        table[f"crps_{name}"] = rng.uniform(0.5, 2.0, n)
        table[f"made_{name}"] = True
    return table


def test_hindsight_is_the_best_of_a_kind_and_the_oracle_of_a_signal():
    table = figures()
    found = with_hindsight(table)
    for name, by in ((HINDSIGHT, "likelihood"), (ORACLE, "signal")):
        for key, part in found.groupby(by):
            means = {b: part[f"crps_{b}"].mean() for b in BASELINES}
            best = min(means, key=means.get)
            np.testing.assert_allclose(part[f"crps_{name}"], part[f"crps_{best}"]), key
    assert found[f"crps_{ORACLE}"].mean() <= found[f"crps_{HINDSIGHT}"].mean() <= found["crps_persistence"].mean()


def test_units_of_a_kind_do_not_matter():
    table = figures()
    other = table.copy()
    of_gap = other["likelihood"] == "gap"
    columns = ["crps", *(f"crps_{b}" for b in BASELINES)]
    other.loc[of_gap, columns] *= 1000
    a, b = (skill_table(t, 1).set_index(["kind", "name", "rival"])["relative_crps"] for t in (table, other))
    pd.testing.assert_series_equal(a, b)


def test_a_model_that_is_its_rival_has_skill_one_whatever_is_drawn():
    table = figures()
    table["crps"] = table["crps_drift"]
    found = skill_table(table, 1)
    mine = found[(found["rival"] == "drift") & found["low"].notna()]
    np.testing.assert_allclose(mine[["relative_crps", "low", "high"]], 1.0)


def test_the_interval_draws_whole_families_and_needs_some():
    table = with_hindsight(figures())
    ratio, low, high = relative_crps(table, "persistence", 1)
    assert low < ratio < high
    assert relative_crps(table, "persistence", 1) == (ratio, low, high)
    few = table[table["family"].isin([f"s{i}" for i in range(FAMILIES_NEEDED - 1)])]
    assert np.isnan(relative_crps(few, "persistence", 1)[1])
    one = table.assign(family="all the same")
    assert np.isnan(relative_crps(one, "persistence", 1)[1]), "signals cut from one table are one"
    assert np.isnan(without_one(one, "persistence")).all()
    by_hand = [
        rest["crps"].mean() / rest["crps_persistence"].mean()
        for rest in (table[table["family"] != name] for name in table["family"].unique())
    ]
    assert without_one(table, "persistence") == pytest.approx((min(by_hand), max(by_hand)))
    many = pd.concat([table] * 5, ignore_index=True)
    assert relative_crps(many, "persistence", 1)[1:] == pytest.approx((low, high)), "copies of a signal are no news"


def test_horizons_part_the_figures():
    table = skill_table(figures(), 1)
    parts = table[(table["kind"] == "horizon") & (table["rival"] == "persistence")]
    assert parts["n"].sum() == 60


def test_figures_published_later_are_told_apart():
    given = figures()
    table = skill_table(given, 1, Evaluation(choosing_ends=date(2025, 6, 30), seen_ends=date(2026, 2, 28)))
    n = table[(table["kind"] == "published") & (table["rival"] == "drift")].set_index("name")["n"]
    assert n["all, by 2025-06-30"] == (given["published"] == "2025-06-30").sum()
    assert n["all, by 2025-06-30"] + n["all, after 2025-06-30"] == len(given)
    facets = table[(table["name"] == "facets") & (table["rival"] == "drift")]["n"].item()
    assert n["facets, by 2025-06-30"] + n["facets, after 2025-06-30"] == facets
    assert "published" not in set(skill_table(given, 1)["kind"]), "a debate without such days tells nothing apart"


def test_evidence_counts_each_figure_once_at_the_latest_origin_of_all_variants():
    rows = [
        ("full", "a", "2025-03-31", "2025-07-01", -9.0), ("full", "a", "2025-06-30", "2025-07-01", -1.0),
        ("full", "b", "2025-06-30", "2025-08-01", -2.0), ("open", "a", "2025-03-31", "2025-07-01", -8.0),
        ("open", "a", "2025-06-30", "2025-07-01", -0.5), ("open", "b", "2025-06-30", "2025-08-01", -3.0),
        ("open", "b", "2025-07-31", "2025-08-01", 5.0), ("full", "z", "2025-03-31", "2025-05-01", -1.0),
        ("open", "z", "2025-03-31", "2025-05-01", -1.25),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["variant", "id", "origin", "published", "log_score"])
    found = evidence(table, "full").pivot(index="published", columns="variant", values="log_score")
    assert found.index.tolist() == ["2025-05-01", "2025-07-01", "2025-08-01"]
    assert found["open"].tolist() == [-0.25, 0.25, -0.75]
    assert found["full"].tolist() == [0.0, 0.0, 0.0]
