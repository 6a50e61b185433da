"""An invented history for the debate of ``tests/data/toy``: what `stackcast history fit` would have written."""

TEXT = """\
format: 2
inputs: "0000000000000000000000000000000000000000000000000000000000000000"
effects:
  forces: [H1, O1]
  log_mean: [-0.7, -1.2]
  log_sd: [0.5, 0.8]
  correlation: [[1.0, -0.4], [-0.4, 1.0]]
unit: {value: 0.5, rationale: invented}
transfer_sd: 0.3
resting_points:
  layers: {jobs: {mean: -0.4, sd: 0.3}, days: {mean: -1.1, sd: 0.4}}
  residual_sd: 1.2
unrated:
  layers: {jobs: {mean: -0.5, sd: 0.3}, days: {mean: -1.0, sd: 0.4}}
  residual_sd: 1.5
categories:
  desk_work: {title: Desk work, ratings: {H1: 1.2, O1: -0.8}, distance: 3.1, transfer_sd: 0.45, outside: true}
scales:
  innovation_sd_share: {dist: LogNormal, low: 0.04, high: 0.2, mass: 0.9, rationale: invented, source: invented}
  start_share: {value: 2.0, rationale: invented, source: invented}
"""


def add_history(root, text=TEXT):
    """Give a copy of the toy debate a history, and its days at home a category."""
    (root / "priors" / "history.yaml").write_text(text, encoding="utf-8")
    layers = root / "priors" / "layers.yaml"
    old = "  days.home:\n    kind: share\n"
    written = layers.read_text(encoding="utf-8")
    assert old in written
    layers.write_text(written.replace(old, old + "    category: desk_work\n"), encoding="utf-8")
    return root
