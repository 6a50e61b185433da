"""A wrong prior is refused with file, line and the nearest valid name; prior scenarios move means and sizes only."""

import pytest

from stackcast.errors import InputError, ProblemsFound
from stackcast.priors.catalogue import prior_catalogue
from stackcast.project import Project
from tests.support import TODAY


def spoil(copy, name, old, new):
    """Replace the first ``old`` of a file; return the line (from 1) of what stands there now."""
    path = copy / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    at = text.index(old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[:at].count("\n") + 1 + (len(new) - len(new.lstrip("\n")))


CASES = {
    "an unknown claim in a prior scenario": (
        "priors/scenarios/open.yaml", "{O1: 1.0", "{O7: 1.0", "unknown claim 'O7'; valid are: C1",
    ),
    "an unknown claim in a contrast": (
        "priors/claims.yaml", "claims: [O2, C4]", "claims: [O9, C4]", "unknown claim 'O9'; valid are: C1",
    ),
    "an unknown facet of an effect": (
        "priors/claims.yaml", "facet: models.release", "facet: models.relaese", "did you mean 'models.release'?",
    ),
    "a misspelt key": ("priors/claims.yaml", "half_life: 12", "halflife: 12", "did you mean 'half_life'?"),
    "a misspelt scale": ("priors/measurement.yaml", "noise_gap:", "noise_gapp:", "did you mean 'noise_gap'?"),
    "an unknown layer": (
        "priors/layers.yaml", "  middleware.frameworks:", "  middelware.frameworks:", "did you mean 'middleware'?",
    ),
    "a repeated key": ("priors/layers.yaml", "concentration: 12", "concentration: 12\nconcentration: 9", "stands twice"),  # noqa: E501
    "no YAML": ("priors/layers.yaml", "layers:\n", "layers: [\n", "not valid YAML"),
    "a share that rests outside of (0, 1)": ("priors/layers.yaml", "high: 0.94", "high: 1.4", "strictly between 0 and 1"),  # noqa: E501
    "an interval upside down": ("priors/layers.yaml", "low: 0.14", "low: 0.98", "low must lie below high"),
    "a prior scenario that overrides more": ("priors/scenarios/closed.yaml", "format: 2", "format: 2\nscales: {}", "unknown key 'scales'"),  # noqa: E501
    "a number that is not": ("priors/measurement.yaml", "mass: 0.9", "mass: .nan", "mass"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_named_with_file_and_line(copy, case):
    name, old, new, words = CASES[case]
    line = spoil(copy, name, old, new)
    with pytest.raises(ProblemsFound) as found:
        Project.load(copy, today=TODAY)
    mine = [p for p in found.value.problems if words in p.message]
    assert mine, str(found.value)
    assert mine[0].path == copy / name
    # a rule on a whole entry names the entry's first line, which stands at most ten lines above
    assert -10 <= mine[0].line - line <= 1 + new.count("\n"), (mine[0], line)


def test_a_facet_that_nothing_measures_is_refused(copy):
    path = copy / "priors" / "layers.yaml"
    text = path.read_text(encoding="utf-8")
    start = text.index("  applications.use:")
    entry = text[start:].replace("applications.use:", "applications.hours:", 1).rstrip() + "\n"
    path.write_text(text.rstrip() + "\n" + entry, encoding="utf-8")
    line = next(i for i, x in enumerate(path.read_text().splitlines(), 1) if "applications.hours" in x)
    with pytest.raises(ProblemsFound, match=f"layers.yaml:{line}:.*exactly one reference signal .found none"):
        Project.load(copy, today=TODAY)


def test_a_signal_of_an_unknown_facet_names_the_nearest(copy):
    line = spoil(copy, "observations/signals.yaml", "facet: models.release", "facet: models.releases")
    (copy / "observations" / "models.releases").mkdir()
    for path in (copy / "observations" / "models.release").iterdir():
        (copy / "observations" / "models.releases" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(InputError) as found:
        Project.load(copy, today=TODAY)
    assert "models.release" in str(found.value)
    assert "signals.yaml" in str(found.value)
    assert line > 0


@pytest.mark.parametrize(
    "name", ["claims.yaml", "layers.yaml", "measurement.yaml", "debate.yaml", "reference_classes.csv"]
)
def test_a_missing_file_is_named(copy, name):
    (copy / "priors" / name).unlink()
    with pytest.raises(InputError, match=name) as found:
        Project.load(copy, today=TODAY)
    assert found.value.exit_status == 2


@pytest.mark.parametrize("name", ["observations", "priors"])
def test_a_missing_folder_is_named(copy, name):
    (copy / name).rename(copy / "elsewhere")
    with pytest.raises(InputError, match="no such folder"):
        Project.load(copy, today=TODAY)


def test_prior_scenarios_override_means_and_factors_only(project, design, rows):
    from stackcast.graph.data import observe_as_of

    prior_scenarios = project.priors.prior_scenarios
    assert tuple(prior_scenarios) == ("neutral", "open", "closed")
    assert set(prior_scenarios["neutral"].means.values()) == {0.0}
    told = {name: observe_as_of(design, rows, TODAY, name).data for name in prior_scenarios}
    for prior_scenario in list(prior_scenarios)[1:]:
        changed = {k for k in told[prior_scenario] if (told[prior_scenario][k] != told["neutral"][k]).any()}
        assert changed == {"claim_mean", "effect_multiplier"}
        assert (told[prior_scenario]["effect_multiplier"] > 0).all()
    for name, factor in project.priors.factors.items():
        if factor.side != "neutral":
            assert prior_scenarios[factor.side].means[name] > 0, name
            assert min(c.means[name] for c in prior_scenarios.values()) < 0, name


def test_every_prior_has_an_interval_a_reason_and_a_source(project):
    table = prior_catalogue(project.priors, project.observations.signals)
    assert (table["rationale"].str.len() > 5).all(), table[table["rationale"].str.len() <= 5]
    assert (table["source"].str.len() > 0).all()
    assert not table.duplicated(["group", "name"]).any()
    spread = table[(table["dist"] != "constant")]
    assert (spread["low"] < spread["high"]).all()
    assert set(project.priors.claims) == {"O1", "O2", "O3", "C1", "C2", "C3", "C4", "C5"}
    for name in project.priors.factors:
        assert name in set(table["name"]), name


def test_the_catalogue_states_what_the_graph_uses(project, design):
    from stackcast.graph.parameters import parameters

    table = prior_catalogue(project.priors, project.observations.signals).set_index("name")
    priors = {q.name: q.prior for q in parameters(design)}
    for name in ("innovation_sd_share", "innovation_sd_gap", "slope_response", "family_sd"):
        low, _, high = priors[name].interval(0.9)
        assert table.loc[name, "low"] == pytest.approx(float(low))
        assert table.loc[name, "high"] == pytest.approx(float(high))
