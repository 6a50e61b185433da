"""The five lines of an update: each says what it is there for, in one sentence, and an update without news says so."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from stackcast.explain.contradictions import Contradiction
from stackcast.observations.incoming import Incoming
from stackcast.observations.staleness import Stale
from stackcast.report.console.five_lines import five_lines
from stackcast.report.console.update import outcome_json
from stackcast.update.attention import Attention
from stackcast.update.moves import Move, Moved, Share
from stackcast.update.outcome import NextFigure, NextQuestion, Outcome, Scored
from tests.observations.test_incoming import row

RUN = SimpleNamespace(name="2026-11-28-neutral-1", manifest={"as_of": "2026-11-28"})
LAST = SimpleNamespace(name="2026-11-21-neutral-1", manifest={"as_of": "2026-11-21"})
IDLE = Outcome(date(2026, 11, 28), (), (), False, True, "", Attention(), last=LAST)
FRESH = (
    Incoming("tokens", row(0.75, "2026-10-01"), "new", None),
    Incoming("tokens", row(0.7, "2026-10-01"), "revision", 0.65),
    Incoming("spend", row(0.52, "2026-10-02"), "revision", 0.2),
)
SHARES = (Share("tokens/a", 0.75, 0.06, 0.4), Share("spend/b", 0.5, None, 1.2), Share("tiny", 0.1, 0.001, 0.1))
MOVED = Moved(
    "a", "b", "2026-11-21",
    (Move("P(models open) at 2027-12-31", 0.44, 0.52), Move("P(O1 operates)", 0.6, 0.575), Move("P(x)", 0.5, 0.501)),
    0.014, SHARES, 4, 0, ("priors/claims.yaml",),
)  # fmt: skip
DONE = replace(IDLE, fresh=FRESH, written=True, why_fit="there are new figures", run=RUN, moved=MOVED)


def line(word, outcome):
    return five_lines(outcome)[word]


def silent(signal, publisher, published):
    return Stale(signal, "C4", "indicator", publisher, published, published, 90, None)


def moved(**changes):
    return replace(DONE, moved=replace(MOVED, **changes))


@pytest.mark.parametrize("outcome", [IDLE, DONE, replace(DONE, moved=None), moved(new=0, shares=())])
def test_there_are_five_and_each_is_one_sentence(outcome):
    found = five_lines(outcome)
    assert list(found) == ["Came", "Moved", "Why", "Watch", "Broken"]
    for sentence in found.values():
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert ". " not in sentence


def test_came():
    assert line("Came", IDLE) == "no new figure."
    assert line("Came", DONE) == (
        "1 new figure: tokens 0.75; 2 revisions: spend to 2026-03-31 0.2 -> 0.52, tokens to 2026-03-31 0.65 -> 0.7."
    )
    later = Incoming("tokens", row(0.8, "2026-10-01", end="2026-09-30"), "new", None)
    assert "2 new figures: tokens (2, the last 0.8);" in line("Came", replace(DONE, fresh=(later, *FRESH)))
    assert "(not written)" in line("Came", replace(DONE, written=False))
    scored = (Scored("q", "2026-10-01-neutral", 0.4, True, 0.36), Scored("q", "2026-11-21-neutral", 0.9, True, 0.01))
    said = "no new figure; 1 question resolved: q yes, said 0.90, Brier 0.01."
    assert line("Came", replace(IDLE, scored=scored)) == said


def test_moved():
    assert line("Moved", DONE) == (
        "P(models open) at 2027-12-31 0.44 -> 0.52, P(O1 operates) 0.60 -> 0.57 since the run as of 2026-11-21."
    )
    assert line("Moved", moved(moves=MOVED.moves[2:])).startswith("no probability of the headline by 0.01 or more")
    assert line("Moved", IDLE) == (
        "nothing, because nothing is new since the run as of 2026-11-21, and nothing was fitted."
    )
    assert line("Moved", replace(DONE, run=None, moved=None, may_fit=False)) == "nothing, because no fit was asked for."
    assert "first published run" in line("Moved", replace(DONE, moved=None))
    refused = replace(DONE, run=None, moved=None, attention=Attention(refused="r_hat is 1.2"))
    assert line("Moved", refused) == "nothing is published: a gate refused the run, and the rows stay."
    assert "r_hat is 1.2" in line("Broken", refused)


def test_why():
    assert line("Why", DONE) == (
        "of +0.08 in P(models open) at 2027-12-31 (Monte Carlo error 0.01), alone would do tokens/a +0.06; no draw can "
        "tell for 1 of 4 new figures (k-hat); 1 is of signals or periods that the earlier run has "
        "not."
    )
    refused = moved(shares=tuple(replace(s, alone=None) for s in SHARES), new=3)
    assert "no draw can tell for 3 of 3 new figures" in line("Why", refused)
    assert "alone" not in line("Why", refused)
    assert line("Why", moved(new=0, shares=())) == (
        "no figure is new since then, so what else went in otherwise: priors/claims.yaml."
    )
    assert line("Why", moved(new=0, shares=(), other=())) == "no figure is new since then, so the date alone."
    assert line("Why", IDLE) == "there is nothing to explain."


def test_watch():
    assert line("Watch", IDLE) == "no question is open."
    question = NextQuestion("tokens-above-half", "More than half?", date(2026, 12, 31), 0.914)
    figures = tuple(NextFigure(f"s{n}", date(2026, 12, n), "stackcast pull x") for n in (1, 2, 3, 4))
    assert line("Watch", replace(IDLE, question=question, figures=figures)) == (
        "tokens-above-half closes on 2026-12-31 (0.91); next figures due: s1 about 2026-12-01, s2 about 2026-12-02, "
        "s3 about 2026-12-03."
    )
    assert "no probability yet" in line("Watch", replace(IDLE, question=replace(question, probability=None)))


def test_broken():
    assert line("Broken", IDLE) == "nothing."
    found = Attention(
        failed={"fred": "cannot be reached; try again later"},
        stale=(silent("poll", "A Pollster", date(2025, 1, 1)), silent("new", "Nobody", None)),
        debt={"openrouter": ("a", "b", "c", "d")},
        new_debt={"openrouter": ("d",)},
        to_settle=("q1", "q2"),
        contradictions=(Contradiction("models.spend", "high", "low", 1.4),),
    )
    assert line("Broken", replace(IDLE, attention=found)) == (
        "fred failed (cannot be reached); to settle by hand: q1, q2; 4 names without a label, 1 of them new "
        "(openrouter: a, b, c and 1 more); high contradicts low (models.spend); 2 stale signals: poll (A Pollster, "
        "silent since 2025-01-01), new (Nobody, no figure yet)."
    )


def test_many_sources_that_failed_are_named_without_their_reasons():
    found = Attention(failed=dict.fromkeys("abcd", "cannot be reached"))
    assert line("Broken", replace(IDLE, attention=found)) == (
        "4 sources failed, for the reasons in the table above: a, b, c, d."
    )


@pytest.mark.parametrize(
    ("found", "status"),
    [
        ({}, 0),
        ({"stale": (silent("poll", "A Pollster", None),)}, 0),
        ({"debt": {"s": ("a",)}}, 0),
        ({"contradictions": (Contradiction("f", "high", "low", 1.4),)}, 0),
        ({"new_debt": {"s": ("a",)}}, 3),
        ({"failed": {"s": "w"}}, 3),
        ({"to_settle": ("q",)}, 3),
        ({"new_contradictions": (Contradiction("f", "high", "low", 1.4),)}, 3),
        ({"refused": "r_hat", "failed": {"s": "w"}}, 1),
    ],
)
def test_the_exit_status_says_whether_somebody_is_needed(found, status):
    outcome = replace(IDLE, attention=Attention(**found))
    assert outcome.exit_status == status
    assert outcome_json(outcome)["status"] == status


def test_json_has_the_lines_and_their_data():
    import json

    told = json.loads(json.dumps(outcome_json(DONE), allow_nan=False))
    assert told["lines"]["moved"] == line("Moved", DONE)
    assert [f["kind"] for f in told["figures"]] == ["new", "revision", "revision"]
    assert told["moved"]["shares"][1]["alone"] is None
    assert (told["run"], told["last"]) == (RUN.name, LAST.name)
