"""Relative CRPS, its interval, hindsight and evidence, by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from stackcast.evaluate.baselines import BASELINES
from stackcast.evaluate.one_series import DAMPED_TREND, ONE_SERIES
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
from stackcast.priors.debate import Evaluation, SeenUntil


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
            "horizon": rng.uniform(0, 8, n), "crps": rng.uniform(0.5, 1.5, n), "log_score_latent": rng.normal(size=n),
            **{f"in_{p}": rng.random(n) < p / 100 for p in (50, 80, 90)},
        }
    )  # fmt: skip
    for name in (*BASELINES, ONE_SERIES):
        table[f"crps_{name}"] = rng.uniform(0.5, 2.0, n)
        table[f"log_score_{name}"] = rng.normal(-1, 1, n)
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
    columns = ["crps", *(f"crps_{b}" for b in (*BASELINES, ONE_SERIES))]
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


def test_a_rival_that_made_no_forecast_has_no_ratio_and_no_interval(recwarn):
    names = [f"s{i}" for i in range(8)]
    table = pd.DataFrame({"family": names, "crps": 1.0, "crps_damped_trend": np.nan})
    assert np.isnan(relative_crps(table, "damped_trend", 1)).all()
    assert not recwarn.list


def test_horizons_part_the_figures():
    table = skill_table(figures(), 1)
    parts = table[(table["kind"] == "horizon") & (table["rival"] == "persistence")]
    assert parts["n"].sum() == 60


def declared(*days, released=None):
    return Evaluation(seen=tuple(SeenUntil(until=day, reason="looked at") for day in days), released=released)


def test_seen_and_unseen_outcomes_are_told_apart_by_the_day_of_their_publication():
    given = figures()
    table = skill_table(given, 1, declared(date(2025, 6, 30)))
    mine = table[table["rival"] == "drift"].set_index("name")
    seen, unseen = (given["published"] == day for day in ("2025-06-30", "2025-07-01"))
    for name, those, kind in (("seen, by 2025-06-30", seen, "seen"), ("unseen, after 2025-06-30", unseen, "unseen")):
        assert mine.loc[f"{name}: overall", ["n", "kind"]].tolist() == [those.sum(), kind]
        assert mine.loc[f"{name}: facets", "n"] == (those & given["of_facet"]).sum()
        assert mine.loc[f"{name}: claims", "n"] == (those & ~given["of_facet"]).sum()
    assert not {"seen", "unseen"} & set(skill_table(given, 1)["kind"]), "a debate that declares none shows none"


def test_several_days_part_the_seen_outcomes_and_the_unseen_ones_come_first():
    spans = declared(date(2025, 6, 30), date(2026, 5, 31)).spans
    days = [date(2025, 6, 30), date(2025, 7, 1), date(2026, 5, 31), date(2026, 6, 1)]
    assert [span.title for span in spans] == [
        "unseen, after 2026-05-31", "seen, after 2025-06-30 and by 2026-05-31", "seen, by 2025-06-30",
    ]  # fmt: skip
    assert [[span.holds(day) for day in days] for span in spans] == [
        [False, False, False, True], [False, True, True, False], [True, False, False, False],
    ]  # fmt: skip


def test_what_those_who_chose_had_seen_ends_with_the_last_day_until_the_rest_is_released():
    kept = declared(date(2026, 5, 31), released=date(2026, 11, 28))
    days = (date(2026, 4, 1), date(2026, 11, 27), date(2026, 11, 28))
    assert [kept.seen_on(day) for day in days] == [date(2026, 4, 1), date(2026, 5, 31), date(2026, 11, 28)]


def test_what_was_kept_until_its_release_is_no_test_of_a_model_that_is_fitted_since():
    kept = declared(date(2026, 5, 31), released=date(2026, 11, 28))
    assert [span.title for span in kept.spans] == [
        "unseen, after 2026-11-28", "seen, after 2026-05-31 and by 2026-11-28", "seen, by 2026-05-31",
    ]  # fmt: skip


def test_log_scores_are_gains_over_the_rival_in_the_mean_and_in_the_median():
    given = figures()
    found = skill_table(given, 1)
    mine = found[(found["name"] == "facets") & (found["rival"] == "drift")].iloc[0]
    facets = given[given["of_facet"]]
    gain = facets["log_score_latent"] - facets["log_score_drift"]
    assert mine[["log_score", "log_score_median"]].tolist() == pytest.approx([gain.mean(), gain.median()])
    best = with_hindsight(given)
    for name in BASELINES:
        those = best["crps_hindsight-best"] == best[f"crps_{name}"]
        np.testing.assert_array_equal(
            best.loc[those, "log_score_hindsight-best"], given.loc[those, f"log_score_{name}"]
        )


def test_a_filter_is_a_rival_where_it_forecast_and_never_the_ex_post_best():
    given = figures().assign(**{f"crps_{ONE_SERIES}": 1e-3})
    found = set(skill_table(given, 1)["rival"])
    assert ONE_SERIES in found
    assert DAMPED_TREND not in found
    assert (with_hindsight(given)[f"crps_{HINDSIGHT}"] > 0.1).all()


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
