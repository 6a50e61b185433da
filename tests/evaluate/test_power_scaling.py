"""Power-scaling tells what hangs on the prior from what hangs on the data, and noise from both."""

import numpy as np
import pytest
import xarray as xr

from stackcast.evaluate.power_scaling import PARTS, STRUCTURE, power_scaling
from stackcast.explain.quantity import headline_quantities
from stackcast.graph.parameters import STANDARD, parameters
from stackcast.posterior.tree import write_tree
from stackcast.runs.folder import POSTERIOR, load_run
from tests.toy import TODAY


def draws_of(run):
    return {label: q.draws for label, q in headline_quantities(run.draws).items()}


@pytest.fixture
def run(runs_folder, tmp_path):
    """A canned run with a tree in which one facet carries the prior's density and another the likelihood's."""
    import shutil

    from stackcast.runs.folder import Run

    source = load_run(f"{TODAY}-neutral", runs_folder)
    shutil.copytree(source.path, tmp_path / source.name)
    found = Run(tmp_path / source.name)
    total = int(found.draws.places.max()) + 1
    headline = draws_of(found)
    rng = np.random.default_rng(1)

    def density(name):
        values = rng.standard_normal(total)
        chosen = headline[name]
        values[found.draws.places] = 12 * (chosen - chosen.mean()) / chosen.std()
        return values[None]

    now = found.manifest["horizons"]["now"]
    dims = ("chain", "draw")
    tree = xr.DataTree.from_dict({
        "log_prior": xr.Dataset({"equilibrium": (dims, density(f"days.home, {now}")),
                                 "facet_shock": (dims, rng.standard_normal((1, total)))}),
        "log_likelihood": xr.Dataset({"y": ((*dims, "observation"), density(f"jobs.adverts, {now}")[..., None])}),
    })  # fmt: skip
    write_tree(tree, found.path / POSTERIOR)
    return found, now


def test_prior_and_data_are_told_apart(run):
    found, now = run
    table = power_scaling(found).set_index("name")
    assert table.loc[f"days.home, {now}", "reading"] in ("prior", "prior and data")
    assert table.loc[f"days.home, {now}", "priors"] > 0.5
    assert table.loc[f"jobs.adverts, {now}", "likelihood"] > 0.5
    unmoved = table.loc[f"jobs.policies, {now}"]
    assert unmoved["reading"].startswith("neither")
    assert all((table[f"floor_{part}"] >= 0).all() for part in PARTS)


def test_the_structure_is_what_is_standard_normal(design):
    assert set(STRUCTURE) == {q.name for q in parameters(design) if q.prior is STANDARD}


def test_every_headline_quantity_is_there(project, run):
    found, now = run
    names = set(draws_of(found))
    assert {f"{name}, {now}" for name in (*project.priors.layers.layers, "stack", *project.priors.claims)} <= names
    assert set(found.table("questions")["id"]) <= names
    stated = found.table("layers").query("date == @now").set_index("name")["mean"]
    for layer, mean in stated.items():
        draws = draws_of(found)[f"{layer}, {now}"]
        assert draws.mean() == pytest.approx(mean, abs=4 * draws.std() / np.sqrt(len(draws)))
