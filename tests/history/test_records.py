"""The earlier stacks of a debate are read whole, and every line that is wrong is named with its cure."""

import math
import re

import pytest

from stackcast.cli.app import run
from stackcast.errors import ProblemsFound
from stackcast.history.records import load_history
from stackcast.project import Project
from tests.history.small import (
    CLAIMS,
    LAYERS,
    RATING_LINES,
    SHARE,
    SHARE_LINES,
    STACK,
    STACK_LINES,
    changed,
    write,
)
from tests.support import MINIMAL, TOY, copy_project, latest_day


def load(folder):
    return load_history(folder, CLAIMS, LAYERS)


def refused(folder):
    with pytest.raises(ProblemsFound) as caught:
        load(folder)
    return str(caught.value)


def test_a_debate_without_the_folder_has_no_history(tmp_path, minimal):
    assert load(tmp_path / "history") is None
    assert minimal.history is None


def test_the_tables_are_read_with_dates_in_years_and_the_lines_of_the_file(tmp_path):
    history = load(write(tmp_path / "history"))
    assert list(history.stacks.index) == ["editors", "mail", "phones", "ai_today"]
    assert history.stacks["service"].to_dict() == {"editors": False, "mail": True, "phones": False, "ai_today": False}
    assert history.stacks["outcome_to"].isna().to_dict()["phones"]
    mine = history.shares[history.shares["stack"] == "editors"]
    assert mine["date"].round(3).tolist() == [2004.5, 2008.5, 2009.458, 2012.5]
    assert mine["line"].tolist() == [2, 3, 4, 5]
    (ceiling,) = history.shares[history.shares["stack"] == "phones"].itertuples()
    assert (math.isnan(ceiling.share), ceiling.upper) == (True, 0.3)
    assert len(history.ratings) == len(RATING_LINES)


def test_a_row_with_a_reason_to_leave_it_out_is_kept_in_the_file_and_not_read(tmp_path):
    folder = write(tmp_path / "history", shares=changed(SHARE_LINES, 3, left_out="the page clashes with another"))
    assert 0.9 not in load(folder).shares["share"].tolist()


def test_some_stacks_come_with_their_rows_and_in_the_order_of_the_file(tmp_path):
    history = load(write(tmp_path / "history"))
    some = history.of(["mail", "editors"])
    assert list(some.stacks.index) == ["editors", "mail"]
    assert set(some.shares["stack"]) == set(some.ratings["stack"]) == {"editors", "mail"}
    assert some.shares.index.tolist() == list(range(len(some.shares)))


def test_the_digest_tells_what_was_read_and_not_where_it_stood(tmp_path):
    first = load(write(tmp_path / "a")).digest
    assert load(write(tmp_path / "b", shares=SHARE_LINES[::-1])).digest == first
    assert load(write(tmp_path / "c", ratings=changed(RATING_LINES, 0, rating=2))).digest != first


WINDOWLESS = {"criterion": "", "outcome_from": "", "outcome_to": ""}


@pytest.mark.parametrize(
    ("place", "cells", "column", "words"),
    [
        (0, {"layer": "jibs"}, "layer", "unknown layer 'jibs'; did you mean 'jobs'?"),
        (1, {"slug": "editors"}, "slug", "the same slug as in line 2"),
        (0, {"kind": "gadget"}, "kind", "'software', 'content' or 'device'"),
        (0, {"service": "maybe"}, "service", "'yes' or 'no'"),
        (0, {"view_year": "early"}, "view_year", "integer"),
        (0, {"description": ""}, "description", "must not be empty"),
        (0, {"outcome_to": ""}, "outcome_to", "outcome_from and outcome_to come together"),
        (0, {"outcome_from": ""}, "outcome_from", "outcome_from and outcome_to come together"),
        (0, {"outcome_to": 1999}, "outcome_to", "1999 lies before outcome_from 2000"),
        (0, {"criterion": ""}, "criterion", "names the criterion of the rows"),
        (0, {"criterion": "open-license"}, "criterion", "did you mean 'open-licence'?"),
        (0, {"outcome_from": 2014, "outcome_to": 2016}, "outcome_from", "no row of 'editors' lies in 2014 to 2016"),
        (2, {"criterion": "open-licence", "outcome_from": 2000, "outcome_to": 2001}, "outcome_from", "found 2005"),
        (
            3,
            {"criterion": "open-licence", "outcome_from": 2023, "outcome_to": 2030},
            "criterion",
            "no row of shares.csv",
        ),
    ],
)
def test_a_wrong_stack_is_named(tmp_path, place, cells, column, words):
    folder = write(tmp_path / "history", stacks=changed(STACK_LINES, place, **cells))
    assert re.search(rf"stacks.csv:{place + 2}:{column}: .*{re.escape(words)}", refused(folder))


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"stack": "editor"}, "stack", "unknown stack 'editor'; did you mean 'editors'?"),
        ({"share": 1.2}, "share", "less than or equal to 1 (found '1.2')"),
        ({"share": -0.1}, "share", "greater than or equal to 0"),
        ({"share": "20 %"}, "share", "must be a number"),
        ({"upper": 1.5}, "upper", "less than or equal to 1"),
        ({"lower": 0.3}, "lower", "0.3 lies above the share 0.2"),
        ({"upper": 0.1}, "upper", "0.1 lies below the share 0.2"),
        ({"share": "", "lower": 0.6, "upper": 0.4}, "lower", "0.6 lies above upper 0.4"),
        ({"share": ""}, "share", "says nothing: give share"),
        ({"share": "", "lower": 0, "upper": 1}, "share", "says nothing: give share"),
        ({"month": 13}, "month", "less than or equal to 12"),
        ({"year": ""}, "year", "must not be empty"),
        ({"n": 0}, "n", "greater than or equal to 1"),
        ({"measure": "fame"}, "measure", "'use', 'units', 'money' or 'attention'"),
        ({"source_kind": "poll"}, "source_kind", "'census', 'survey' or 'attention'"),
        ({"source_url": "hearsay"}, "source_url", "must be an http(s) address"),
        ({"counted_open": ""}, "counted_open", "must not be empty"),
    ],
)
def test_a_wrong_share_is_named(tmp_path, cells, column, words):
    folder = write(tmp_path / "history", shares=changed(SHARE_LINES, 0, **cells))
    assert re.search(rf"shares.csv:2:{column}: .*{re.escape(words)}", refused(folder))


