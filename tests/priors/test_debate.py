"""A debate declares its sides, criterion, horizons and scales; a name that none of its files declares is refused."""

import shutil

import pytest

from stackcast.errors import InputError, ProblemsFound
from stackcast.priors.debate import Sides
from stackcast.priors.load import load_priors
from stackcast.project import Project
from tests.support import ROOT, latest_day

TOY = ROOT / "tests" / "data" / "toy"
DAY = latest_day(TOY / "observations")


@pytest.fixture(scope="module")
def signals():
    return Project.load(TOY, today=DAY).observations.signals


@pytest.fixture
def folder(tmp_path):
    """A copy of the toy's priors that a test may spoil, beside its definitions of signals."""
    (tmp_path / "observations").mkdir()
    shutil.copy(TOY / "observations" / "signals.yaml", tmp_path / "observations")
    return shutil.copytree(TOY / "priors", tmp_path / "priors")


CASES = {
    "a side of a claim": ("claims.yaml", "side: home", "side: hom", "no side 'hom'; did you mean 'home'?"),
    "a claim of neither side": ("claims.yaml", "side: home", "side: neutral", "no side 'neutral'; valid are: home, office"),  # noqa: E501
    "a side of a sub-claim": ("claims.yaml", "        side: office", "        side: offices", "did you mean 'office'?"),
    "a contrast of one side": ("claims.yaml", "claims: [H1, O1]", "claims: [H1]", "no claim of the side 'office'"),
    "a contrast of an unknown claim": ("claims.yaml", "claims: [H1, O1]", "claims: [H1, O2]", "unknown claim 'O2'; valid are: H1, O1"),  # noqa: E501
    "a contrast by sides": ("claims.yaml", "claims: [H1, O1]", "home: [H1], office: [O1]", "unknown key 'home'"),
    "a claim's name": ("claims.yaml", "  H1:\n    side", "  H@1:\n    side", "String should match pattern"),
    "a side of a prior scenario": ("scenarios/home.yaml", "effects: {home: 1.5", "effects: {hom: 1.5", "did you mean 'home'?"),  # noqa: E501
    "the unit of a share": ("layers.yaml", "gap_pull: days.output", "scale: {unit: points}", "printed in per cent"),
    "a pull of no gap": ("layers.yaml", "gap_pull: days.output", "gap_pull: jobs.adverts", "unknown gap 'jobs.adverts'; valid are: days.output"),  # noqa: E501
    "a pull by a flag": ("layers.yaml", "gap_pull: days.output", "gap_pull: true", "valid string"),
    "a layer called the whole": ("layers.yaml", "  jobs:\n", "  stack:\n", "means all layers together"),
    "a layer called like a claim": ("layers.yaml", "  jobs:\n", "  H1:\n", "the name of a claim too"),
    "a negative scale": ("layers.yaml", "per_unit: 100", "per_unit: -100", "greater than 0"),
    "an unknown criterion": ("debate.yaml", "criterion: any-day", "criterion: any-days", "did you mean 'any-day'?"),
    "no criterion": ("debate.yaml", "criterion: any-day\n", "", "name one as `criterion`"),
    "sides of one name": ("debate.yaml", "name: office", "name: home", "need two names"),
    "a side called neutral": ("debate.yaml", "name: office", "name: neutral", "neither may be 'neutral'"),
    "horizons in disorder": ("debate.yaml", "near: 2024-Q4", "near: 2026-Q4", "near must come before far"),
    "a horizon before the figures": ("debate.yaml", "near: 2024-Q4", "near: 1999-Q4", "where measurement.yaml starts"),
    "the horizon of format 1": ("measurement.yaml", "format: 2\n", "format: 2\nhorizon: 2025-Q4\n", "unknown key 'horizon'"),  # noqa: E501
    "evaluation in disorder": ("debate.yaml", "format: 2\n", "format: 2\nevaluation: {seen: [{until: 2023-01-01, reason: a}, {until: 2022-01-01, reason: b}]}\n", "come in order"),  # noqa: E501
    "released before the last seen": ("debate.yaml", "format: 2\n", "format: 2\nevaluation: {seen: [{until: 2022-01-01, reason: a}], released: 2021-01-01}\n", "come in order"),  # noqa: E501
    "seen without a reason": ("debate.yaml", "format: 2\n", "format: 2\nevaluation: {seen: [{until: 2022-01-01}]}\n", "required key 'reason' is missing"),  # noqa: E501
    "an essay without its day": ("debate.yaml", "  day: 2020-06-12\n", "", "required key 'day' is missing"),
    "words that nobody wrote": ("debate.yaml", "question: How much office work is done at home?", "question: <to be written>", "question: `stackcast migrate` could not know this: write it"),  # noqa: E501
    "another format": ("debate.yaml", "format: 2", "format: 3", "a later one wrote this, so upgrade"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_named_with_file_and_line(folder, signals, case):
    name, old, new, words = CASES[case]
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(ProblemsFound) as found:
        load_priors(folder, signals)
    mine = [p for p in found.value.problems if words in p.message]
    assert mine, str(found.value)
    assert mine[0].path == path
    # a rule on a whole entry names the entry's first line
    assert -12 <= mine[0].line - line <= 1 + new.count("\n"), (mine[0], line)


@pytest.mark.parametrize("name", ["neutral", "all", "Home"])
def test_a_prior_scenario_may_not_be_called_everything(folder, signals, name):
    (folder / "scenarios" / "home.yaml").rename(folder / "scenarios" / f"{name}.yaml")
    with pytest.raises(InputError, match=rf"{name}\.yaml:\d+:1: a prior scenario's file is named in lower case"):
        load_priors(folder, signals)


def test_prior_scenarios_are_those_of_the_folder_the_sides_first(folder, signals):
    for name in ("boss", "zeal"):
        shutil.copy(folder / "scenarios" / "home.yaml", folder / "scenarios" / f"{name}.yaml")
    assert list(load_priors(folder, signals).prior_scenarios) == ["neutral", "home", "office", "boss", "zeal"]
    shutil.rmtree(folder / "scenarios")
    priors = load_priors(folder, signals)
    assert list(priors.prior_scenarios) == ["neutral"]
    assert set(priors.prior_scenarios["neutral"].multipliers.values()) == {1.0}


def test_what_a_prior_scenario_does_not_name_stays(folder, signals):
    path = folder / "scenarios" / "home.yaml"
    path.write_text(path.read_text().replace("{home: 1.5, office: 0.5}", "{office: 0.5}"))
    found = load_priors(folder, signals).prior_scenarios["home"]
    assert found.means == {"H1": 1.0, "O1.learning": -0.5, "O1.control": 0.0}
    assert found.multipliers == {"H1": 1.0, "O1.learning": 0.5, "O1.control": 1.0}


def test_a_facet_has_one_reference_at_the_criterion(folder, signals):
    path = folder / "debate.yaml"
    path.write_text(path.read_text().replace("criterion: any-day", "criterion: full-time"))
    assert load_priors(folder, signals).debate.criterion == "full-time", "its sensitivity signal takes the place"
    slug, signal = next((s, d) for s, d in signals.items() if d.role == "sensitivity")
    fewer = signals | {slug: signal.model_copy(update={"role": "context"})}
    with pytest.raises(InputError, match=r"layers\.yaml:\d+:3: facet 'jobs.adverts' needs exactly one reference at"):
        load_priors(folder, fewer)


def test_a_debate_whose_signals_have_no_criterion_declares_none(folder, signals):
    plain = {slug: signal.model_copy(update={"criterion": None}) for slug, signal in signals.items()}
    plain = {slug: signal for slug, signal in plain.items() if signal.role != "sensitivity"}
    with pytest.raises(InputError, match=r"debate\.yaml:\d+:1: .*no signal in signals.yaml has a criterion"):
        load_priors(folder, plain)
    path = folder / "debate.yaml"
    path.write_text(path.read_text().replace("criterion: any-day\n", ""))
    assert load_priors(folder, plain).debate.criterion is None


def test_a_claim_of_the_low_side_speaks_against_the_high_one():
    sides = Sides.model_validate({"high": {"name": "a", "title": "a"}, "low": {"name": "b", "title": "b"}})
    assert [sides.sign(name) for name in ("a", "b", "neutral")] == [1, -1, 1]
    assert [sides.toward(x).name for x in (0.1, -0.1)] == ["a", "b"]
