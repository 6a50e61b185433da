"""What the verbs are asked on the invented debates: a scenario, a decision, a claim and a signal of each."""

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
