"""The part on the record: unseen outcomes first, both yardsticks, every published run, and what was seen."""

import dataclasses
from datetime import date

import pandas as pd

from stackcast.priors.debate import Evaluation, SeenUntil
from stackcast.report.page.parts.record import section
from stackcast.report.page.section import Prose, Source, Table
from stackcast.runs.track_record import append_headline
from tests.report.page.conftest import SKILL
from tests.toy import TODAY

DAY = date(2023, 3, 31)


def source_with(run, project, folder, table):
    (folder / "backtest").mkdir()
    table.to_csv(folder / "backtest" / "skill.csv", index=False)
    seen = (SeenUntil(until=DAY, reason="the structure was chosen on these."),)
    debate = project.priors.debate.model_copy(update={"evaluation": Evaluation(seen=seen, released=date(2023, 9, 30))})
    return Source(run, dataclasses.replace(project, priors=dataclasses.replace(project.priors, debate=debate)), folder)


def apart():
    """A skill table that tells seen and unseen outcomes apart; the model is worse on what nobody had seen."""
    whole = SKILL[SKILL["name"] == "overall"].assign(log_score=0.12, log_score_median=0.05)
    unseen = whole.assign(kind="unseen", name=f"unseen, after {DAY}: overall", relative_crps=1.21, low=1.02, high=1.4)
    return pd.concat([SKILL, whole.assign(kind="seen", name=f"seen, by {DAY}: overall"), unseen], ignore_index=True)


def test_unseen_outcomes_come_first_in_the_finding_and_in_the_table(page_run, project, tmp_path):
    found = section(source_with(page_run, project, tmp_path, apart()))
    first, second = found.finding.index("unseen, after 2023-03-31"), found.finding.index("(seen, by 2023-03-31")
    assert first < second
    assert "lost to persistence (1.21, 1.02 to 1.40), and lost to local level (1.21" in found.finding
    assert "beat persistence (0.80, 0.60 to 0.95)" in found.finding
    table = next(b for b in found.blocks if isinstance(b, Table) and "Relative CRPS" in b.caption)
    assert [row[0] for row in table.rows][:3] == [
        "unseen, after 2023-03-31: overall",
        "seen, by 2023-03-31: overall",
        "overall",
    ]
    assert table.rows[0][table.columns.index("log score over local_level")] == "+0.12, +0.05"
    assert {"persistence", "local_level"} <= set(table.columns)
    said = " ".join(b.text for b in found.blocks if isinstance(b, Prose))
    assert "Seen until 2023-03-31: the structure was chosen on these." in said
    assert "kept from those who chose until 2023-09-30" in said


def test_a_debate_that_declares_nothing_tells_nothing_apart(page_run, project, tmp_path):
    found = section(dataclasses.replace(source_with(page_run, project, tmp_path, SKILL), project=project))
    assert "unseen" not in found.finding
    assert found.finding.startswith("Over 40 past forecasts (overall) the model beat persistence (0.80, 0.60 to 0.95)")
    assert not [b for b in found.blocks if isinstance(b, Prose)]


def test_every_published_run_stands_on_the_page_with_its_score(page_run, project, tmp_path):
    source = source_with(page_run, project, tmp_path, SKILL)
    assert not [b for b in section(source).blocks if isinstance(b, Table) and "published run" in b.caption]
    append_headline(tmp_path, page_run, TODAY)
    table = next(b for b in section(source).blocks if isinstance(b, Table) and "published run" in b.caption)
    asked = len(page_run.questions)
    assert [list(row) for row in table.rows] == [
        [str(TODAY), page_run.name, f"0 of {asked}", "none yet", "none yet", "the latest answers"]
    ]
