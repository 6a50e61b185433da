"""Going through unlabelled names, driven by a list of answers in the place of a terminal."""

from datetime import date

import pytest

from stackcast.observations.debt import DebtLine, SourceDebt
from stackcast.observations.labelling import HELP, End, Entry, Screen, answer_names, cases, checked
from stackcast.observations.labels import Label, Labels

SEEN, EARLIER = date(2026, 9, 29), date(2026, 6, 1)


def line(source, model, share, seen=SEEN, page=""):
    given = {"page": page} if page else {}
    return DebtLine(source=source, model=model, weight=1e6, share=share, measure="tokens", seen=seen, **given)


def label(model, kind="open", since="2025-01-01"):
    given = {"model": model, "label": kind, "criterion": "any-weights", "from_date": since}
    return Label.model_validate(given | {"source_url": "https://a.b/c"})


DEBTS = (
    SourceDebt("openrouter", (
        line("openrouter", "z/glm-9-air", 0.3, page="https://hub.example/glm-9-air"),
        line("openrouter", "x/owl", 0.1),
    )),
    SourceDebt("litellm", (line("litellm", "glm-9-air", 0.02, EARLIER), line("litellm", "glm-9-flash", 0.01))),
)  # fmt: skip
TABLE = Labels((label("glm-8-*"),))


class Person:
    """Gives answers in turn and keeps the questions."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def __call__(self, question):
        self.asked.append(question)
        return self.answers.pop(0)

    def screens(self):
        return [(q.case.name, q.model) for q in self.asked if isinstance(q, Screen)]


def go(*answers, debts=DEBTS, table=TABLE):
    person = Person(*answers)
    found = answer_names(debts, table, person)
    assert not person.answers, "every answer was asked for"
    return [(x.model, x.label, str(x.from_date), x.source_url) for x in found], person


def test_one_name_is_asked_once_however_many_sources_list_it_the_heaviest_first():
    assert [(case.name, len(case.lines)) for case in cases(DEBTS)] == [("glm-9-air", 2), ("owl", 1), ("glm-9-flash", 1)]
    first = cases(DEBTS)[0]
    assert (first.page, first.seen) == ("https://hub.example/glm-9-air", EARLIER)


def test_a_key_a_link_and_a_day_make_a_line():
    found, person = go("o", "", "", "c", "https://a.b/owl", "2026-01-02", "q")
    assert found == [
        ("glm-9-air", "open", "2026-06-01", "https://hub.example/glm-9-air"),
        ("owl", "closed", "2026-01-02", "https://a.b/owl"),
    ]
    screen = person.asked[0]
    assert [x.model for x in screen.near] == ["glm-8-*"]
    assert (screen.pattern, screen.exact, screen.also, screen.left) == ("glm-9-*", True, ("glm-9-flash",), 3)
    assert person.asked[1] == Entry("link", "https://hub.example/glm-9-air")


def test_a_pattern_covers_the_other_names_of_its_generation_which_are_not_asked_for():
    found, person = go("p", "o", "", "", "s", "q")
    assert [x[0] for x in found] == ["glm-9-*"]
    assert person.screens() == [("glm-9-air", "glm-9-air"), ("glm-9-air", "glm-9-*"), ("owl", "owl")]
    assert person.asked[-1] == End(1)


def test_p_switches_back_and_says_so_where_there_is_no_generation():
    _, person = go("p", "p", "s", "p", "q")
    assert [model for _, model in person.screens()] == ["glm-9-air", "glm-9-*", "glm-9-air", "owl", "owl"]
    assert person.asked[-1].message == "this name has no numbered generation"


def test_the_last_typed_link_is_offered_where_no_page_is_known():
    found, person = go("o", "https://a.b/typed", "", "c", "", "", "q")
    assert [x[3] for x in found] == ["https://a.b/typed", "https://a.b/typed"]
    assert person.asked[4] == Entry("link", "https://a.b/typed")


def test_a_page_that_was_only_taken_is_not_offered_for_another_name():
    _, person = go("o", "", "", "c", "u", "q")
    assert person.asked[4] == Entry("link", "")


def test_the_last_answer_is_taken_back_even_at_the_end_and_a_skipped_name_comes_again():
    found, person = go("o", "", "", "s", "c", "https://a.b/f", "", "u", "u", "u", "s", "q")
    assert found == []
    assert person.asked[7] == End(2)
    assert [x.message for x in person.asked[8:]] == ["taken back: glm-9-flash", "", "taken back: glm-9-air", ""]
    assert [x.case.name for x in person.asked[8:]] == ["glm-9-flash", "owl", "glm-9-air", "owl"]


def test_what_was_answered_by_a_pattern_is_asked_again_after_it_is_taken_back():
    found, person = go("p", "o", "", "", "u", "s", "s", "s", "\r")
    assert found == []
    assert [name for name, _ in person.screens()][-3:] == ["glm-9-air", "owl", "glm-9-flash"]


def test_nothing_to_take_back_and_an_unknown_key_are_said():
    _, person = go("u", "x", "q")
    assert [x.message for x in person.asked] == ["", "nothing to take back", HELP]


def test_a_wrong_link_and_a_wrong_day_are_asked_for_again():
    found, person = go("o", "hearsay", "https://a.b/c", "soon", "2026-09-01", "q")
    assert found == [("glm-9-air", "open", "2026-09-01", "https://a.b/c")]
    assert "must be an http(s) address" in person.asked[2].problem
    assert "must be a date" in person.asked[4].problem


def test_u_goes_back_to_the_name_from_either_text():
    found, person = go("o", "u", "c", "", "U", "q")
    assert found == []
    assert [name for name, _ in person.screens()] == ["glm-9-air"] * 3


def test_a_line_that_stands_already_is_refused_at_once():
    table = Labels((label("owl", "closed", "2027-01-01"),))
    found, person = go("s", "o", "https://a.b/c", "2027-01-01", "2026-01-01", "q", table=table)
    assert [x[0] for x in found] == ["owl"]
    assert "the table has a line for owl from 2027-01-01 already" in person.asked[4].problem


def test_a_pattern_that_covers_a_name_later_is_dated_earlier_rather_than_hidden_by_the_name():
    table = Labels((label("glm-9*", "open", "2026-12-01"),))
    found, person = go("c", "", "", "q", table=table)
    assert found == [("glm-9*", "closed", "2026-06-01", "https://hub.example/glm-9-air")]
    assert (person.asked[0].exact, person.asked[0].message) == (False, "glm-9* covers it from 2026-12-01 on")
    after = Labels((*table.lines, label("glm-9*", "closed", "2026-06-01")))
    assert [after.of("glm-9-air", day) for day in (SEEN, date(2026, 12, 2))] == ["closed", "open"]


def test_a_name_that_no_line_can_hold_is_told_and_can_be_left():
    debts = (SourceDebt("s", (line("s", "x/a*b", 0.1),)),)
    found, person = go("o", "https://a.b/c", "u", "s", "q", debts=debts)
    assert found == []
    assert "a pattern ends in its one *" in person.asked[2].problem


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("a-1", "open", "x", "2026-01-01"), "source_url: must be"),
        (("a-*", "open", "https://a.b/c", "2026-01-01"), "names a numbered generation"),
        (("a-1", "ajar", "https://a.b/c", "2026-01-01"), "label"),
        (("glm-8-*", "closed", "https://a.b/c", "2025-01-01"), "already"),
        (("a-1", "open", "https://a.b/c", ""), "must be a date"),
    ],
)
def test_a_line_is_checked_before_it_is_kept(cells, words):
    found, problem = checked(*cells, TABLE)
    assert found is None
    assert words in problem