def test_two_rows_of_one_stack_population_criterion_and_date_are_one_too_many(tmp_path):
    folder = write(tmp_path / "history", shares=[*SHARE_LINES, SHARE_LINES[0] | {"share": 0.3}])
    assert "shares.csv:8:year: the same stack, population, criterion and date as in line 2" in refused(folder)
    other = ({"population": "firms counted"}, {"criterion": "any-source"}, {"month": 3}, {"left_out": "weak"})
    write(tmp_path / "history", shares=[*SHARE_LINES, *(SHARE_LINES[0] | cells for cells in other)])
    assert load(tmp_path / "history") is not None


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"rating": 2.5}, "rating", "less than or equal to 2 (found '2.5')"),
        ({"rating": -3}, "rating", "greater than or equal to -2"),
        ({"rating": "high"}, "rating", "must be a number"),
        ({"confidence": 4}, "confidence", "less than or equal to 3"),
        ({"force": "O2"}, "force", "no claim has the name 'O2'; valid are: H1, O1"),
        ({"stack": "mails"}, "stack", "unknown stack 'mails'; did you mean 'mail'?"),
        ({"force": "O1"}, "force", "as in line 2"),
    ],
)
def test_a_wrong_rating_is_named(tmp_path, cells, column, words):
    folder = write(tmp_path / "history", ratings=changed(RATING_LINES, 0, **cells))
    assert re.search(rf"ratings.csv:[23]:{column}: .*{re.escape(words)}", refused(folder))


def test_a_rater_who_skipped_a_force_of_a_stack_is_named(tmp_path):
    folder = write(tmp_path / "history", ratings=RATING_LINES[:-1])
    assert "ratings.csv:12:force: r2 rated ai_today without O1: add the line, or remove" in refused(folder)


def test_a_force_is_rated_once_by_a_rater(tmp_path):
    folder = write(tmp_path / "history", ratings=[*RATING_LINES, RATING_LINES[0]])
    assert "ratings.csv:14:force: the same stack, rater and force as in line 2" in refused(folder)


def test_a_line_that_cannot_be_read_makes_no_other_line_wrong(tmp_path):
    stacks, shares = changed(STACK_LINES, 0, kind="gadget"), changed(SHARE_LINES, 4, share="many")
    said = refused(write(tmp_path / "history", stacks, shares, changed(RATING_LINES, 0, rating=9)))
    assert len(said.splitlines()) == 3


def test_a_stack_without_an_outcome_and_one_without_ratings_are_valid(tmp_path):
    shares = [*SHARE_LINES, SHARE | {"stack": "novel", "year": 2001, "share": 0.5}]
    history = load(write(tmp_path / "history", [*STACK_LINES, STACK | {"slug": "novel"} | WINDOWLESS], shares))
    assert "novel" in set(history.shares["stack"]) - set(history.ratings["stack"])


def test_a_project_holds_its_history_which_is_no_input_of_a_fit(tmp_path):
    folder = copy_project(tmp_path / "toy", TOY)
    today = latest_day(TOY / "observations")
    before = Project.load(folder, today=today)
    write(folder / "observations" / "history")
    after = Project.load(folder, today=today)
    assert before.history is None
    assert len(after.history.stacks) == len(STACK_LINES)
    assert after.files == before.files


def test_check_names_a_wrong_rating_and_counts_what_is_right(tmp_path, capsys, monkeypatch):
    folder = copy_project(tmp_path / "toy", TOY)
    monkeypatch.setattr("stackcast.project.utc_today", lambda: latest_day(TOY / "observations"))
    write(folder / "observations" / "history")
    assert run(["check", "--project", str(folder)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "4 earlier stacks, 6 dated shares, 2 outcomes, 3 rated by 2 raters" in said
    write(folder / "observations" / "history", ratings=changed(RATING_LINES, 3, rating=7))
    assert run(["check", "--project", str(folder)]) == 2
    assert "history/ratings.csv:5:rating: " in capsys.readouterr().err


def test_minimal_stays_without(minimal):
    assert not (MINIMAL / "observations" / "history").exists()
