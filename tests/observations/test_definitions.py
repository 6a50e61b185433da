"""Definitions change in place: history stays, comments stay, and a project that would not load is never left behind."""

import pytest

from stackcast.cli.app import run
from stackcast.errors import InputError
from stackcast.observations.definitions import renamed, retired
from stackcast.project import Project, change_observations
from tests.support import TODAY, TOY, canned_run, copy_project, latest_day

OLD, NEW = "lmarena-frontier-gap-elo", "arena-gap"
SCAFFOLD = [
    "signal", "new", "acme-open-share", "--facet", "models.enterprise", "--title", "Open share: Acme's clients",
    "--definition", "Clients whose main model has open weights; all others are closed.", "--population", "clients",
    "--unit", "share of clients", "--publisher", "Acme", "--interest", "sells # hosting", "--licence", "facts only",
]  # fmt: skip


@pytest.fixture
def quick(copy, monkeypatch):
    monkeypatch.setattr("stackcast.project.utc_today", lambda: TODAY)
    return copy


def lines(folder, name="signals.yaml"):
    return (folder / "observations" / name).read_text().splitlines()


def test_a_new_name_keeps_rows_ids_questions_and_every_comment(quick):
    before = Project.load(quick, today=TODAY)
    old_lines = lines(quick)
    change_observations(quick, lambda folder: renamed(folder, OLD, NEW), today=TODAY)
    after = Project.load(quick, today=TODAY)
    mine = after.observations.of(NEW)
    assert mine["id"].tolist() == before.observations.of(OLD)["id"].tolist()
    assert mine["value"].tolist() == before.observations.of(OLD)["value"].tolist()
    assert after.observations.signals[NEW].former_names == (OLD,)
    assert OLD not in after.observations.signals
    asked = [q.id for q in before.observations.questions if q.signal == OLD]
    assert [q.id for q in after.observations.questions if q.signal == NEW] == asked != []
    new_lines = lines(quick)
    assert set(old_lines) - set(new_lines) == {f"  {OLD}:"}
    assert set(new_lines) - set(old_lines) == {f"  {NEW}:", f"    former_names: [{OLD}]"}


def test_a_name_may_change_twice_and_back(quick):
    for old, new in ((OLD, NEW), (NEW, "third"), ("third", OLD)):
        change_observations(quick, lambda folder, a=old, b=new: renamed(folder, a, b), today=TODAY)
    found = Project.load(quick, today=TODAY).observations.signals[OLD]
    assert set(found.former_names) == {NEW, "third"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("lmarena-frontier-gap-el", NEW, f"did you mean '{OLD}'"),
        (OLD, "aa-index-gap-points", "is, or once was, the name"),
        (OLD, "Not A Slug", "signals.yaml"),
    ],
)
def test_a_bad_new_name_changes_nothing(quick, old, new, words):
    before = {p: p.read_bytes() for p in (quick / "observations").rglob("*") if p.is_file()}
    with pytest.raises(InputError, match=words):
        change_observations(quick, lambda folder: renamed(folder, old, new), today=TODAY)
    assert {p: p.read_bytes() for p in (quick / "observations").rglob("*") if p.is_file()} == before


def test_an_older_run_finds_a_renamed_signal(toy, tmp_path):
    from stackcast.explain.figure_draws import kept_figure

    old, day = "spare-room-rent-ratio", latest_day(TOY / "observations")
    root = copy_project(tmp_path / "project", TOY)
    before = Project.load(root, today=day)
    draws = canned_run(toy, tmp_path / "runs", day, draws=20).draws
    row = before.observations.of(old).iloc[-1]
    wanted = kept_figure(draws, row, before.observations.signals, before.priors)
    change_observations(root, lambda folder: renamed(folder, old, NEW), today=day)
    after = Project.load(root, today=day)
    found = kept_figure(draws, after.observations.of(NEW).iloc[-1], after.observations.signals, after.priors)
    assert found.mu.tolist() == wanted.mu.tolist()


def test_a_retired_signal_keeps_its_rows_and_takes_no_more(quick, capsys):
    why = 'it ended: "for good"'
    before = Project.load(quick, today=TODAY).observations.of(OLD)
    change_observations(quick, lambda folder: retired(folder, OLD, why, TODAY), today=TODAY)
    after = Project.load(quick, today=TODAY)
    assert after.observations.signals[OLD].retired.why == why
    assert after.observations.of(OLD)["id"].tolist() == before["id"].tolist()
    with pytest.raises(InputError, match=f"was retired on {TODAY}"):
        retired(quick / "observations", OLD, "again", TODAY)
    flags = ["--period", "2026-10", "--value", "20", "--published", str(TODAY), "--source", "https://a.b/c", "--yes"]
    assert run(["observe", OLD, *flags, "--project", str(quick)]) == 2
    assert f"the signal was retired on {TODAY}" in capsys.readouterr().err


