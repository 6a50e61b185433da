"""A declared feed fits its signal, and what is wrong with one is named with its place in the file."""

import pytest
from pydantic import ValidationError

from stackcast.errors import ProblemsFound
from stackcast.files.documents import Document
from stackcast.observations.schema import SignalFile
from stackcast.sources import SOURCES, pullers
from tests.observations.test_schema import signal

PANEL = {"over": ["chromadb", "qdrant-client"], "under": ["pinecone"]}
SERIES = {"series": "RAMPAIALL", "every": "month", "per": 100}


def test_a_panel_and_a_series():
    share, ratio = (signal(likelihood=kind, feed={"pypi": PANEL}) for kind in ("share", "ratio"))
    assert share.feed.source == ratio.feed.source == "pypi"
    assert (share.feed.pypi.over, share.feed.pypi.under) == (("chromadb", "qdrant-client"), ("pinecone",))
    fed = signal(feed={"fred": SERIES})
    assert (fed.feed.source, fed.feed.fred.series, fed.feed.fred.per) == ("fred", "RAMPAIALL", 100)
    assert signal(feed={"fred": {"series": "X", "every": "quarter"}}).feed.fred.per == 1


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        ({}, "give exactly one of 'pypi' and 'fred'"),
        ({"pypi": PANEL, "fred": SERIES}, "give exactly one of 'pypi' and 'fred'"),
        ({"npm": PANEL}, "Extra inputs"),
        ({"pypi": PANEL | {"over": []}}, "at least 1 item"),
        ({"pypi": {"over": ["chromadb"]}}, "Field required"),
        ({"pypi": PANEL | {"under": ["pinecone", "chromadb"]}}, "named on both sides: chromadb"),
        ({"pypi": PANEL | {"under": ["pinecone", "pinecone"]}}, "named twice in 'under': pinecone"),
        ({"pypi": PANEL | {"under": ["Pinecone_Client"]}}, "as the index writes it: 'pinecone-client'"),
        ({"pypi": PANEL | {"under": ["pine cone"]}}, "should match pattern"),
        ({"fred": SERIES | {"series": "fredgraph?id=X"}}, "should match pattern"),
        ({"fred": SERIES | {"every": "week"}}, "'month' or 'quarter'"),
        ({"fred": SERIES | {"per": 0}}, "greater than 0"),
    ],
)
def test_a_wrong_feed_is_refused(feed, words):
    with pytest.raises(ValidationError, match=words):
        signal(feed=feed)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"likelihood": "counts", "feed": {"pypi": PANEL}},
            "a share or a ratio, .* likelihood is counts",
        ),
        ({"likelihood": "gap", "feed": {"pypi": PANEL}}, "a share or a ratio, .* likelihood is gap"),
        ({"per_unit": 100, "feed": {"pypi": PANEL}}, r"per_unit must be 1 \(found 100\)"),
        ({"likelihood": "counts", "feed": {"fred": SERIES}}, "a series has no numerator and denominator"),
    ],
)
def test_a_feed_must_fit_its_signal(changes, words):
    with pytest.raises(ValidationError, match=f"feed: .*{words}"):
        signal(**changes)


def test_what_is_wrong_has_its_place_in_the_file(tmp_path):
    path = tmp_path / "signals.yaml"
    path.write_text(
        "format: 3\nsignals:\n  x:\n    title: t\n    definition: d\n    measures: {facet: models.release, sign: 1}\n"
        "    role: source\n    population: p\n    family: f\n    likelihood: share\n    unit: share\n"
        "    publisher: {name: n, interest: i}\n    licence: l\n    spacing_days: 182\n"
        "    feed: {pypi: {over: [chromadb], under: [Pinecone]}}\n"
    )
    with pytest.raises(ProblemsFound, match=r"signals\.yaml:15:\d+: signals\.x\.feed\.pypi\.under\.0: a package"):
        Document(path, SignalFile)


def test_a_signal_is_fed_by_the_source_that_knows_it_or_that_it_declares():
    signals = {
        "vercel-gateway-open-spend-share": signal(),
        "stores": signal(feed={"pypi": PANEL}),
        "firms": signal(feed={"fred": SERIES}),
        "by-hand": signal(),
    }
    assert pullers(signals) == {"vercel-gateway-open-spend-share": "vercel", "stores": "pypi", "firms": "fred"}
    assert {"pypi", "fred"} <= set(SOURCES)
