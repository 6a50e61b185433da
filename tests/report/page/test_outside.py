"""Events and others' probabilities on the page: escaped, and beside ours only where both ask the same."""

import dataclasses
import shutil

import pytest

from stackcast.observations.events import Event
from stackcast.observations.markets import Market
from stackcast.report.page.parts import openness, questions, record
from stackcast.report.page.render import render
from stackcast.report.page.section import Chart, Link, Source, Table
from stackcast.report.plots import plots_of
from stackcast.runs.folder import Run
from stackcast.runs.track_record import append_headline
from tests.toy import TODAY

QUESTION = "home-days-2024-q4-above-30"
ATTACK = "</script><script>alert(1)</script>"


def market(**changed):
    plain = {"day": TODAY, "market": "A market", "asked": "The same?", "outcome": "yes", "probability": 0.61,
             "closes": "2025-01-31", "question": QUESTION, "source_url": "https://example.org/m"}  # fmt: skip
    return Market.model_validate(plain | changed)


def changed(project, **fields):
    return dataclasses.replace(project, observations=dataclasses.replace(project.observations, **fields))


def captions(section):
    return [b.caption for b in section.blocks if isinstance(b, Table)]


def table_of(section, words):
    return next(b for b in section.blocks if isinstance(b, Table) and words in b.caption)


def test_every_event_up_to_the_run_is_listed_with_its_source(page_run, project, page_folder):
    section = openness.section(Source(page_run, project, page_folder))
    table = table_of(section, "never fitted")
    links = [row[-1] for row in table.rows]
    assert len(links) == sum(e.date <= TODAY for e in project.observations.events)
    assert all(isinstance(link, Link) and link.safe for link in links)
    assert "events that bear on the layer" in next(b for b in section.blocks if isinstance(b, Chart)).alt


def test_without_events_the_page_says_nothing_of_them(page_run, project, page_folder):
    section = openness.section(Source(page_run, changed(project, events=()), page_folder))
    assert not any("Events" in caption for caption in captions(section))
    assert "events" not in next(b for b in section.blocks if isinstance(b, Chart)).alt


def test_the_text_of_events_and_markets_stays_text(page_run, project, page_folder):
    bad = Event.model_construct(date=TODAY, title=ATTACK, claims=(ATTACK,), layer="jobs", headline="yes",
                                source_url="javascript:alert(1)", note=ATTACK)  # fmt: skip
    said = market(asked=ATTACK, market=ATTACK, note=ATTACK, question=None)
    source = Source(page_run, changed(project, events=(bad,), markets=(said,)), page_folder)
    text = render(
        (openness.section(source), questions.section(source)), "title", "subtitle", Link("https://a.b/c", "credit")
    )
    assert "<script>alert" not in text
    assert "javascript:alert" not in text
    assert "&lt;script&gt;alert" in text


def test_what_is_only_related_stands_apart_and_is_not_scored(page_run, project, page_folder):
    source = Source(page_run, changed(project, markets=(market(question=None),)), page_folder)
    assert [row[0] for row in table_of(questions.section(source), "never scored").rows] == ["The same?"]
    assert "others" not in table_of(questions.section(source), "the answer is yes").columns
    assert not any("public market" in caption for caption in captions(record.section(source)))


def test_without_markets_neither_part_speaks_of_them(page_run, project, page_folder):
    source = Source(page_run, changed(project, markets=()), page_folder)
    assert not any("others" in caption for caption in captions(questions.section(source)))
    assert not any("public market" in caption for caption in captions(record.section(source)))


@pytest.fixture
def mapped(page_run, project, page_folder, tmp_path):
    """A folder of runs with a track record, and a project with one market that asks what we ask."""
    shutil.copytree(page_run.path, tmp_path / page_run.name)
    run = Run(tmp_path / page_run.name)
    append_headline(tmp_path, run, TODAY)
    return Source(run, changed(project, markets=(market(),)), tmp_path)


def test_a_market_that_asks_the_same_stands_beside_ours(mapped):
    table = table_of(questions.section(mapped), "the answer is yes")
    title = next(q.title for q in mapped.project.observations.questions if q.id == QUESTION)
    row = next(row for row in table.rows if row[0].startswith(title))
    assert row[-1] == Link("https://example.org/m", f"A market 0.61 ({TODAY})")
    assert [other[-1] for other in table.rows if other is not row] == [""] * (len(table.rows) - 1)


def test_until_it_resolves_the_record_shows_both_unscored(mapped):
    stated = mapped.run.table("questions").set_index("id")["probability"][QUESTION]
    (row,) = table_of(record.section(mapped), "public market").rows
    assert row[1:7] == [TODAY.isoformat(), f"{stated:.2f}", "0.61", "–", "–", "–"]


def test_when_it_has_resolved_both_are_scored(mapped):
    asked = mapped.project.observations.questions
    settled = tuple(q.model_copy(update={"settled": "happened"}) if q.id == QUESTION else q for q in asked)
    source = dataclasses.replace(mapped, project=changed(mapped.project, questions=settled))
    table = table_of(record.section(source), "public market")
    stated = source.run.table("questions").set_index("id")["probability"][QUESTION]
    (row,) = table.rows
    assert row[4:7] == ["1", f"{(stated - 1) ** 2:.3f}", f"{(0.61 - 1) ** 2:.3f}"]
    assert "mean Brier score where both are scored" in table.caption


def test_the_plot_of_the_questions_marks_it(mapped):
    figure = plots_of(mapped.run, mapped.project)["questions"]()
    diamonds = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert [line.get_xdata()[0] for line in diamonds] == [0.61]
    assert "Diamonds" in " ".join(text.get_text() for text in figure.texts)
    plain = plots_of(mapped.run, changed(mapped.project, markets=()))["questions"]()
    assert not [line for line in plain.axes[0].lines if line.get_marker() == "D"]


def test_the_command_scores_both(mapped, copy, capsys, monkeypatch):
    from stackcast.cli.app import run as command

    monkeypatch.setattr("stackcast.project.utc_today", lambda: TODAY)
    path = copy / "observations" / "questions.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"- id: {QUESTION}\n", f"- id: {QUESTION}\n    settled: happened\n"), encoding="utf-8")
    market_row = f"{TODAY},A market,The same?,yes,0.61,,2025-01-31,{QUESTION},https://example.org/m,\n"
    table = copy / "observations" / "markets.csv"
    table.write_text(table.read_text(encoding="utf-8").splitlines()[0] + "\n" + market_row, encoding="utf-8")
    assert command(["score", "--record", "--project", str(copy), "--out", str(mapped.folder)]) == 0
    out = capsys.readouterr().out
    assert f"{QUESTION}: A market said 0.61 on {TODAY}, we said" in out
    assert "came 1, Brier theirs 0.152, ours" in out
