import dataclasses

import numpy as np
import pandas as pd
import pytest

from stackcast.evaluate import score
from stackcast.evaluate.score import foreseen, rival_forecast, score_run
from stackcast.priors.debate import Evaluation, SeenUntil
from stackcast.project import Project
from tests.support import canned_run
from tests.toy import EARLIER, TODAY


@pytest.fixture(scope="module")
def earlier_run(project, tmp_path_factory):
    return canned_run(project, tmp_path_factory.mktemp("scored"), EARLIER.replace(year=2021))


def figures(values, every=91):
    ends = pd.Timestamp("2024-03-31") + pd.to_timedelta(np.arange(len(values)) * every, unit="D")
    return pd.DataFrame({"period_start": ends, "period_end": ends, "value": values})


def test_persistence_is_the_last_value_with_the_variance_of_the_moves(project):
    signal = project.observations.signals["trial-output-gap"]
    past = figures([0.0, 10.0, 0.0, 10.0])
    row = figures([0.0] * 8).iloc[7]
    rival = rival_forecast("persistence", past, signal, row)
    assert rival.mean == pytest.approx(0.1)
    assert rival.sd == pytest.approx(0.1 * np.sqrt(4 * 91 / 91.3125) / np.sqrt(91 / 91.3125), rel=1e-3)


def test_only_periods_unknown_at_the_date_are_scored(project, earlier_run):
    card = score_run(earlier_run, project)
    rows = project.observations.rows.set_index("id")
    published = rows.loc[card.figures["id"], "published"]
    assert (published > pd.Timestamp(earlier_run.manifest["as_of"])).all()
    known = rows[rows["published"] <= pd.Timestamp(earlier_run.manifest["as_of"])]
    seen = set(zip(known["signal"], known["period_start"], known["period_end"], strict=True))
    scored = rows.loc[card.figures["id"]]
    assert not seen & set(zip(scored["signal"], scored["period_start"], scored["period_end"], strict=True))
    assert card.overall.n == len(card.figures) > 20


def test_scores_are_plain_and_complete(project, earlier_run):
    found = score_run(earlier_run, project).to_json()
    for summary in (found["overall"], found["facets"], *found["signals"]):
        assert {"n", "crps", "relative_crps", "coverage_50", "coverage_80", "coverage_90"} <= set(summary)
        assert summary["coverage_50"] <= summary["coverage_80"] <= summary["coverage_90"]
    assert found["overall"]["n"] == sum(s["n"] for s in found["signals"])


def test_seen_and_unseen_outcomes_are_averaged_apart_where_the_debate_declares_them(project, earlier_run):
    card, last = score_run(earlier_run, project), pd.Timestamp("2022-12-31")
    assert card.apart == ()
    seen = (SeenUntil(until=last.date(), reason="looked at"),)
    debate = project.priors.debate.model_copy(update={"evaluation": Evaluation(seen=seen)})
    declared = dataclasses.replace(project, priors=dataclasses.replace(project.priors, debate=debate))
    found = score_run(earlier_run, declared)
    late = pd.to_datetime(card.figures["published"]) > last
    assert [(s.name, s.n) for s in found.apart] == [
        ("unseen, after 2022-12-31", late.sum()), ("seen, by 2022-12-31", (~late).sum()),
    ]  # fmt: skip
    assert found.overall == card.overall
    assert found.to_json()["apart"][0]["relative_crps_local_level"] > 0


def test_a_forecast_knows_nothing_of_its_figure_but_signal_and_period(project, earlier_run, monkeypatch):
    """Size, error and age of the outcome are other than they were, and every forecast is the same to the bit."""
    day = pd.Timestamp(earlier_run.manifest["as_of"])
    rows = project.observations.rows
    later = rows[(rows["published"] > day) & rows["retracted"].isna()]
    assert {"counts", "share"} <= {project.observations.signals[s].likelihood for s in later["signal"]}
    told = later.assign(
        published=later["published"] + pd.Timedelta(days=40), n=later["n"] * 7,
        lower=later["value"] * 0.9, upper=later["value"] * 1.1,
        numerator=later["numerator"] * 3, denominator=later["denominator"] * 3,
    )  # fmt: skip
    found = []
    monkeypatch.setattr(score, "foreseen", lambda *a: found[-1].append(foreseen(*a)) or found[-1][-1])
    for against in (later, told):
        found.append([])
        score_run(earlier_run, project, against=against)
    one, other = ({f.tobytes() for f in forecasts} for forecasts in found)
    assert len(one) > 20
    assert one <= other, "those that were only bounds are now scored as well"


def test_a_wilder_outcome_scores_worse(copy, earlier_run):
    path = copy / "observations" / "days.output" / "trial-output-gap.csv"
    calm = score_run(earlier_run, Project.load(copy, today=TODAY))
    lines = path.read_text().splitlines()
    cells = lines[-1].split(",")
    lines[-1] = ",".join([*cells[:4], "300", "", "", "", "297", "303", *cells[10:]])
    path.write_text("\n".join(lines) + "\n")
    wild = score_run(earlier_run, Project.load(copy, today=TODAY))
    assert wild.overall.crps > calm.overall.crps
