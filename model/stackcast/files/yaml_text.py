"""A YAML text as nodes with their places and as plain values; what is ambiguous or endless is refused first."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from stackcast.errors import Problem, ProblemsFound
from stackcast.files.text import CONTROL, require_plain, shown

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEPTH = 40
"""Levels of nesting that a file may have."""
NODES = 500_000
"""Nodes that a file may have, every alias written out."""
INT, FLOAT, DAY, MERGE, STR = (f"tag:yaml.org,2002:{name}" for name in ("int", "float", "timestamp", "merge", "str"))
PLAIN = {INT: re.compile(r"[-+]?(0|[1-9][0-9]*)"), FLOAT: re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")}
"""The only forms of numbers that everybody reads alike: YAML 1.1 takes 12:30 for 750, and 010 for 8."""
ENDLESS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
"""Numbers that are not finite: a schema refuses them where it wants a number."""
BROKEN = (ValueError, OverflowError, ArithmeticError)
"""What PyYAML's constructors raise of a value that has the form of a day or a number and is none."""


def load_yaml(path: Path, text: str) -> tuple[Any, Any]:
    """Return the root node of a text and its plain value; both are None where the text is empty.

    Parameters
    ----------
    path
        Where the text stands, for errors.
    text
        The text.

    Raises
    ------
    ProblemsFound
        When it is not YAML, has another document, tags, repeated keys or keys that are not text, impossible days or
        numbers, is nested deeper than :data:`DEPTH`, or has more nodes than :data:`NODES`.
    """
    require_plain(path, text)
    try:
        _require_bounded(path, text)
        loader = LOADER(text)
        root = loader.get_single_node()
        problems = [] if root is None else list(_wrong(path, root, loader, set()))
        if problems:
            raise ProblemsFound(problems)
        return root, None if root is None else loader.construct_document(root)
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or error
        raise ProblemsFound([_at(path, mark, f"not valid YAML: {problem}")]) from None


def _at(path: Path, mark: Any, message: str) -> Problem:
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Problem(path, line, str(column), message)


def _require_bounded(path: Path, text: str) -> None:
    """Refuse, from the stream of events and before anything is built, what would not end or has tags."""
    sizes: dict[str, int] = {}
    open_ones: list[tuple[str | None, int]] = []
    total = documents = 0
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise ProblemsFound([_at(path, event.start_mark, "another document begins here; a file holds one")])
        if not isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            continue
        if (tag := getattr(event, "tag", None)) is not None:
            raise ProblemsFound([_at(path, event.start_mark, f"the tag {shown(tag)} is not known; remove it")])
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_ones.pop()
            if anchor is not None:
                sizes[anchor] = total - before
            continue
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in (anchor for anchor, _ in open_ones):
                message = f"the alias *{event.anchor} stands within what it stands for; write it out"
                raise ProblemsFound([_at(path, event.start_mark, message)])
            total += sizes.get(str(event.anchor), 0)
        total += 1
        if isinstance(event, yaml.CollectionStartEvent):
            open_ones.append((event.anchor, total))
        elif isinstance(event, yaml.ScalarEvent) and event.anchor is not None:
            sizes[event.anchor] = 1
        if len(open_ones) > DEPTH:
            raise ProblemsFound([_at(path, event.start_mark, f"nested more than {DEPTH} deep")])
        if total > NODES:
            message = f"more than {NODES} values, aliases written out; write fewer of them"
            raise ProblemsFound([_at(path, event.start_mark, message)])


def _wrong(path: Path, node: Any, loader: Any, done: set[int]) -> Iterator[Problem]:
    """Give what is wrong with a node and those inside it, each node once."""
    if id(node) in done:
        return
    done.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        if message := _wrong_scalar(node, loader):
            yield _at(path, node.start_mark, message)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _wrong(path, value, loader, done)
    else:
        seen: set[str] = set()
        for key, value in node.value:
            if message := _wrong_key(key, seen):
                yield _at(path, key.start_mark, message)
            yield from _wrong(path, value, loader, done)


def _wrong_key(key: Any, seen: set[str]) -> str:
    if not isinstance(key, yaml.ScalarNode):
        return "a key must be text, not a list or a mapping"
    if key.value in seen:
        return f"key {shown(key.value)} stands twice"
    seen.add(key.value)
    if CONTROL.search(key.value):
        return f"the key {shown(key.value)} has a control character; remove it"
    if key.tag not in (STR, MERGE):
        return f"the key {shown(key.value)} is read as {key.tag.rpartition(':')[2]}, not as text; put it in quotes"
    return ""


def _wrong_scalar(node: Any, loader: Any) -> str:
    text, kind = node.value, node.tag
    if CONTROL.search(text):
        return f"{shown(text)} has a control character; remove it"
    if kind in PLAIN and not PLAIN[kind].fullmatch(text) and not ENDLESS.fullmatch(text):
        return f"{shown(text)} is no plain number; write it in digits, or in quotes where it is text"
    try:
        loader.construct_object(node)
    except BROKEN as error:
        what = "day" if kind == DAY else "number"
        return f"{shown(text)} is no {what} ({shown(str(error))}); correct it, or put it in quotes where it is text"
    return ""
