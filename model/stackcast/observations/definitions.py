"""Edit ``signals.yaml``: add, rename or retire a signal; every other character stays as it is."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from stackcast.errors import InputError
from stackcast.files.documents import Document, did_you_mean
from stackcast.files.text import read_text
from stackcast.observations.schema import COLUMNS, QuestionFile, Signal, SignalFile
from stackcast.observations.store import DEFINITIONS, read_questions, signal_path

WIDTH = 110
Texts = dict[Path, str | None]


def renamed(folder: Path, old: str, new: str) -> Texts:
    """Return the files with a signal renamed; ids of its rows keep the old name.

    Raises
    ------
    InputError
        When the old name is unknown, or the new one is or was a signal's.
    """
    definitions, signal = _opened(folder, old)
    taken = {n: s for s, d in definitions.content.signals.items() for n in (s, *d.former_names)}
    if new in taken and not (new in signal.former_names and taken[new] == old):
        raise InputError(f"{new!r} is, or once was, the name of the signal {taken[new]!r}")
    former = [n for n in (*signal.former_names, old) if n != new]
    text = definitions.with_value(("signals", old), "former_names", _flow(former))
    text = Document.parse(definitions.path, text, SignalFile).with_key(("signals", old), new)
    questions = read_questions(folder)
    asked = questions.text
    for i in reversed(range(len(questions.content.questions))):
        if questions.content.questions[i].signal == old:
            asked = Document.parse(questions.path, asked, QuestionFile).with_value(("questions", i), "signal", new)
    texts: Texts = {definitions.path: text}
    if asked != questions.text:
        texts[questions.path] = asked
    path = signal_path(folder, old, signal)
    return texts | {signal_path(folder, new, signal): read_text(path, keep_mark=True), path: None}


def retired(folder: Path, slug: str, why: str, today: date) -> Texts:
    """Return the files with a signal marked as retired."""
    definitions, signal = _opened(folder, slug)
    if signal.retired is not None:
        raise InputError(f"{slug} was retired on {signal.retired.day}: {signal.retired.why}")
    return {definitions.path: definitions.with_value(("signals", slug), "retired", _flow({"day": today, "why": why}))}


def added(folder: Path, slug: str, signal: Signal) -> Texts:
    """Return the files with a new signal at the end of ``signals.yaml``, and a file for its rows."""
    definitions = Document(folder / DEFINITIONS, SignalFile)
    if slug in definitions.content.signals:
        raise InputError(f"there is a signal {slug!r} already")
    entry = signal.model_dump(mode="json", exclude_defaults=True)
    block = yaml.safe_dump({slug: entry}, sort_keys=False, allow_unicode=True, width=WIDTH, indent=2)
    body = definitions.text if definitions.text.endswith("\n") else definitions.text + "\n"
    text = body + "\n" + "".join(f"  {line}\n" for line in block.splitlines())
    return {definitions.path: text, signal_path(folder, slug, signal): ",".join(COLUMNS) + "\n"}


def _opened(folder: Path, slug: str) -> tuple[Document[SignalFile], Signal]:
    definitions = Document(folder / DEFINITIONS, SignalFile)
    signals = definitions.content.signals
    if slug not in signals:
        raise InputError(f"unknown signal {slug!r}{did_you_mean(slug, signals)}")
    return definitions, signals[slug]


def _flow(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000).strip()
