import json
import math
import platform
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from benchmarks import growth
from benchmarks.case import Scale
from benchmarks.growth import MEASURES, Cell, ahead, cells, measure, ordered, slopes
from benchmarks.growth_plot import draw, growth_plot
from benchmarks.process import NoDrawsError
from benchmarks.written import command, document, markdown, processor
from tests.support import TODAY


def row(sampler, axis, times, **values):
    return {"sampler": sampler, "axis": axis, "times": times} | dict.fromkeys(MEASURES, 3.0) | values


@pytest.fixture
def linear_and_square():
    """Gradients linear in rows and of one cost in steps, memory as the square of rows; one size fails."""
    rows = [row("recipe", "rows", k, gradient_us=5.0 * k, added_mb=7.0 * k**2) for k in (8, 1, 2, 4)]
    failed = {"sampler": "recipe", "axis": "steps", "times": 8, "note": "its process was ended"}
    return ordered([failed, *rows, *(row("recipe", "steps", k) for k in (1, 2)), row("nutpie", "rows", 1)])


def test_slopes_are_powers_of_the_size(linear_and_square):
    found = slopes(linear_and_square).set_index("axis")
    assert found.loc["rows", list(MEASURES)].tolist() == pytest.approx([1, 0, 0, 0, 2], abs=1e-9)
    assert found.loc["steps", "to"] == 2
    assert list(found.index) == ["steps", "rows"]  # nutpie has one size, and so no slope


def test_the_recipe_is_ahead_by_effective_draws_a_second_where_both_were_measured():
    rows = [
        row("recipe", "rows", 1, min_ess=400.0, sample_s=2.0),
        row("recipe", "rows", 2, min_ess=300.0, sample_s=3.0),
        row("stan", "rows", 2, min_ess=50.0, sample_s=4.0, r_hat=1.02, divergences=1),
        row("stan", "rows", 4, min_ess=50.0, sample_s=4.0),
        {"sampler": "numpyro", "axis": "rows", "times": 2, "note": "its process was ended"},
    ]
    found = ahead(ordered(rows)).to_dict("records")
    assert [(r["sampler"], r["axis"], r["times"], r["ratio"]) for r in found] == [("stan", "rows", 2, 8.0)]


def test_a_plot_is_drawn_with_sizes_that_failed(linear_and_square, tmp_path):
    path = tmp_path / "growth.svg"
    growth_plot(linear_and_square, slopes(linear_and_square), MEASURES, path)
    text = "".join(ElementTree.parse(path).getroot().itertext())
    assert "rows a quarter 1.00" in text
    assert "Dashed: nutpie." in text


def test_no_word_of_the_plot_is_cut_off(linear_and_square):
    figure = draw(linear_and_square, slopes(linear_and_square), MEASURES)
    renderer = FigureCanvasAgg(figure).get_renderer()
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent(renderer)
            assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1, text.get_text()


def test_a_measure_that_no_sampler_has_gets_no_panel(tmp_path):
    found = ordered([row("nutpie", "rows", k, metric_s=math.nan) for k in (1, 2)])
    growth_plot(found, slopes(found), MEASURES, tmp_path / "growth.svg")
    text = "".join(ElementTree.parse(tmp_path / "growth.svg").getroot().itertext())
    assert "MB that sampling adds" in text
    assert "The metric" not in text


def test_the_shipped_size_is_measured_once_and_nutpie_on_few():
    found = cells(["recipe", "nutpie"], ["signals", "steps", "rows"], [1, 2, 8])
    mine = [(c.axis, c.times) for c in found if c.sampler == "recipe"]
    assert mine == [("signals", 1), *((a, k) for a in ("signals", "steps", "rows") for k in (2, 8))]
    assert [(c.axis, c.times) for c in found if c.sampler == "nutpie"] == [("signals", 1), ("signals", 2), ("steps", 2)]
    assert Cell("recipe", "steps", 8).scale == Scale(steps=8)


def test_a_size_that_cannot_be_sampled_has_a_row_for_each_axis_that_says_why(monkeypatch):
    def broken(order, compiled):
        raise NoDrawsError(f"no room for {order.scale}")

    monkeypatch.setattr(growth, "run", broken)
    found = list(measure([Cell("recipe", "signals", 1), Cell("recipe", "rows", 2)], growth.PLAN, TODAY))
    assert [(r["axis"], r["times"]) for r in found] == [("signals", 1), ("rows", 1), ("rows", 2)]
    assert found[2]["note"] == "no room for Scale(signals=1, steps=1, rows=2)"
    assert found[2]["rows"] > 1.9 * found[1]["rows"]


def test_tables_are_written_with_the_machine():
    table = pd.DataFrame({"sampler": ["recipe"], "gradients": [113594.0], "r_hat": [1.00612], "note": [math.nan]})
    assert markdown(table).splitlines() == [
        "| sampler | gradients | r_hat | note |",
        "| --- | --- | --- | --- |",
        "| recipe | 113594 | 1.006 | - |",
    ]
    text = document("make bench", TODAY, [table])
    for word in (
        f"`make bench`, {TODAY}. ",
        "cores of",
        "GiB",
        "nutpie 0.",
        "numpyro 0.",
        "httpstan 4.",
        markdown(table),
    ):
        assert word in text


def test_a_processor_has_its_family_and_model_as_a_hypervisor_may_cut_its_name(tmp_path):
    listed = tmp_path / "cpuinfo"
    first = "cpu family\t: 26\nmodel\t\t: 2\nmodel name\t: AMD EPYC\n"
    listed.write_text(f"processor\t: 0\n{first}\nprocessor\t: 1\n{first.replace('26', '25')}\n")
    assert processor(listed) == "AMD EPYC (family 26, model 2)"
    listed.write_text("processor\t: 0\nmodel name\t: Some Core\n")
    assert processor(listed) == "Some Core"
    assert processor(tmp_path / "none") == platform.processor()


def test_a_command_is_written_as_it_is_called_again_without_places_on_this_machine():
    options = {"samplers": ["recipe", "nutpie low-rank"], "draws": 250, "tune": None, "json": Path("here/a.json")}
    assert command("benchmarks.x", options) == "python -m benchmarks.x --samplers recipe 'nutpie low-rank' --draws 250"


def test_figures_that_were_read_do_not_get_this_machines_name(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["growth", "--read", "a.json", "--markdown", "b.md"])
    with pytest.raises(SystemExit):
        growth.main()
    assert "cannot tell of figures that were read" in capsys.readouterr().err


def test_what_was_written_can_be_read_again(linear_and_square):
    back = ordered(json.loads(linear_and_square.to_json(orient="records")))
    pd.testing.assert_frame_equal(slopes(back), slopes(linear_and_square))
