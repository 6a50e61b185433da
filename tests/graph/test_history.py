"""The graph with what earlier stacks say: effects, resting points and scales of ``priors/history.yaml``."""

from dataclasses import replace

import numpy as np
import pytest

from stackcast.errors import InputError
from stackcast.forecast.forces import force_table
from stackcast.forecast.future import extend
from stackcast.graph.data import graph_data, observe_as_of
from stackcast.graph.design import build_design
from stackcast.graph.evaluate import log_likelihood, log_prior, states, with_data
from stackcast.graph.paths import effects, resting_points
from stackcast.inference.code_key import code_key
from stackcast.inference.coordinates import Coordinates
from stackcast.likelihoods.base import NUMPY
from stackcast.quarters import Quarter
from tests.graph.oracle import expected
from tests.graph.test_oracle import by_graph, by_numpy
from tests.past import TEXT, add_history
from tests.support import TOY, Probe, copy_project, load_project, prior_point
from tests.toy import TODAY

EDGE = "H1 -> days.home"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return load_project(add_history(copy_project(tmp_path_factory.mktemp("past"), TOY)))


@pytest.fixture(scope="module")
def design(project):
    return designed(project)


@pytest.fixture(scope="module")
def observed(project, design):
    return observe_as_of(design, project.observations.rows, TODAY)


@pytest.fixture(scope="module")
def probe(design, observed):
    return Probe(design, observed)


def designed(project, *, history=True):
    rows, signals = project.observations.rows, project.observations.signals
    return build_design(rows, signals, project.priors.of_run(history=history), TODAY)


def changed(tmp_path, old, new):
    assert old in TEXT
    return load_project(add_history(copy_project(tmp_path, TOY), TEXT.replace(old, new, 1)))


