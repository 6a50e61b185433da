"""The page as text: order, self-containment, escaping, and what it says where there is no result."""

import dataclasses
import datetime as dt
import re

import pytest

from stackcast.cli.app import run as command
from stackcast.errors import GateRefused
from stackcast.explain.compare import headline_moves
from stackcast.observations.staleness import stale_signals
from stackcast.quarters import Quarter
from stackcast.report.marks import figure
from stackcast.report.page.build import FIGURES, PAGE, sections_of, write_page
from stackcast.report.page.parts import PARTS, verdict, watch
from stackcast.report.page.render import policy, render
from stackcast.report.page.section import Chance, Link, Missing, Noted, Section, Source, Table
from stackcast.report.page.words import likelihood, listed
from stackcast.runs.folder import Run
from stackcast.scenario.schema import read_scenarios
from stackcast.sources import pullers
from tests.support import BAD_GATES, TOY, canned_run
from tests.toy import EARLIER, TODAY

CHARTS = ("openness", "pulls", "path", "scenarios", "signals", "skill")
ORDER = [
    "verdict",
    "openness",
    "claims",
    "changes",
    "watch",
    "scenarios",
    "signals",
    "questions",
    "prior_scenarios",
    "record",
    "evidence",
    "method",
]


def test_the_answer_leads_and_the_evidence_ends(sections):
    assert list(sections) == ORDER
    assert len(PARTS) == len(ORDER) + 1, "all but that of earlier stacks, which this debate has not"
    assert re.search(r"P\(home share above one half\) = .*%", sections["verdict"].finding)
    assert "2025" in sections["verdict"].finding
    assert all(s.finding for s in sections.values())


def test_every_part_has_something_to_show(sections):
    for section in list(sections.values())[1:]:
        missing = [b.command for b in section.blocks if isinstance(b, Missing)]
        assert missing in ([], ["stackcast calibrate"], ["stackcast fit"])
        assert len(section.blocks) > len(missing)


def test_a_part_without_a_result_names_the_command(project, tmp_path):
    lonely = canned_run(project, tmp_path, TODAY)
    found = {s.name: s for s in sections_of(lonely, project, tmp_path)}
    commands = {n: [b.command for b in s.blocks if isinstance(b, Missing)] for n, s in found.items()}
    assert commands["changes"] == ["stackcast fit --as-of DATE"]
    assert commands["prior_scenarios"] == ["stackcast fit --prior-scenario all"]
    assert commands["scenarios"] == ["stackcast fit"]
    assert commands["record"] == ["stackcast backtest", "stackcast calibrate"]


def test_it_is_one_small_file_that_asks_for_nothing(page_file):
    text = page_file.read_text()
    assert len(text.encode()) < 5_000_000
    markup = re.sub(r"<script>.*?</script>|<script type.*?</script>", "", text, flags=re.S)
    assert not re.search(r"""(?:src|href)=["'](?!#|data:|https?://)""", markup)
    assert not re.search(r"<(?:link|iframe|object|embed)\b", markup)
    assert not re.search(r"""src=["']https?:""", markup)
    assert not re.search(r"\sstyle=|\son\w+=", markup)


def test_it_credits_the_author_of_the_essay(page_file):
    text = page_file.read_text()
    link = '<a href="https://example.org/essays/the-commute-is-over" rel="noopener noreferrer"><bdi>'
    assert f"{link}Ada Ferrand, “The commute is over" in text
    assert "Rickard" not in text


def test_the_policy_allows_only_what_is_carried(page_file):
    text = page_file.read_text()
    script = re.search(r"<script>(.*?)</script>", text, re.S).group(1)
    style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
    stated = re.search(r'Security-Policy" content="([^"]*)"', text).group(1)
    assert stated.replace("&#39;", "'") == policy(script, style)
    assert "unsafe" not in stated
    assert stated.startswith("default-src &#39;none&#39;")


def test_figures_stand_beside_it(page_file):
    names = {p.name for p in (page_file.parent / FIGURES).iterdir()}
    assert {f"{chart}.{kind}" for chart in CHARTS for kind in ("svg", "png")} == names


def test_hostile_text_stays_text():
    attack = "</script><script>alert(1)</script>"
    cells = (attack, Link("javascript:alert(1)", attack), Chance(0.25), Noted(attack, (attack,)))
    table = Table(attack, (attack,), tuple((cell,) for cell in cells))
    text = render((Section("verdict", attack, attack, (table,)),), attack, attack, Link("javascript:alert(2)", attack))
    assert "<script>alert" not in text
    assert "javascript:" not in re.sub(r"<script>.*?</script>", "", text, flags=re.S)
    assert "&lt;script&gt;alert" in text
    assert "0.25" in text


def test_the_slider_goes_over_earlier_runs_made_the_same_way(page_run, project, page_folder):
    source = Source(page_run, project, page_folder)
    assert [r.manifest["as_of"] for r in source.siblings] == [str(EARLIER), str(TODAY)]
    early = Run(next(page_folder.glob(f"{EARLIER}-*")))
    assert Source(early, project, page_folder).siblings == [early]


def test_moves_are_those_of_the_tables(page_run, page_folder):
    early = Run(next(page_folder.glob(f"{EARLIER}-*")))
    moves = headline_moves(early, page_run).set_index("what")
    claims = page_run.table("claims")
    now = page_run.manifest["horizons"]["now"]
    stated = claims[(claims["name"] == "H1") & (claims["date"] == now)]["p_operates"].iloc[0]
    assert moves.loc["P(H1 reads above neutral)", "after"] == stated
    sizes = (moves["after"] - moves["before"]).abs()
    assert sizes.is_monotonic_decreasing


