"""YAML documents with their line marks, so that an error can name file, line, column and the fix."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from stackcast.errors import Problem, ProblemsFound
from stackcast.files.text import read_text, shown
from stackcast.files.yaml_text import load_yaml

Location = tuple[str | int, ...]


class Strict(BaseModel):
    """Base of every schema: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)


def current_format(current: int, found: int) -> int:
    """Return the format of a file, if it is the one that this program reads."""
    if found < current:
        raise ValueError(f"this stackcast reads format {current}: run `stackcast migrate`")
    if found > current:
        raise ValueError(f"this stackcast reads format {current}: a later one wrote this, so upgrade")
    return found


class Document[Schema: BaseModel]:
    """One parsed and validated YAML file that still knows where each key stands.

    Parameters
    ----------
    path
        The file; a missing or malformed one is an ``InputError``.
    schema
        The declared schema of its content.
    """

    def __init__(self, path: Path, schema: type[Schema], text: str | None = None) -> None:
        self.path = path
        self.text = text = read_text(path) if text is None else text
        self._root, raw = load_yaml(path, text)
        if self._root is None:
            raise ProblemsFound([Problem(path, 1, "1", "the file is empty")])
        try:
            self.content = schema.model_validate(raw)
        except ValidationError as error:
            errors = error.errors()
            # in a file of another format every other error is only a consequence
            errors = [e for e in errors if e["loc"] == ("format",)] or errors
            raise ProblemsFound([self._explain(e, schema) for e in errors]) from None

    @classmethod
    def parse(cls, path: Path, text: str, schema: type[Schema]) -> "Document[Schema]":
        """Validate a text that is to stand at a path."""
        return cls(path, schema, text)

    def with_key(self, location: Location, new: str) -> str:
        """Return the text with one key under a new name, and nothing else changed."""
        key, _ = self._at(location)
        return self.text[: key.start_mark.index] + new + self.text[key.end_mark.index :]

    def with_value(self, location: Location, key: str, value: str) -> str:
        """Return the text with one key of a block mapping set to YAML on one line, and nothing else changed."""
        _, node = self._at(location)
        for k, v in node.value:
            if k.value == key:
                old = self.text[v.start_mark.index : v.end_mark.index].rstrip()
                return self.text[: v.start_mark.index] + value + self.text[v.start_mark.index + len(old) :]
        first = node.value[0][0].start_mark
        begin = first.index - first.column
        return f"{self.text[:begin]}{' ' * first.column}{key}: {value}\n{self.text[begin:]}"

    def _at(self, location: Location) -> tuple[Any, Any]:
        node: Any = self._root
        key: Any = None
        for part in location:
            if isinstance(part, int):
                key = node = node.value[part]
            else:
                key, node = next((k, v) for k, v in node.value if k.value == part)
        return key, node

    def problem(self, location: Location, message: str) -> Problem:
        """Return a problem at a key path such as ``("signals", "x", "family")``."""
        line, column = self._mark(location)
        return Problem(self.path, line, str(column), message)

    def _explain(self, error: Any, schema: type[BaseModel]) -> Problem:
        location: Location = tuple(part for part in error["loc"] if part != "[key]")
        where = ".".join(map(str, location))
        message = error["msg"].removeprefix("Value error, ")
        if error["type"] == "extra_forbidden":
            message = f"unknown key {shown(location[-1])}{did_you_mean(str(location[-1]), field_names(schema))}"
        elif error["type"] == "missing":
            message = f"required key {location[-1]!r} is missing"
        else:
            message = f"{message} (found {shown(error['input'])})"
        return self.problem(location, f"{where}: {message}" if where else message)

    def _mark(self, location: Location) -> tuple[int, int]:
        node, mark = self._root, self._root.start_mark if self._root is not None else None
        for part in location:
            if isinstance(node, yaml.MappingNode):
                found = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                found = (node.value[part], node.value[part])
            else:
                found = None
            if found is None:
                break
            mark, node = found[0].start_mark, found[1]
        return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """Return the nearest valid name as a phrase, or the whole list when nothing is near."""
    options = sorted(valid)
    near = get_close_matches(name, options, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; valid are: {', '.join(options)}" if options else ""


def field_names(schema: type[BaseModel]) -> set[str]:
    """Return every key that a schema and the schemas inside it know."""
    names: set[str] = set()
    todo: list[Any] = [schema]
    seen: set[Any] = set()
    while todo:
        item = todo.pop()
        if item in seen:
            continue
        seen.add(item)
        if isinstance(item, type) and issubclass(item, BaseModel):
            names |= set(item.model_fields)
            todo += [f.annotation for f in item.model_fields.values()]
        else:
            todo += [a for a in getattr(item, "__args__", ()) if a is not item]
    return names
