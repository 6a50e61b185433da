"""A page of canned runs, plain and with hostile text, and a browser to open it."""

import dataclasses
import os
import shutil

import pandas as pd
import pytest

from stackcast.observations.schema import Publisher
from stackcast.report import charts_of
from stackcast.report.page.build import PAGE, sections_of, write_page
from stackcast.runs.contents import seal
from stackcast.runs.folder import Run
from tests.support import add_tree, canned_run
from tests.toy import EARLIER, TODAY

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
)
SKILL = pd.DataFrame(
    [
        {
            "variant": "full",
            "kind": "overall",
            "name": name,
            "rival": rival,
            "n": 40,
            "relative_crps": 0.8,
            "low": 0.6,
            "high": 0.95,
            "in_50": 0.5,
            "in_80": 0.8,
            "in_90": 0.9,
        }
        for name in ("overall", "openness", "claims")
        for rival in ("persistence", "local_level", "hindsight-best")
    ]
)


@pytest.fixture(scope="session")
def page_folder(project, tmp_path_factory):
    """Runs of three prior scenarios today and one earlier, with a backtest: every part of the page has content."""
    folder = tmp_path_factory.mktemp("page-runs")
    for prior_scenario in project.priors.prior_scenarios:
        run = canned_run(project, folder, TODAY, prior_scenario)
        if prior_scenario == "neutral":
            add_tree(project, run)
    canned_run(project, folder, EARLIER)
    (folder / "backtest").mkdir()
    SKILL.to_csv(folder / "backtest" / "skill.csv", index=False)
    return folder


@pytest.fixture(scope="session")
def page_run(page_folder):
    return Run(next(page_folder.glob(f"{TODAY}-neutral-*")))


@pytest.fixture(scope="session")
def sections(page_run, project, page_folder):
    """The parts of the page by name, in their order."""
    return {section.name: section for section in sections_of(page_run, project, page_folder)}


@pytest.fixture(scope="session")
def charts(page_run, project, page_folder):
    return charts_of(page_run, project, page_folder)


@pytest.fixture(scope="session")
def page_file(project, page_folder, page_run):
    write_page(page_run, project, page_folder, page_run.path / PAGE)
    return page_run.path / PAGE


HOSTILE = "<script>window.hacked = 1</script>\"'><img src=x onerror=alert(1)>\u202eevil\u202c " + "x" * 10_000


@pytest.fixture(scope="session")
def hostile_file(project, page_folder, page_run, tmp_path_factory):
    """The page of a project in which notes, sources and titles attack it."""
    target = tmp_path_factory.mktemp("hostile") / page_run.name
    shutil.copytree(page_run.path, target, ignore=shutil.ignore_patterns("report.html", "figures"))
    fitted = pd.read_csv(target / "fitted.csv", keep_default_na=False)
    fitted.loc[0, "source_url"] = "javascript:alert(1)"
    fitted.to_csv(target / "fitted.csv", index=False)
    last = pd.read_csv(target / "last_figures.csv", keep_default_na=False)
    last["source_url"], last["newer_id"], last["newer_signal"] = "javascript:alert(1)", "x", HOSTILE[:300]
    last.to_csv(target / "last_figures.csv", index=False)
    seal(target, page_run.manifest)
    rows = project.observations.rows.assign(note=HOSTILE)
    signals = {
        slug: signal.model_copy(
            update={
                "title": HOSTILE[:300],
                "unit": "</script><b>",
                "publisher": Publisher.model_construct(name=HOSTILE, interest="-"),
            }
        )
        for slug, signal in project.observations.signals.items()
    }
    observations = dataclasses.replace(project.observations, rows=rows, signals=signals)
    write_page(Run(target), dataclasses.replace(project, observations=observations), page_folder, target / PAGE)
    return target / PAGE


@pytest.fixture(scope="session")
def browser():
    """Chromium, headless. Without one these tests are skipped, or fail where STACKCAST_BROWSER is set to `required`."""
    if CHROMIUM is None:
        if os.environ.get("STACKCAST_BROWSER") == "required":
            pytest.fail("no Chromium: `make browser` installs Debian's")
        pytest.skip("no Chromium: `make browser` installs Debian's")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield found
        found.close()