def test_a_new_signal_works_without_a_change_of_code(quick, capsys):
    assert run([*SCAFFOLD, "--project", str(quick)]) == 0
    loaded = Project.load(quick)
    signal = loaded.observations.signals["acme-open-share"]
    assert (signal.measures.facet, signal.role, signal.publisher.interest) == (
        "models.enterprise",
        "secondary",
        "sells # hosting",
    )
    assert loaded.observations.of("acme-open-share").empty
    assert run(["check", "--project", str(quick)]) == 0
    row = ["--period", "2026-Q2", "--value", "0.2", "--published", "2026-08-01", "--source", "https://a.b/c", "--yes"]
    assert run(["observe", "acme-open-share", *row, "--project", str(quick)]) == 0
    from stackcast.graph.data import observe_as_of
    from stackcast.graph.design import build_design

    again = Project.load(quick)
    rows = again.observations.rows
    design = build_design(rows, again.observations.signals, again.priors, TODAY)
    assert "acme-open-share" in design.secondary_signals
    assert "acme-open-share" in set(observe_as_of(design, rows, TODAY).rows["signal"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"--facet": None}, "exactly one of 'facet' and 'claim'"),
        ({"--facet": "models.enterprize"}, "did you mean 'models.enterprise'"),
        ({"--likelihood": "gap"}, "a gap cannot measure the share"),
        ({"--title": None}, "missing: --title"),
        ({"--sign": "up"}, "must be [+] or -"),
    ],
)
def test_a_signal_that_measures_nothing_is_refused(quick, capsys, changes, words):
    import re

    flags = dict(zip(SCAFFOLD[3::2], SCAFFOLD[4::2], strict=True)) | changes
    given = [part for flag, value in flags.items() if value is not None for part in (flag, value)]
    before = lines(quick)
    assert run([*SCAFFOLD[:3], *given, "--project", str(quick)]) == 2
    assert re.search(words, capsys.readouterr().err)
    assert lines(quick) == before


def test_an_indicator_needs_its_intercept_prior(quick, capsys):
    start = [*SCAFFOLD[:3], *SCAFFOLD[5:], "--claim", "C2"]
    assert run([*start, "--project", str(quick)]) == 2
    assert "an indicator needs an intercept prior" in capsys.readouterr().err
    more = ["--neutral", "0.3:0.5:0.8", "--reason", "half of such firms do in any case", "--project", str(quick)]
    assert run([*start, *more]) == 0
    assert Project.load(quick).observations.signals["acme-open-share"].neutral.one_unit == 0.8


def test_the_shipped_format_is_the_current_one(tmp_path, capsys):
    project = copy_project(tmp_path / "p")
    assert run(["migrate", "--project", str(project)]) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_an_older_format_is_named_and_migrated_by_command(quick, capsys):
    folder = quick / "observations"
    for name in ("signals.yaml", "questions.yaml"):
        path = folder / name
        path.write_text(path.read_text().replace("format: 3", "format: 1", 1))
    (folder / "retractions.csv").unlink()
    labels = folder / "labels" / "models.csv"
    head = labels.read_text().splitlines()[0]
    old = [
        "Org/Some-Model,open,any-weights,2025-03-01,https://a.b/c,",
        "some-model,open,any-weights,2025-01-01,https://a.b/c,",
    ]
    labels.write_text("\n".join([head, *old]) + "\n")
    with pytest.raises(InputError, match="run `stackcast migrate`"):
        Project.load(quick)
    assert run(["check", "--project", str(quick)]) == 2
    assert run(["migrate", "--project", str(quick)]) == 0
    assert Project.load(quick).observations.rows["retracted"].isna().all()
    assert labels.read_text().splitlines()[1:] == ["some-model,open,any-weights,2025-01-01,https://a.b/c,"]


def test_a_later_format_asks_for_a_later_program(quick, capsys):
    path = quick / "observations" / "signals.yaml"
    path.write_text(path.read_text().replace("format: 3", "format: 4", 1))
    assert run(["check", "--project", str(quick)]) == 2
    assert "a later one wrote this, so upgrade" in capsys.readouterr().err
    assert run(["migrate", "--project", str(quick)]) == 2
    assert "upgrade" in capsys.readouterr().err
