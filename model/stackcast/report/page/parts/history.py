"""What earlier stacks say of the arguments and of how shares move."""

import pandas as pd
from scipy.special import expit, logit

from stackcast.history.outcomes import EDGE
from stackcast.history.results import read_results
from stackcast.priors.resting import resting_interval
from stackcast.report.history_words import doubts, finding
from stackcast.report.page import history_charts as charts
from stackcast.report.page.section import Block, Chart, Missing, Prose, Section, Source, Table
from stackcast.report.wording import percent

DAYS_A_YEAR = 365.25


def section(source: Source) -> Section | None:
    """Return effects before and after, predictions of stacks left out, and paths; None without earlier stacks."""
    priors, past = source.project.priors, source.project.history
    if past is None or priors.history is None or not source.run.settings.history:
        return None
    found, share = read_results(source.project.root), source.debate.share
    titles = {name: claim.title for name, claim in priors.claims.items()}
    blocks: list[Block] = []
    if found.effects is not None:
        alt = "Effect of each force on the open share at maturity: grey before, blue after the earlier stacks, 90 %."
        blocks.append(Chart("history-effects", alt, charts.effects(found.effects, titles).to_dict()))
    if found.predictions is not None:
        alt = "Each earlier stack as predicted from the others, 50 and 90 %, and as it came."
        blocks.append(Chart("history-stacks", alt, charts.predictions(found.predictions, share).to_dict()))
    else:
        blocks.append(Missing("How well such predictions do is not known. Find out with", "stackcast history judge"))
    paths = charts.paths(_earlier(source), _today(source))
    alt = "How far shares of earlier stacks moved since their first figure, with 50 and 90 %; and today's facets."
    blocks.append(Chart("history-paths", alt, paths.to_dict()))
    below = (Prose(doubts(found)), _categories(source))
    return Section("history", "What earlier stacks say", finding(found), (*blocks, *below))


def _earlier(source: Source) -> pd.DataFrame:
    """Return how far earlier stacks moved: ``series, title, age, change`` (log-odds since the first figure)."""
    past = source.project.history
    assert past is not None
    rows = past.shares.dropna(subset="share")
    series = rows["stack"] + " " + rows["population"] + " " + rows["criterion"]
    title = rows["stack"].map(past.stacks["title"])
    age = rows["date"] - rows.groupby(series)["date"].transform("min")
    level = logit(rows["share"].clip(EDGE, 1 - EDGE))
    table = pd.DataFrame({"series": series, "title": title, "age": age, "level": level}).sort_values("age")
    return _moved(table, "series")


def _today(source: Source) -> pd.DataFrame:
    """Return how far medians of the share facets moved up to the as-of quarter: ``title, age, change``."""
    facets, priors = source.run.facets, source.project.priors
    rows = facets[(facets["kind"] == "share") & (facets["date"] <= source.horizons["now"])]
    day = pd.to_datetime(rows["date"])
    age = (day - day.groupby(rows["name"]).transform("min")).dt.days / DAYS_A_YEAR
    title = rows["name"].map({name: facet.title for name, facet in priors.facets.items()})
    return _moved(pd.DataFrame({"title": title, "age": age, "level": logit(rows["q50"].clip(EDGE, 1 - EDGE))}), "title")


def _moved(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return levels (by age) as changes since the first of each group."""
    change = table["level"] - table.groupby(by)["level"].transform("first")
    return table.assign(change=change).drop(columns="level")


def _categories(source: Source) -> Table:
    """Return, for each facet, its category, how unlike the earlier stacks it is, and where it is expected to rest."""
    priors = source.project.priors
    assert priors.history is not None
    rows = []
    for name, facet in priors.facets.items():
        if facet.kind == "gap":
            continue
        category = priors.history.categories.get(facet.category or "")
        low, middle, high = (percent(float(expit(x))) for x in resting_interval(priors, name))
        unlike = "none: the wide class of its layer" if category is None else category.title
        rows.append(
            [
                facet.title,
                unlike,
                "" if category is None else f"{category.distance:.1f}" + (" · outside" if category.outside else ""),
                f"{middle} ({low} to {high})",
            ]
        )
    columns = ("facet", "category as rated for early 2023", "distance", "resting point, before the data")
    return Table("Where earlier stacks would bring each facet to rest", columns, rows, frozenset({2, 3}))
