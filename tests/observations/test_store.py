"""The shipped observations hold what the design promises, and a spoilt project is refused whole."""

import csv
import random

import pandas as pd
import pytest

from stackcast.errors import InputError, ProblemsFound
from stackcast.forecast.claims import support
from stackcast.observations.store import load_observations
from tests.support import TODAY


def periods(rows):
    return rows.drop_duplicates(["signal", "period_start", "period_end"])


def test_the_shipped_data_are_as_many_as_promised(project, rows):
    signals = project.observations.signals
    assert len(signals) >= 35
    assert len(periods(rows)) >= 250
    dates = periods(rows)["signal"].value_counts()
    assert len({signals[s].family for s in dates.index if dates[s] >= 3}) >= 18


def test_every_row_has_a_source_and_an_id_of_its_own(rows):
    assert rows["source_url"].str.match(r"^(https?://|pkg:)").all()
    assert rows["id"].is_unique
    assert rows[["value", "period_start", "period_end", "published"]].notna().all().all()


def test_every_claim_has_two_families_or_is_marked_thin(design, observed):
    table = support(design, observed).set_index("name")
    assert set(project_claims(design)) <= set(table.index)
    solid = table[~table["thin"]]
    assert (solid["families"] >= 2).all()
    assert (solid["dates"] >= 3).all()
    assert (table["thin"] == ((table["families"] < 2) | (table["dates"] < 3))).all()
    assert (table["signals"] > 0).all()


def project_claims(design):
    return design.priors.claims


def test_every_facet_has_one_reference_and_a_criterion(project):
    signals = project.observations.signals.values()
    for name, facet in project.priors.facets.items():
        assert sum(s.measures.facet == name and s.role == "reference" for s in signals) == 1
        assert facet.criterion


def test_every_definition_names_its_publisher_interest_and_licence(project):
    for slug, signal in project.observations.signals.items():
        assert signal.publisher.name, slug
        assert signal.publisher.interest, slug
        assert signal.licence, slug


def test_questions_are_about_signals_and_say_how_they_resolve(project):
    questions = project.observations.questions
    assert len({q.id for q in questions}) == len(questions) > 0
    for q in questions:
        assert q.signal in project.observations.signals
        assert q.closes >= q.period_end
        assert q.resolution
        assert q.if_unpublished


def shuffle_csv(path, rng):
    with path.open(newline="", encoding="utf-8") as handle:
        header, *body = list(csv.reader(handle))
    rng.shuffle(body)
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, lineterminator="\n").writerows([header, *body])


def test_the_order_of_rows_in_the_files_does_not_matter(copy, rows):
    rng = random.Random(5)
    for path in sorted((copy / "observations").glob("*/*.csv")):
        if path.parent.name != "labels":
            shuffle_csv(path, rng)
    shuffled = load_observations(copy / "observations", today=TODAY).rows
    pd.testing.assert_frame_equal(shuffled, rows)


def test_a_missing_file_and_a_stray_one_are_both_named(copy):
    folder = copy / "observations"
    path = folder / "models.release" / "epoch-notable-open-weights-quarterly.csv"
    path.rename(path.with_name("epoch-notable-open-weights-quarterlyy.csv"))
    with pytest.raises(ProblemsFound) as found:
        load_observations(folder, today=TODAY)
    text = str(found.value)
    assert "no observations" in text
    assert "signals.yaml:" in text
    assert "did you mean 'epoch-notable-open-weights-quarterly'?" in text


def test_a_question_about_an_unknown_signal_names_the_nearest(copy):
    path = copy / "observations" / "questions.yaml"
    text = path.read_text().replace("signal: lmarena-frontier-gap-elo", "signal: lmarena-frontier-gap-eloo", 1)
    path.write_text(text)
    line = next(i for i, x in enumerate(text.splitlines(), 1) if "gap-eloo" in x)
    with pytest.raises(ProblemsFound, match=f"questions.yaml:{line}:.*did you mean 'lmarena-frontier-gap-elo'"):
        load_observations(copy / "observations", today=TODAY)


def test_errors_of_several_files_come_together(copy):
    folder = copy / "observations"
    for part in ("models.enterprise/menlo-enterprise-open-source-share.csv", "C2/fmti-mean-score.csv"):
        path = folder / part
        path.write_text(path.read_text().replace("https://", "somewhere "))
    with pytest.raises(ProblemsFound) as found:
        load_observations(folder, today=TODAY)
    assert {p.path.name for p in found.value.problems} == {
        "menlo-enterprise-open-source-share.csv",
        "fmti-mean-score.csv",
    }
    assert found.value.exit_status == 2


def test_a_file_that_is_not_text_is_refused(copy):
    (copy / "observations" / "C2" / "fmti-mean-score.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"fmti-mean-score.csv:1:1: the file is UTF-16"):
        load_observations(copy / "observations", today=TODAY)
