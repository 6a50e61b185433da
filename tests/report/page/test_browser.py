"""The page in a real browser: quiet, complete, usable by keyboard, on a phone, in the dark, on paper, without "
"scripts."""

from pathlib import Path

import pytest

from tests.report.page.test_page import ORDER
from tests.toy import EARLIER

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
CHARTS = ("openness", "pulls", "path", "scenarios", "signals", "skill")


class Opened:
    """A page with all that it said and asked for."""

    def __init__(self, browser, path, **context):
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on(
            "request", lambda r: self.asked.append(r.url) if not r.url.startswith(("file:", "data:")) else None
        )
        self.page.goto(path.as_uri())
        if context.get("java_script_enabled", True):
            self.page.wait_for_function(f"document.querySelectorAll('[data-drawn]').length == {len(CHARTS)}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def marks(self, chart):
        """Return the drawn paths of a chart."""
        return self.page.locator(f"[data-chart={chart}] svg").inner_html()


@pytest.fixture(scope="module")
def opened(browser, page_file):
    with Opened(browser, page_file, viewport={"width": 1440, "height": 900}) as found:
        yield found


def test_nothing_is_said_and_nothing_asked_for(opened):
    assert (opened.said, opened.asked) == ([], [])


def test_every_section_and_chart_is_there(opened):
    assert opened.page.locator("main section").evaluate_all("s => s.map(x => x.id)") == ORDER
    for chart in CHARTS:
        assert opened.page.locator(f"[data-chart={chart}] svg path").count() > 3
    assert opened.page.locator("h1").inner_text() == "Will office work move home for good?"


def test_controls_do_what_they_say(opened):
    figure = opened.page.locator("[data-chart=openness]")
    for control, value in (("what", "jobs"), ("band", "50"), ("what", "days.home")):
        before = opened.marks("openness")
        figure.locator(f"[data-parameter={control}]").select_option(value)
        opened.page.wait_for_function(
            "b => document.querySelector('[data-chart=openness] svg').innerHTML != b", arg=before
        )
    slider, before = figure.locator("[data-parameter=as_of]"), opened.marks("openness")
    slider.focus()
    opened.page.keyboard.press("ArrowLeft")
    opened.page.wait_for_function("b => document.querySelector('[data-chart=openness] svg').innerHTML != b", arg=before)
    assert figure.locator("output").inner_text() == slider.get_attribute("aria-valuetext") == str(EARLIER)
    before = opened.marks("signals")
    opened.page.locator("[data-chart=signals] [data-parameter=what]").select_option(index=5)
    opened.page.wait_for_function("b => document.querySelector('[data-chart=signals] svg').innerHTML != b", arg=before)
    assert opened.said == []


def test_hovering_shows_the_values(opened):
    figure = opened.page.locator("[data-chart=pulls]")
    figure.scroll_into_view_if_needed()
    figure.locator(".mark-symbol path").first.hover(force=True)
    opened.page.wait_for_selector(".tip")
    assert "q50" in opened.page.locator(".tip").inner_text()


def test_the_keyboard_reaches_the_content(browser, page_file):
    with Opened(browser, page_file) as fresh:
        fresh.page.keyboard.press("Tab")
        assert fresh.page.evaluate("document.activeElement.className") == "skip"
        assert fresh.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_axe_finds_nothing_serious(browser, page_file, width, scheme):
    with Opened(
        browser, page_file, viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    ) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        dark = found.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 21, 23)"
        assert dark == (scheme == "dark")
        found.page.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = d === d.parentNode.querySelector('details'))"
        )
        found.page.evaluate(AXE.read_text())
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
        result = found.page.evaluate("rules => axe.run(document, rules)", rules)
        serious = [
            (v["id"], v["nodes"][0]["html"][:200])
            for v in result["violations"]
            if v["impact"] in ("serious", "critical")
        ]
        assert serious == []


def test_it_prints(browser, page_file, tmp_path):
    with Opened(browser, page_file) as found:
        found.page.emulate_media(media="print")
        assert not found.page.locator("nav").is_visible()
        assert not found.page.locator(".controls").first.is_visible()
        pdf = found.page.pdf(format="A4")
        assert pdf.startswith(b"%PDF")
        assert len(pdf) > 50_000


def test_without_scripts_figures_are_svg_and_tables_tables(browser, page_file):
    with Opened(browser, page_file, java_script_enabled=False) as found:
        for chart in CHARTS:
            assert found.page.locator(f"[data-chart={chart}] svg path").count() > 3
        assert found.page.locator(".controls").first.is_hidden()
        assert found.page.locator("table").count() > 10


def test_hostile_text_is_shown_and_does_nothing(browser, hostile_file, page_run):
    signals = page_run.table("signals")["name"].nunique()
    with Opened(browser, hostile_file, viewport={"width": 360, "height": 800}) as found:
        assert (found.said, found.asked) == ([], [])
        assert found.page.evaluate("window.hacked") is None
        assert found.page.locator("img[src=x]").count() == 0
        assert found.page.locator("a[href^=javascript]").count() == 0
        assert found.page.locator("summary", has_text="<script>window.hacked").count() >= signals
        found.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert found.page.evaluate("document.documentElement.scrollWidth") <= 360
