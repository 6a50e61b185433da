"""What the verbs are asked on the invented debates: a scenario, a decision, a claim and a signal of each, a feed."""

from tests.support import MINIMAL, TOY

DAYS_BACK = 200
"""Days between the earlier canned run and the last."""
SCENARIO = """\
format: 1
scenarios:
  - {{name: up, title: The claim comes true, rationale: To see., do: [{{what: {claim}, from: 2024-01-01, set: 1.5}}]}}
"""
DECISION = """\
format: 1
title: Build now or wait
quantity: stack@2025-12-31
unit: money
edges: [0.3]
payoffs: {build: [-1, 3], wait: [0, 0]}
"""
CLAIM = {TOY: "H1", MINIMAL: "deposit"}
SIGNAL = {TOY: "spare-room-rent-ratio", MINIMAL: "town-count"}
FED = "firm-panel-free-choice"
"""The toy's signal that :func:`declare_feed` feeds."""
FAMILY = "    family: firm-panel\n"
FEED = "    feed: {fred: {series: FIRMPANEL, every: month, per: 100}}\n"


def declare_feed(root):
    """Let a signal of a copy of the toy be fed by a series of FRED, in percent."""
    path = root / "observations" / "signals.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(FAMILY) == 1
    path.write_text(text.replace(FAMILY, FAMILY + FEED), encoding="utf-8")


def series(*figures):
    """Return the publisher's file of that series: (day, percent) pairs."""
    return "\n".join(["observation_date,FIRMPANEL", *(f"{day},{figure}" for day, figure in figures)]) + "\n"
