"""An outcome is read from the rows by one rule."""

import pytest
from scipy.special import expit, logit

from stackcast.history.outcomes import EDGE, ERROR, Z90, outcomes
from stackcast.history.records import load_history
from tests.history.small import CLAIMS, LAYERS, SHARE, SHARE_LINES, STACK_LINES, changed, write

EDITORS = SHARE_LINES[:4]


@pytest.fixture
def read(tmp_path):
    def of(shares, stacks=STACK_LINES):
        extra = () if any(line["stack"] == "mail" for line in shares) else (SHARE_LINES[4],)
        return outcomes(load_history(write(tmp_path / "history", stacks, [*shares, *extra]), CLAIMS, LAYERS))

    return of


def test_only_stacks_that_ask_for_an_outcome_have_one(read):
    assert list(read(SHARE_LINES).index) == ["editors", "mail"]


def test_the_last_years_of_the_declared_window_count_and_no_later_row(read):
    found = read(SHARE_LINES).loc["editors"]
    assert (found["share"], found["rows"], found["measure"]) == (pytest.approx(0.55), 2, "use")
    assert found["year"] == pytest.approx((2008.5 + 2009 + 5.5 / 12) / 2)
    longer = changed(STACK_LINES, 0, outcome_to=2012)
    assert read(SHARE_LINES, longer).loc["editors", "rows"] == 1


def test_a_row_of_another_criterion_is_not_read(read):
    other = SHARE | {"stack": "editors", "year": 2009, "criterion": "any-source", "share": 0.99}
    assert read([*EDITORS, other]).loc["editors"].equals(read(EDITORS).loc["editors"])


def test_the_most_preferred_measure_decides_even_where_it_is_older(read):
    money = changed(EDITORS, 2, measure="money", population="revenue")
    found = read(money).loc["editors"]
    assert (found["share"], found["measure"], found["rows"]) == (0.5, "use", 1)


def test_populations_count_alike_however_many_rows_each_has(read):
    other = [
        SHARE | {"stack": "editors", "population": "other firms", "year": 2009, "month": m, "share": 0.8}
        for m in (1, 2, 3)
    ]
    assert read([*EDITORS, *other]).loc["editors", "share"] == pytest.approx((0.55 + 0.8) / 2)


def test_without_printed_bounds_the_error_of_the_measure_is_the_interval(read):
    found = read(SHARE_LINES).loc["mail"]
    width = Z90 * ERROR["attention"]
    assert [found["low"], found["high"]] == pytest.approx(expit([logit(0.1) - width, logit(0.1) + width]))


def test_printed_bounds_and_populations_that_differ_widen_the_interval(read):
    one = [SHARE | {"stack": "editors", "year": 2009, "share": 0.5}]
    bounded = [one[0] | {"upper": 0.8}]
    two = [one[0] | {"share": s, "population": f"firms {s}"} for s in (0.2, 0.8)]
    plain, wide, apart = (read(rows).loc["editors"] for rows in (one, bounded, two))
    assert (wide["low"], wide["share"]) == (plain["low"], plain["share"])
    assert wide["high"] > plain["high"] > 0.5 > plain["low"] > apart["low"]
    assert apart["share"] == 0.5


def test_ceilings_alone_give_no_outcome(read):
    ceilings = [SHARE | {"stack": "editors", "year": year, "upper": 0.1} for year in (2005, 2009)]
    assert "editors" not in read(ceilings).index


def test_a_share_of_none_keeps_its_end_and_has_a_ceiling(read):
    none = [SHARE | {"stack": "editors", "year": 2009, "share": 0}]
    found = read(none).loc["editors"]
    assert (found["share"], found["low"]) == (0, 0)
    assert found["high"] == pytest.approx(expit(logit(EDGE) + Z90 * ERROR["use"]))


def test_a_history_without_an_outcome_has_an_empty_table(tmp_path):
    stacks = [line | {"criterion": "", "outcome_from": "", "outcome_to": ""} for line in STACK_LINES]
    found = outcomes(load_history(write(tmp_path / "history", stacks), CLAIMS, LAYERS))
    assert found.empty
    assert list(found.columns) == ["share", "low", "high", "year", "measure", "rows"]
