import numpy as np
import pytest

from benchmarks.case import Scale, load_case
from tests.support import TOY
from tests.toy import TODAY


@pytest.fixture(scope="module", autouse=True)
def here():
    """The project at hand is the invented debate: what holds of its scaled cases holds of any."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(TOY)
        yield


@pytest.fixture(scope="module")
def plain(here):
    return load_case(TODAY, Scale())


def rows_of(case):
    return len(case.observed.rows)


def test_one_of_each_is_the_design_with_other_figures(plain):
    as_it_is = load_case(TODAY)
    assert plain.design.coords() == as_it_is.design.coords()
    points = (as_it_is.observed.data["share_mask"] > 0) & (plain.observed.data["share_side"] == 0)
    assert np.array_equal(plain.observed.data["share_weight"], as_it_is.observed.data["share_weight"])
    assert not np.isclose(plain.observed.data["share_y"], as_it_is.observed.data["share_y"])[points].any()


@pytest.mark.parametrize("times", [2, 4])
def test_signals_multiply_and_nothing_else_does(plain, times):
    case = load_case(TODAY, Scale(signals=times))
    assert len(case.design.slugs) == times * len(plain.design.slugs)
    assert rows_of(case) == times * rows_of(plain)
    assert case.design.grid == plain.design.grid
    assert case.design.facets == plain.design.facets


@pytest.mark.parametrize("times", [2, 4])
def test_quarters_multiply_and_the_rows_with_them(plain, times):
    case = load_case(TODAY, Scale(steps=times))
    assert case.design.grid.size == times * plain.design.grid.size
    assert case.design.grid.last == plain.design.grid.last
    assert case.design.slugs == plain.design.slugs
    assert rows_of(case) == pytest.approx(times * rows_of(plain), rel=0.05)


@pytest.mark.parametrize("times", [2, 4])
def test_rows_multiply_and_nothing_else_does(plain, times):
    case = load_case(TODAY, Scale(rows=times))
    assert rows_of(case) == pytest.approx(times * rows_of(plain), rel=0.05)
    assert case.design.grid == plain.design.grid
    assert case.design.slugs == plain.design.slugs


def test_a_world_repeats_and_another_seed_is_another_world(plain):
    again, other = load_case(TODAY, Scale()), load_case(TODAY, Scale(), seed=2)
    assert np.array_equal(again.observed.data["gap_y"], plain.observed.data["gap_y"])
    assert not np.array_equal(other.observed.data["gap_y"], plain.observed.data["gap_y"])
