"""The dialogue of labelling unlabelled names, without terminal and files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from pydantic import ValidationError

from stackcast.observations.debt import DebtLine, SourceDebt
from stackcast.observations.generations import generation, nearest
from stackcast.observations.labels import CLOSED, OPEN, Label, Labels, bare

CRITERION = "any-weights"
BACK = "u"
KEYS = {"o": OPEN, "c": CLOSED}
HELP = "the keys are o, c, s, p, u and q"


@dataclass(frozen=True)
class Case:
    """One name to label, with its lines in every source."""

    name: str
    lines: tuple[DebtLine, ...]

    @property
    def page(self) -> str:
        """A link to look at, or ""."""
        return next((line.page for line in self.lines if line.page), "")

    @property
    def seen(self) -> date:
        """The first day of a file that lists it."""
        return min(line.seen for line in self.lines)

    def covered(self, labels: Labels) -> bool:
        """Whether a label covers it on the day of every file."""
        return all(labels.of(line.model, line.seen) for line in self.lines)


@dataclass(frozen=True)
class Screen:
    """A name to be answered by one keystroke.

    Attributes
    ----------
    case, pattern, exact
        The name, its numbered generation ("" if none), and whether the exact name is to be labelled. Where a pattern of
        the table covers the name from a later day on it is that pattern, which comes first: a line for the exact name
        would decide on every later day too.
    near
        The nearest lines of the table, with those just answered.
    also
        The other unlabelled names that the pattern covers.
    left, answered
        How many names are left, this one included; how many lines were made.
    message
        Message about the last key.
    """

    case: Case
    pattern: str
    exact: bool
    near: tuple[Label, ...]
    also: tuple[str, ...]
    left: int
    answered: int
    message: str

    @property
    def model(self) -> str:
        """What a label would name."""
        return self.case.name if self.exact else self.pattern


@dataclass(frozen=True)
class Entry:
    """A text to be typed: the link, or the day; an empty answer takes the default."""

    name: str
    default: str
    problem: str = ""


@dataclass(frozen=True)
class End:
    """No name is left; the last answer may still be taken back."""

    answered: int


Answer = Callable[[Screen | Entry | End], str]


def cases(debts: Sequence[SourceDebt]) -> tuple[Case, ...]:
    """Return the names of a debt, that with the greatest share of any source first."""
    found: dict[str, list[DebtLine]] = {}
    for line in sorted((line for debt in debts for line in debt.lines), key=lambda x: -x.share):
        found.setdefault(bare(line.model), []).append(line)
    held = [Case(name, tuple(lines)) for name, lines in found.items()]
    return tuple(sorted(held, key=lambda case: (-case.lines[0].share, case.name)))


def answer_names(debts: Sequence[SourceDebt], labels: Labels, answer: Answer) -> tuple[Label, ...]:
    """Ask about each name in turn and return the lines that were answered.

    Parameters
    ----------
    debts, labels
        What lacks a label, and the table.
    answer
        Gives a key for a :class:`Screen` or the :class:`End`, and a text for an :class:`Entry`.
    """
    now = _Progress(cases(debts), labels)
    while True:
        now = now.at_next()
        screen = now.screen()
        key = answer(screen).lower()
        if key == "q" or (isinstance(screen, End) and key in ("\r", "\n")):
            return now.fresh
        now = _after(now, screen, key, answer)


def checked(model: str, label: str, link: str, day: str, labels: Labels, note: str = "") -> tuple[Label | None, str]:
    """Return a line of the table from its cells, or None and what is wrong with them."""
    cells = {"model": model, "label": label, "criterion": CRITERION, "source_url": link, "note": note}
    try:
        line = Label.model_validate(cells | {"from_date": date.fromisoformat(day)})
    except ValidationError as error:
        first = error.errors()[0]
        return None, f"{first['loc'][0] if first['loc'] else 'line'}: {first['msg'].removeprefix('Value error, ')}"
    except ValueError:
        return None, f"{day!r} must be a date such as 2026-05-31"
    if any((x.model, x.from_date) == (line.model, line.from_date) for x in labels.lines):
        return None, f"the table has a line for {line.model} from {line.from_date} already"
    return line, ""


@dataclass(frozen=True)
class _Progress:
    """State of the dialogue: ``done`` holds the place of each name answered or skipped, and its line."""

    cases: tuple[Case, ...]
    labels: Labels
    place: int = 0
    switched: bool = False
    done: tuple[tuple[int, Label | None], ...] = ()
    link: str = ""
    message: str = ""

    @property
    def fresh(self) -> tuple[Label, ...]:
        return tuple(label for _, label in self.done if label)

    @cached_property
    def known(self) -> Labels:
        return Labels(self.labels.lines + self.fresh)

    def at_next(self) -> "_Progress":
        """Skip the names that earlier answers cover."""
        place = self.place
        while place < len(self.cases) and self.cases[place].covered(self.known):
            place += 1
        return self if place == self.place else replace(self, place=place, switched=False)

    def screen(self) -> Screen | End:
        if self.place == len(self.cases):
            return End(len(self.fresh))
        case = self.cases[self.place]
        left = [other for other in self.cases[self.place :] if not other.covered(self.known)]
        later = self.known.line_of(case.name, date.max)
        covering = later.model if later and "*" in later.model else ""
        pattern = covering or generation(case.name)
        also = tuple(x.name for x in left if pattern and x.name.startswith(pattern[:-1]) and x is not case)
        near = nearest(case.name, self.known)
        exact = self.switched == bool(covering)
        message = self.message or (f"{covering} covers it from {later.from_date} on" if later and covering else "")
        return Screen(case, pattern, exact, near, also, len(left), len(self.fresh), message)

    def stepped(self, label: Label | None) -> "_Progress":
        """Go on to the next name, with or without a line for this one."""
        done = (*self.done, (self.place, label))
        return replace(self, place=self.place + 1, switched=False, done=done, message="")


def _after(now: _Progress, screen: Screen | End, key: str, answer: Answer) -> _Progress:
    if key == "u":
        if not now.done:
            return replace(now, message="nothing to take back")
        place, label = now.done[-1]
        message = f"taken back: {label.model}" if label else ""
        return replace(now, place=place, switched=False, done=now.done[:-1], message=message)
    if isinstance(screen, End):
        return now
    if key == "s":
        return now.stepped(None)
    if key == "p":
        none = "" if screen.pattern else "this name has no numbered generation"
        return replace(now, switched=now.switched != bool(screen.pattern), message=none)
    if key in KEYS:
        return _labelled(now, screen, KEYS[key], answer)
    return replace(now, message=HELP)


def _labelled(now: _Progress, screen: Screen, kind: str, answer: Answer) -> _Progress:
    """Ask for the link and the day; what is wrong is asked for again, and ``u`` goes back to the name."""
    seen = screen.case.seen.isoformat()
    offered = screen.case.page or now.link
    link = _typed(Entry("link", offered), lambda text: _wrong(screen.model, kind, text, seen), answer)
    if link is None:
        return replace(now, message="")
    day = _typed(Entry("from", seen), lambda text: checked(screen.model, kind, link, text, now.known)[1], answer)
    if day is None:
        return replace(now, message="")
    label, _ = checked(screen.model, kind, link, day, now.known)
    return replace(now.stepped(label), link=link if link != screen.case.page else now.link)


def _wrong(model: str, kind: str, link: str, day: str) -> str:
    """Return what is wrong with a link, or with the name; whether the line is there already depends on the day."""
    return checked(model, kind, link, day, Labels(()))[1]


def _typed(entry: Entry, wrong: Callable[[str], str], answer: Answer) -> str | None:
    while True:
        text = answer(entry).strip() or entry.default
        if text.lower() == BACK:
            return None
        problem = wrong(text)
        if not problem:
            return text
        entry = replace(entry, problem=problem)
