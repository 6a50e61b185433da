"""From a project to a run. Fast: with draws of the prior in the sampler's place. Slow: the sampler itself."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from stackcast import pipeline
from stackcast.errors import GateRefused, StackcastError
from stackcast.files.atomic import WriteFailed
from stackcast.forecast.prior import prior_draws
from stackcast.inference import retries
from stackcast.inference.gates import Gate
from stackcast.inference.preconditioner import Preconditioner
from stackcast.inference.sample import STATS, Compiled, Sampled
from stackcast.inference.saved_preconditioner import SavedPreconditioner
from stackcast.runs.folder import DRAWS, MANIFEST, POSTERIOR, TABLES
from stackcast.runs.track_record import FILE, read_record
from stackcast.settings import FitSettings
from tests import toy
from tests.support import TOY, copy_project, load_project
from tests.toy import TODAY

project, rows, design, observed, compiled = toy.project, toy.rows, toy.design, toy.observed, toy.compiled
"""The fixtures of this module."""

METRIC_OF_ONE = SavedPreconditioner(
    np.array(["one[]"]), Preconditioner(np.ones(1), np.ones(1), np.ones((1, 1)), np.zeros(1))
)
SETTINGS = FitSettings(TODAY, chains=2, draws=150)


@pytest.fixture
def session(project, design, monkeypatch):
    """A session that samples from the prior: all else is the real flow."""

    def sample(compiled, observed, settings, progress=None, kept=None):
        drawn = prior_draws(design, observed, settings.chains * settings.draws, settings.seed)
        shape = (settings.chains, settings.draws)
        energy = np.random.default_rng(1).normal(size=shape)
        stats = {name: np.zeros(shape) for name in STATS} | {"energy": energy}
        calls.append(settings)
        starts.append(kept)
        return Sampled({k: v.reshape(*shape, *v.shape[1:]) for k, v in drawn.items()}, stats, METRIC_OF_ONE)

    calls, starts = [], []
    monkeypatch.setattr("stackcast.inference.retries.sample", sample)
    made = pipeline.Session(project, Compiled(design, None, 1))
    made.calls, made.starts = calls, starts
    return made


def test_a_run_is_written_whole_and_found_again(project, session, tmp_path):
    run = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY, command="a test")
    names = {path.name for path in run.path.iterdir()}
    assert names >= {f"{t}.csv" for t in TABLES} | {POSTERIOR, DRAWS, MANIFEST, "diagnostics.json"}
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".partial")]
    assert run.manifest["command"] == "a test"
    assert run.manifest["inputs"]["order"]["as_of"] == str(TODAY)
    before = len(session.calls)
    again = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY)
    assert again.path == run.path
    assert len(session.calls) == before, "an identical run is found, not made"
    other = pipeline.fit(project, replace(SETTINGS, seed=8), session=session, out=tmp_path, today=TODAY)
    assert other.name != run.name
    assert len(list(tmp_path.glob("*/manifest.json"))) == 2


def test_a_session_takes_another_projects_rows_without_a_new_compile(project, session, tmp_path, monkeypatch):
    monkeypatch.setattr("stackcast.inference.sample.compile_graph", lambda *_: pytest.fail("compiled anew"))
    rows = project.observations.rows
    gone = rows[rows["signal"] == "spare-room-rent-ratio"]["id"].iloc[-1]
    fewer = replace(project, observations=replace(project.observations, rows=rows[rows["id"] != gone]))
    runs = [
        pipeline.fit(each, SETTINGS, session=session, out=tmp_path / str(n), today=TODAY)
        for n, each in enumerate((project, fewer))
    ]
    ids = [set(run.table("fitted")["id"]) for run in runs]
    assert ids[0] - ids[1] == {gone}


def test_a_failed_run_is_sampled_again_and_kept_but_refused(project, session, tmp_path, monkeypatch):
    import stackcast.inference.retries as sampler

    canned = sampler.sample

    def divergent(*given):
        sampled = canned(*given)
        sampled.stats["diverging"][0, 0] = 1
        return sampled

    monkeypatch.setattr(sampler, "sample", divergent)
    run = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY)
    attempts = run.diagnostics["attempts"]
    drawn = SETTINGS.draws
    assert [(s.tune, s.target_accept, s.draws / drawn) for s in session.calls] == list(retries.ATTEMPTS)
    assert len({s.seed for s in session.calls}) == len(retries.ATTEMPTS)
    assert all("divergences" in attempt["failed"] for attempt in attempts)
    assert not run.passed
    with pytest.raises(GateRefused, match="divergences is 1"):
        run.require_passed()
    assert not (tmp_path / FILE).exists(), "a failed run is never a published headline"


@pytest.fixture
def lenient(monkeypatch):
    """Gates that draws of the prior pass."""
    fine = Gate("any", 0.0, "as if so few draws of the prior were a posterior's", True)
    monkeypatch.setattr("stackcast.inference.gates.coverage_gate", lambda *_: fine)
    monkeypatch.setattr("stackcast.inference.retries.mixing_gates", lambda *_: [fine])


def test_a_run_may_reuse_the_latest_passed_runs_preconditioner(project, session, tmp_path, lenient):
    cold = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY)
    assert session.starts == [None]
    warm = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY, reuse_preconditioner=True)
    assert warm.name != cold.name
    assert warm.manifest["inputs"]["preconditioner"] == cold.name
    assert session.starts[-1].labels.tolist() == ["one[]"]
    assert (session.calls[-1].tune, session.calls[-1].target_accept) == retries.REUSING[:2]
    assert [attempt["preconditioner"] for attempt in warm.diagnostics["attempts"]] == ["saved"]


def test_without_an_earlier_run_there_is_no_preconditioner_to_reuse(project, session, tmp_path, lenient):
    run = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY, reuse_preconditioner=True)
    assert run.manifest["inputs"]["preconditioner"] == "pilot"
    assert session.starts == [None]


def test_where_a_saved_preconditioner_fails_a_gate_the_retry_schedule_begins_without_it(
    project, session, tmp_path, lenient, monkeypatch
):
    import stackcast.inference.retries as sampler

    pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY)
    canned = sampler.sample

    def divergent_when_kept(*given):
        sampled = canned(*given)
        sampled.stats["diverging"][0, 0] = given[4] is not None
        return sampled

    monkeypatch.setattr(sampler, "sample", divergent_when_kept)
    run = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY, reuse_preconditioner=True)
    assert [attempt["preconditioner"] for attempt in run.diagnostics["attempts"]] == ["saved", "pilot"]
    assert run.passed


def test_only_a_forecast_of_its_own_day_enters_the_track_record(project, session, tmp_path, lenient):
    for change in ({"today": date(2023, 12, 1)}, {"effects_on": False}, {"prior_scenario": "home"}):
        today = change.pop("today", TODAY)
        assert pipeline.fit(project, replace(SETTINGS, **change), session=session, out=tmp_path, today=today).passed
    assert not (tmp_path / FILE).exists()
    made = pipeline.fit(project, replace(SETTINGS, seed=5), session=session, out=tmp_path, today=TODAY)
    assert {line.split(",")[1] for line in (tmp_path / FILE).read_text().splitlines()[1:]} == {made.name}


def test_a_headline_whose_process_died_enters_the_record_with_the_next_fit(
    project, session, tmp_path, lenient, monkeypatch
):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "append_headline", killed)
        with pytest.raises(KeyboardInterrupt):
            pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY)
    assert not (tmp_path / FILE).exists()
    run = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY)
    assert len(session.calls) == 1, "the run is found"
    assert set(read_record(tmp_path)["run"]) == {run.name}


def test_an_equal_run_that_was_finished_meanwhile_is_found(project, session, tmp_path, lenient, monkeypatch):
    canned, others = retries.sample, []

    def slow(*given):
        if not others:
            others.append(None)
            others[0] = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY)
            (others[0].path / "theirs").touch()
        return canned(*given)

    monkeypatch.setattr("stackcast.inference.retries.sample", slow)
    run = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY)
    assert run.path == others[0].path
    assert (run.path / "theirs").exists(), "the other's run stays"
    assert len(set(read_record(tmp_path)["run"])) == 1


def test_a_damaged_run_is_made_again(project, session, tmp_path, lenient):
    run = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY)
    (run.path / "facets.csv").write_text("name")
    again = pipeline.fit(project, SETTINGS, session=session, out=tmp_path, today=TODAY)
    assert (again.name, len(session.calls)) == (run.name, 2)
    assert len(again.facets)


def test_nothing_is_sampled_for_a_folder_that_cannot_be_written(project, session, tmp_path):
    (tmp_path / "runs").touch()
    with pytest.raises(WriteFailed, match="is a file, where a folder is needed"):
        pipeline.fit(project, SETTINGS, session=session, out=tmp_path / "runs", today=TODAY)
    assert session.calls == []


def test_a_disk_that_fills_up_leaves_nothing(project, session, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("stackcast.runs.draws.write_draws", full)
    with pytest.raises(StackcastError, match=r"No space left on device.*nothing was kept"):
        pipeline.fit(project, SETTINGS, session=session, out=tmp_path / "runs", today=TODAY)
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.fixture(scope="module")
def twice(project, compiled, tmp_path_factory):
    """Two real runs with the same settings in two folders, one attempt each."""
    found = []
    for name in ("first", "second"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(retries, "ATTEMPTS", retries.ATTEMPTS[:1])
            session = pipeline.Session(project, compiled)
            out = tmp_path_factory.mktemp(name)
            found.append(pipeline.fit(project, replace(SETTINGS, draws=300), session=session, out=out, today=TODAY))
    return found


@pytest.mark.slow
def test_the_same_settings_give_the_same_tables_byte_for_byte(twice):
    first, second = twice
    assert first.name == second.name
    for table in TABLES:
        assert (first.path / f"{table}.csv").read_bytes() == (second.path / f"{table}.csv").read_bytes(), table
    gates = [json.dumps(run.diagnostics["gates"]) for run in twice]
    assert gates[0] == gates[1]


@pytest.mark.slow
def test_a_real_run_is_drawn_and_reads_back(twice, project):
    from stackcast.report.headline import headline
    from stackcast.report.plots import draw_all

    run = twice[0]
    draw_all(run, project)
    assert len(list((run.path / "plots").glob("*.svg"))) >= 8
    assert json.dumps(headline(run), allow_nan=False)
    assert run.posterior["posterior"]["equilibrium"].shape[:2] == (2, 300)


@pytest.mark.slow
def test_a_facet_stands_on_its_reference(twice, project):
    """A well-measured reference has its latest observation in that quarter's interval, or keeps a floor."""
    facets, rows = twice[0].table("facets"), project.observations.rows
    checked = 0
    for slug, signal in project.observations.signals.items():
        if signal.role != "reference" or signal.likelihood not in ("counts", "share"):
            continue
        latest = rows[rows["signal"] == slug].sort_values(["period_end", "published"]).iloc[-1]
        quarter = f"{latest['period_end'].year}-Q{latest['period_end'].quarter}"
        place = facets[(facets["name"] == signal.measures.facet) & (facets["quarter"] == quarter)].iloc[0]
        value, lower, upper = (float(latest[c]) / signal.per_unit for c in ("value", "lower", "upper"))
        floor = lower == value and np.isnan(upper)
        margin = 0.05 + (0.0 if signal.likelihood == "share" else 1.64 * (0.25 / latest["denominator"]) ** 0.5)
        assert value <= place["q95"] + margin, slug
        assert floor or place["q05"] - margin <= value, slug
        checked += 1
    assert checked == 3


@pytest.mark.slow
def test_a_share_of_none_with_a_bound_is_fitted_as_a_ceiling(tmp_path):
    root = copy_project(tmp_path / "toy", TOY)
    table = root / "observations" / "days.home" / "time-diary-never-home.csv"
    written = table.read_text(encoding="utf-8")
    old = "2023-11-09,79.7,,,2967,,,"
    assert old in written
    table.write_text(written.replace(old, "2023-11-09,0,,,2967,,0.5,"), encoding="utf-8")
    project = load_project(root)
    run = pipeline.fit(project, replace(SETTINGS, draws=300), out=tmp_path / "runs", today=TODAY)
    drawn = run.posterior["posterior"].dataset
    assert all(np.isfinite(drawn[name].values).all() for name in drawn.data_vars)
    fitted = run.table("fitted")
    assert fitted.loc[fitted["id"].str.startswith("time-diary-never-home/2023-09-30"), "value"].item() == 0.0
