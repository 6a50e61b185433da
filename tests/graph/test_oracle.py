"""The graph against an independent account of the same model; and that account against a sabotaged graph."""

from dataclasses import replace

import numpy as np
import pytest

from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.graph.evaluate import expected_rows
from stackcast.likelihoods import FAMILIES
from stackcast.project import Project
from tests.graph.oracle import expected
from tests.support import prior_point
from tests.toy import EARLIER, TODAY


def in_row_order(observed, by_family):
    out = np.full(len(observed.rows), np.nan)
    for name, values in by_family.items():
        out[observed.rows["likelihood"].to_numpy() == name] = values
    return out


def by_numpy(design, observed, p):
    return in_row_order(observed, {name: mu[0] for name, (_, mu, _) in expected_rows(design, observed, p).items()})


def by_graph(probe, observed, p):
    found = probe(probe.layout.join(p)[0], observed)
    return in_row_order(observed, {name: mu[observed.data[f"{name}_mask"] > 0] for name, mu in found.mu.items()})


@pytest.mark.parametrize("prior_scenario", ["neutral", "home", "office"])
def test_every_row_is_expected_where_plain_sums_expect_it(project, design, rows, probe, prior_scenario):
    observed = observe_as_of(design, rows, EARLIER if prior_scenario == "home" else TODAY, prior_scenario)
    p = prior_point(design, observed, 21)
    wanted = expected(project, design, observed, p)
    np.testing.assert_allclose(by_numpy(design, observed, p), wanted, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(by_graph(probe, observed, p), wanted, rtol=1e-9, atol=1e-9)


def flip_a_sign(design, observed, p):
    slug = design.secondary_signals[0]
    measures = design.signals[slug].measures
    measures = measures.model_copy(update={"sign": -measures.sign})
    signals = design.signals | {slug: design.signals[slug].model_copy(update={"measures": measures})}
    return replace(design, signals=signals), observed, p


def flip_an_effect(design, observed, p):
    return design, replace(observed, data=observed.data | {"effect_multiplier": -observed.data["effect_multiplier"]}), p


def shift_a_quarter(design, observed, p):
    data = {k: np.roll(v, 1, axis=1) if k.endswith("_weight") else v for k, v in observed.data.items()}
    return design, replace(observed, data=data), p


def last_quarter_only(design, observed, p):
    data = dict(observed.data)
    for name in FAMILIES:
        weight = data[f"{name}_weight"]
        last = weight.shape[1] - 1 - np.argmax(weight[:, ::-1] > 0, axis=1)
        data[f"{name}_weight"] = np.eye(weight.shape[1])[last] * (weight.sum(axis=1, keepdims=True) > 0)
    return design, replace(observed, data=data), p


def drop_house_effects(design, observed, p):
    return design, observed, p | {"house": 0.0 * p["house"]}


def drop_the_lag_shift(design, observed, p):
    return design, observed, p | {"lag_shift": 0.0 * p["lag_shift"]}


def drop_what_is_unlabelled(design, observed, p):
    return design, observed, p | {"unlabelled": 0.0 * p["unlabelled"]}


def turn_what_is_unlabelled(design, observed, p):
    return design, observed, p | {"unlabelled": -p["unlabelled"]}


def drop_deviations(design, observed, p):
    return design, observed, p | {"deviation_sd": 0.0 * p["deviation_sd"]}


SABOTAGES = (
    flip_a_sign, flip_an_effect, shift_a_quarter, last_quarter_only, drop_house_effects, drop_the_lag_shift,
    drop_what_is_unlabelled, turn_what_is_unlabelled, drop_deviations,
)  # fmt: skip


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda f: f.__name__)
def test_plain_sums_catch_a_sabotaged_graph(project, design, observed, sabotage):
    p = prior_point(design, observed, 21)
    wanted = expected(project, design, observed, p)
    broken = by_numpy(*sabotage(design, observed, p))
    assert np.abs(broken - wanted).max() > 0.01


def test_the_order_of_definitions_does_not_matter(copy, project, design, observed):
    import yaml

    path = copy / "observations" / "signals.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["signals"] = dict(sorted(content["signals"].items(), key=lambda item: item[0][::-1]))
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    loaded = Project.load(copy, today=TODAY)
    other = build_design(loaded.observations.rows, loaded.observations.signals, loaded.priors, TODAY)
    assert other.coords() == design.coords()
    again = observe_as_of(other, loaded.observations.rows, TODAY)
    for name, array in observed.data.items():
        np.testing.assert_array_equal(again.data[name], array)


NEW = """
  a-new-indicator:
    title: A new indicator
    definition: Made up for a test.
    measures: {claim: O1.learning, sign: -1}
    role: indicator
    population: nobody
    family: made-up
    likelihood: ratio
    unit: ratio
    publisher: {name: A test, interest: none}
    licence: none
    spacing_days: 90
    neutral: {low: 2, high: 4, mass: 0.9, one_unit: 1, reason: It is made up.}
"""


def test_a_new_signal_enters_by_data_alone(copy, design, observed):
    folder = copy / "observations"
    path = folder / "signals.yaml"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n" + NEW, encoding="utf-8")
    header = next(folder.rglob("*-*.csv")).read_text(encoding="utf-8").splitlines()[0]
    row = "a-new-indicator/2023-03-31@2023-04-10,2023-01-01,2023-03-31,2023-04-10,1.5,,,,,,https://example.org/x,"
    (folder / "O1.learning").mkdir()
    (folder / "O1.learning" / "a-new-indicator.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    loaded = Project.load(copy, today=TODAY)
    wider = build_design(loaded.observations.rows, loaded.observations.signals, loaded.priors, TODAY)
    told = observe_as_of(wider, loaded.observations.rows, TODAY)
    assert set(wider.slugs) - set(design.slugs) == {"a-new-indicator"}
    assert len(told.rows) == len(observed.rows) + 1
    p = prior_point(wider, told, 21)
    np.testing.assert_allclose(by_numpy(wider, told, p), expected(loaded, wider, told, p), rtol=1e-9, atol=1e-9)


def test_another_as_of_and_prior_scenario_fit_in_the_same_graph(design, rows, observed):
    for prior_scenario in ("home", "office"):
        other = observe_as_of(design, rows, EARLIER, prior_scenario)
        assert {k: v.shape for k, v in other.data.items()} == {k: v.shape for k, v in observed.data.items()}
        assert {k: v.dtype for k, v in other.data.items()} == {k: v.dtype for k, v in observed.data.items()}
