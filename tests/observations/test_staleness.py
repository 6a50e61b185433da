from datetime import timedelta

from model.observations.staleness import stale_signals
from tests.support import TODAY

MONTHLY = "openrouter-open-weight-token-share-monthly"


def test_a_signal_is_stale_after_twice_its_usual_spacing(project):
    observations = project.observations
    last = observations.of(MONTHLY)["published"].max().date()
    spacing = observations.signals[MONTHLY].spacing_days
    limit = last + timedelta(days=2 * spacing)
    assert MONTHLY not in {s.signal for s in stale_signals(observations, limit)}
    found = stale_signals(observations, limit + timedelta(days=1))
    assert {s.signal: (s.latest, s.spacing_days) for s in found}[MONTHLY] == (last, spacing)
    assert [s.latest for s in found] == sorted(s.latest for s in found)


def test_a_retired_signal_is_never_stale(project):
    retired = {slug for slug, signal in project.observations.signals.items() if signal.retired}
    assert retired
    assert not retired & {s.signal for s in stale_signals(project.observations, TODAY)}
