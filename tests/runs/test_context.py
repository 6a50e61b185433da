"""What a run stands on, built again: its own trajectories, or one clear refusal."""

import dataclasses
import shutil

import numpy as np
import pytest

from stackcast.errors import GateRefused, InputError
from stackcast.project import Project
from stackcast.runs.folder import DIAGNOSTICS, DRAWS, POSTERIOR, Run, write_json
from tests.support import BAD_GATES, latest_day


def test_the_trajectories_are_the_runs_own(debate, whole_run):
    context = whole_run.context(debate)
    found, kept = context.trajectories, whole_run.draws.data
    assert found.design.grid.labels == whole_run.draws.quarters
    np.testing.assert_array_equal(found.states.eta.astype("float32"), kept["facet_state"].values)
    np.testing.assert_array_equal(found.paths.astype("float32"), kept["signal_path"].values)
    assert context.observed.rows["id"].tolist() == whole_run.table("fitted")["id"].tolist()


def test_parameters_are_asked_for_by_name(debate, whole_run):
    context = whole_run.context(debate)
    found = context.parameters("equilibrium", "no-such-parameter")
    assert list(found) == ["equilibrium"]
    whole = whole_run.groups("posterior")["posterior"]["equilibrium"].values
    np.testing.assert_array_equal(found["equilibrium"], whole.reshape(-1, whole.shape[-1]))


def test_a_project_with_another_facet_is_refused(debate, whole_run, tmp_path):
    """Labels that the run's parameters do not have are named, not read in another's place."""
    context = whole_run.context(debate)
    other = context.posterior.assign_coords(facet=[f"{name}.old" for name in context.design.facets])
    with pytest.raises(InputError, match="equilibrium is now of other facets"):
        dataclasses.replace(context, posterior=other).parameters("equilibrium")
    with pytest.raises(InputError, match="equilibrium is now of other facets"):
        dataclasses.replace(context, posterior=other.drop_vars("equilibrium")).parameters("equilibrium")


def test_a_changed_file_is_named(debate, whole_run, tmp_path):
    assert whole_run.require_unchanged(debate) is whole_run
    root = shutil.copytree(debate.root, tmp_path / "project")
    with (root / "priors" / "claims.yaml").open("a") as handle:
        handle.write("# another day\n")
    with pytest.raises(InputError, match=r"priors/claims.yaml has changed since .*stackcast fit"):
        whole_run.require_unchanged(Project.load(root, today=latest_day(root / "observations")))


def test_a_run_that_lost_a_file_or_failed_answers_nothing(whole_run, tmp_path):
    copied = Run(shutil.copytree(whole_run.path, tmp_path / whole_run.name))
    for name, read in ((DRAWS, lambda: copied.draws), (POSTERIOR, lambda: copied.posterior)):
        (copied.path / name).unlink()
        with pytest.raises(InputError, match=rf"{name}: missing.*stackcast fit"):
            read()
    write_json(copied.path / DIAGNOSTICS, {"gates": BAD_GATES, "attempts": []})
    with pytest.raises(GateRefused):
        _ = Run(copied.path).draws
