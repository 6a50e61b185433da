"""A hundred cases of the harness in each run of the tests; ``make fuzz`` has ten thousand."""

import warnings

import pytest

from tests.fuzz.debates import make_debate
from tests.fuzz.harness import ask, contents, fault, play, put, restore
from tests.support import MINIMAL

CASES, QUICK = 100, 2
"""Cases, and the least weight of their verbs: slower ones are left to ``make fuzz``."""


@pytest.fixture(scope="module")
def debate(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_debate(MINIMAL, tmp_path_factory.mktemp("fuzz") / "minimal")


@pytest.mark.filterwarnings("ignore")
def test_damage_ends_in_success_or_one_clear_message_with_nothing_changed(debate):
    before = contents(debate.root)
    faults = [outcome for seed in range(CASES) if (outcome := play(debate, seed, least=QUICK)).fault]
    assert not faults, "\n".join(map(str, faults))
    assert contents(debate.root) == before


@pytest.mark.filterwarnings("ignore")
def test_the_harness_tells_a_traceback_a_change_and_a_message_apart(debate, monkeypatch):
    before, check = contents(debate.root), debate.verbs[0]
    signals = debate.root / "observations" / "signals.yaml"

    def verdict():
        there = contents(debate.root)
        status, out, err = ask(check.words, debate.root, debate.day)
        return fault(check, "x", b"", status, out, err, there, contents(debate.root)), status

    assert verdict() == ("", 0)
    put(signals, b"format: 2027-02-30\n")
    assert verdict() == ("", 2)
    restore(debate.root, before)

    def spoil(*_, **__):
        signals.write_text("format: 1\n", encoding="utf-8")

    monkeypatch.setattr("stackcast.readiness.require_ready", spoil)
    assert verdict()[0] == "changed observations/signals.yaml"
    restore(debate.root, before)
    monkeypatch.setattr("stackcast.readiness.require_ready", lambda *_: 1 / 0)
    assert verdict() == ("traceback", 1)