def test_the_last_figure_stands_beside_the_number_of_every_facet(sections, page_run, project):
    section = sections["openness"]
    cells = {row[0].text: row for b in section.blocks if isinstance(b, Table) and not b.folded for row in b.rows}
    facets = page_run.table("facets").drop_duplicates("name").set_index("name")
    for row in page_run.table("last_figures").to_dict("records"):
        name, now = cells[row["name"]][:2]
        assert f"last figure {figure(row, page_run.scales)}" in now.notes
        assert f"to {row['period_end']}" in now.notes
        ended = Quarter.of(dt.date.fromisoformat(row["period_end"]))
        assert ("forecast" in now.notes) == (ended < Quarter.of(page_run.as_of))
        assert ("thin" in name.notes) == bool(facets.loc[row["name"], "thin"])
    stack = page_run.table("layers").set_index("name").loc["stack"].iloc[0]
    now = cells[project.priors.debate.whole.capitalize()][1]
    assert ("forecast" in now.notes) == (stack["stands_on"] == "forecast")
    options = dict(section.blocks[0].controls[0].options)
    assert all(("thin" in options[n]) == thin for n, thin in facets["thin"].items() if n in options)


def test_the_verdict_calls_today_a_forecast_where_it_is_one(page_run, project, page_folder, monkeypatch):
    source, real = Source(page_run, project, page_folder), Run.table
    n = sum(facet.kind == "share" for facet in project.priors.facets.values())
    for stands in ("forecast", "figure"):

        def told(self, name, stands=stands):
            table = real(self, name)
            return table.assign(stands_on=stands) if "stands_on" in table else table

        monkeypatch.setattr(Run, "table", told)
        said = f"itself a forecast: the last figure of {n} of {n} shares is from before this quarter"
        assert (said in verdict.section(source).finding) == (stands == "forecast")


def test_the_page_lists_what_check_lists_as_of_its_date(page_run, project, page_folder):
    rows = project.observations.rows
    silent = "spare-room-rent-ratio"
    early = (rows["signal"] != silent) | (rows["period_end"] < f"{TODAY.year - 1}")
    fallen = dataclasses.replace(project, observations=dataclasses.replace(project.observations, rows=rows[early]))
    section = watch.section(Source(page_run, fallen, page_folder))
    rows = [row for b in section.blocks if isinstance(b, Table) and "command" in b.columns for row in b.rows]
    expected = stale_signals(fallen.observations, TODAY, pullers(fallen.observations.signals))
    assert [s.signal for s in expected] == [silent]
    assert [(row[2], row[3]) for row in rows] == [(s.publisher, s.command) for s in expected]


def test_a_failed_run_has_no_page(project, tmp_path):
    failed = canned_run(project, tmp_path, TODAY, gates=BAD_GATES)
    with pytest.raises(GateRefused):
        write_page(failed, project, tmp_path, tmp_path / PAGE)
    assert not (tmp_path / PAGE).exists()


def test_every_figure_is_the_librarys_own(page_run, project, charts):
    import altair
    from matplotlib.figure import Figure

    from stackcast.report import plots_of

    assert set(charts) == set(CHARTS)
    assert all(isinstance(chart, altair.TopLevelMixin) for chart in charts.values())
    assert isinstance(plots_of(page_run, project)["layers"](), Figure)


def test_the_waterfall_ends_where_the_quantity_stands(charts):
    spec = charts["path"].to_dict()
    rows = [row for data in spec["datasets"].values() for row in data]
    steps = [row for row in rows if "change" in row]
    start = next(row["after"] for row in rows if row["name"] == "prior")
    assert len(steps) == 2
    assert start + sum(row["change"] for row in steps) == pytest.approx(steps[-1]["after"])


def test_scenarios_are_those_of_the_command(sections, project):
    section = sections["scenarios"]
    rows = section.blocks[1].rows
    titles = [s.title for s in read_scenarios("arguments", project, TODAY, dt.date(2025, 12, 31))]
    assert [row[0] for row in rows[:: len(rows) // len(titles)]] == titles
    assert all(title in str(section.blocks[0].spec) for title in titles)


@pytest.mark.parametrize(
    ("p", "word"), [(0.001, "almost certainly not"), (0.5, "about as likely as not"), (1.0, "almost certainly")]
)
def test_words_go_with_probabilities(p, word):
    assert likelihood(p) == word


def test_lists_read_as_sentences():
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_the_command_writes_the_page_and_plots(page_folder, page_run, tmp_path, capsys):
    shared = ["--out", str(page_folder), "--project", str(TOY)]
    assert command(["report", page_run.name, "--to", str(tmp_path / "a.html"), *shared]) == 0
    assert (tmp_path / "a.html").stat().st_size > 500_000
    assert command(["plot", "tug_of_war", page_run.name, "--to", str(tmp_path), *shared]) == 0
    assert (tmp_path / "tug_of_war.svg").is_file()
    assert (tmp_path / "tug_of_war.png").is_file()
    assert command(["plot", "facet", page_run.name, "--to", str(tmp_path), *shared]) == 2
    assert "did you mean 'facets'" in capsys.readouterr().err