@pytest.mark.parametrize("prior_scenario", ["neutral", "home", "office"])
def test_every_row_is_expected_where_plain_sums_expect_it(project, design, probe, prior_scenario):
    observed = observe_as_of(design, project.observations.rows, TODAY, prior_scenario)
    p = prior_point(design, observed, 21)
    wanted = expected(project, design, observed, p)
    np.testing.assert_allclose(by_numpy(design, observed, p), wanted, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(by_graph(probe, observed, p), wanted, rtol=1e-9, atol=1e-9)


def test_the_graph_is_its_numpy_twin(design, observed, probe):
    p = prior_point(design, observed, 2)
    x = probe.layout.join(p)[0]
    found = probe(x, observed)
    prior = sum(float(part.sum()) for part in log_prior(design, observed, p).values())
    assert found.logp == pytest.approx(log_likelihood(design, observed, p).sum() + prior + probe.logs @ x, rel=1e-8)
    assert np.isfinite(found.gradient).all()


def test_coordinates_lead_to_the_states_of_their_own_parameters(design, observed):
    coordinates = Coordinates(design, observed)
    centre, sd = coordinates.prior_moments
    y = centre + 0.5 * sd * np.random.default_rng(0).standard_normal((4, len(centre)))
    natural = coordinates.natural(NUMPY, y, graph_data(design, observed) | coordinates.given)
    again = states(design, with_data(natural.params, observed))
    np.testing.assert_allclose(natural.states.eta, again.eta, atol=1e-12)


def test_a_force_acts_on_every_facet_with_a_category_and_where_it_is_declared(design):
    assert [edge.label for edge, _ in design.transferred] == [EDGE, "H1 -> jobs.adverts", "O1.learning -> days.home"]
    assert [edge.label for edge, _ in design.declared_edges] == [
        "O1.learning -> days.output",
        "O1.control -> jobs.policies",
    ]


def test_a_category_rests_where_its_ratings_bring_it(design, observed):
    p = with_data(prior_point(design, observed, 3), observed)
    place = design.facets.index("days.home")
    sizes = dict(zip([e.label for e in design.edges], effects(NUMPY, design, p)[0] / 0.5, strict=False))
    rated = 1.2 * sizes[EDGE] - -0.8 * sizes["O1.learning -> days.home"]
    moved = resting_points(NUMPY, design, p)[0] - p["equilibrium"][0]
    assert moved[place] == pytest.approx(rated)
    assert moved[[i for i in range(len(moved)) if i != place]] == pytest.approx(0.0)


def test_a_facet_of_a_category_has_the_rated_class_and_another_the_wide_one(design, observed):
    found = dict(
        zip(
            design.facets,
            zip(observed.data["equilibrium_mean"], observed.data["equilibrium_sd"], strict=True),
            strict=True,
        )
    )
    assert found["days.home"] == pytest.approx((-1.1, np.hypot(0.4, 1.2)))
    assert found["jobs.adverts"] == pytest.approx((-0.5, np.hypot(0.3, 1.5)))


def test_without_effects_nothing_of_the_ratings_is_left(project, design):
    off = observe_as_of(design, project.observations.rows, TODAY, effects_on=False)
    p = with_data(prior_point(design, off, 3), off)
    np.testing.assert_array_equal(resting_points(NUMPY, design, p), p["equilibrium"])
    assert off.data["equilibrium_sd"][design.facets.index("days.home")] == pytest.approx(np.hypot(0.4, 1.5))


def test_scales_of_history_take_the_place_of_those_declared(project):
    with_it, without = (project.priors.of_run(history=on).measurement.scales for on in (True, False))
    assert (with_it.start_share.value, with_it.innovation_sd_share.low) == (2.0, 0.04)
    assert without == project.priors.declared.scales != with_it


def test_history_off_is_the_debate_without_the_file(project, tmp_path):
    bare, rows = load_project(copy_project(tmp_path, TOY)), project.observations.rows
    off, never = designed(project, history=False), designed(bare)
    assert off.coords() == never.coords()
    found, wanted = (observe_as_of(d, rows, TODAY).data for d in (off, never))
    assert found.keys() == wanted.keys()
    assert all(np.array_equal(found[name], wanted[name]) for name in wanted)


def test_another_rating_needs_no_other_code_and_another_scale_does(tmp_path, design):
    rated = designed(changed(tmp_path / "a", "H1: 1.2", "H1: 0.4"))
    paced = designed(changed(tmp_path / "b", "high: 0.2,", "high: 0.3,"))
    assert code_key(rated) == code_key(design) != code_key(paced)


def test_the_table_of_forces_says_what_stands_in_the_ratings(design, observed):
    p = prior_point(design, observed, 4)
    draws = {name: np.repeat(value, 3, axis=0) for name, value in p.items()}
    draws["claim_shock"] = np.zeros_like(draws["claim_shock"])
    trajectories = extend(design, observed, draws, Quarter.parse("2027-Q4"), 1)
    table = force_table(trajectories, trajectories).set_index("claim")
    assert table["rating"].to_dict() == {"H1": 1.2, "O1": -0.8}
    assert table["p_stronger_now"].to_dict() == {"H1": 1.0, "O1": 0.0}
    assert table["outside"].all()
    assert (table["moves_then"] > 0).all(), "a weak closing force opens as a strong opening one does"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("forces: [H1, O1]", "forces: [H1, X1]", r"history.yaml:4:\d+: no claim names the force 'X1'"),
        ("ratings: {H1: 1.2, O1: -0.8}", "ratings: {H1: 1.2}", r"history.yaml:17:.*ratings of desk_work are not those"),
        ("jobs: {mean: -0.4, sd: 0.3}, ", "", r"history.yaml:11:.*no resting point of jobs"),
        ("desk_work:", "other_work:", r"layers.yaml:\d+:\d+: history.yaml has no category 'desk_work'"),
        ("start_share:", "start_shore:", r"history.yaml:20:.*unknown scale 'start_shore'"),
        (
            "{dist: LogNormal, low: 0.04, high: 0.2,",
            "{dist: HalfNormal, upper: 0.2,",
            r"history.yaml:19:.*innovation_sd_share is declared with other keys",
        ),
        ("[-0.4, 1.0]", "[-1.4, 1.0]", r"history.yaml:.*symmetric"),
        ("[1.0, -0.4], [-0.4, 1.0]", "[1.0, -1.4], [-1.4, 1.0]", r"history.yaml:.*not positive definite"),
        ("log_sd: [0.5, 0.8]", "log_sd: [0.5]", r"history.yaml:.*for each of the 2 forces"),
    ],
    ids=["force", "ratings", "layer", "category", "scale", "form", "asymmetric", "impossible", "short"],
)
def test_what_does_not_fit_is_named(tmp_path, old, new, message):
    with pytest.raises(InputError, match=message):
        changed(tmp_path, old, new)


def test_a_force_without_one_carrier_is_named(tmp_path):
    root = add_history(copy_project(tmp_path, TOY))
    claims = root / "priors" / "claims.yaml"
    claims.write_text(claims.read_text().replace("        side: office\n", "        side: neutral\n", 1))
    with pytest.raises(InputError, match=r"history.yaml:.*acts through one sub-claim on its claim's side; O1 has none"):
        load_project(root)


def test_the_order_of_edges_is_that_of_the_claims(design):
    labels = [edge.label for edge in design.edges]
    assert labels == sorted(labels, key=lambda label: design.factors.index(label.split(" -> ")[0]))
    assert replace(design, priors=design.priors.of_run(history=False)).coords()["transferred_edge"] == []
