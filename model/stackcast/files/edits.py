"""Changes of a YAML text at the places of its keys and values; comments and all else stay as they are."""

from typing import Any

import yaml

from stackcast.files.documents import Location
from stackcast.files.yaml_text import LOADER


class Edits:
    """A valid YAML text and what is to change in it; nothing changes before :meth:`text`.

    Parameters
    ----------
    text
        The text; its root is a mapping.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._root: Any = LOADER(text).get_single_node()
        self._spans: list[tuple[int, int, str]] = []

    def value(self, *location: str | int) -> Any:
        """Return the plain value at a place, None where there is none."""
        found = self._find(location)
        return None if found is None else _plain(found[1])

    def rename(self, location: Location, new: str) -> None:
        """Give a key another name, where there is one."""
        found = self._find(location)
        if found is not None:
            self._spans.append((found[0].start_mark.index, found[0].end_mark.index, new))

    def put(self, location: Location, value: str) -> None:
        """Replace a value, where there is one, by YAML on one line."""
        found = self._find(location)
        if found is not None:
            self._spans.append((found[1].start_mark.index, _end(self._text, found[1]), value))

    def drop(self, location: Location) -> None:
        """Take an entry out of a mapping, where there is one, with its line or its comma."""
        found, parent = self._find(location), self._find(location[:-1])
        if found is None or parent is None:
            return
        (key, value), entries = found, parent[1].value
        place = next(i for i, entry in enumerate(entries) if entry[0] is key)
        begin, end = key.start_mark.index, _end(self._text, value)
        if parent[1].flow_style and place > 0:
            begin = _end(self._text, entries[place - 1][1])
        elif place == 0 and len(entries) > 1:
            end = entries[1][0].start_mark.index
        elif not parent[1].flow_style:
            begin, end = self._text.rfind("\n", 0, begin) + 1, self._line_end(end) + 1
        self._spans.append((begin, end, ""))

    def add_after(self, location: Location, entry: str) -> None:
        """Put an entry behind another one of its mapping."""
        found, parent = self._find(location), self._find(location[:-1])
        if found is None or parent is None:
            return
        end = _end(self._text, found[1])
        if parent[1].flow_style:
            self._spans.append((end, end, f", {entry}"))
        else:
            end = self._line_end(end)
            self._spans.append((end, end, f"\n{' ' * found[0].start_mark.column}{entry}"))

    def text(self) -> str:
        """Return the text with every change carried out."""
        text = self._text
        for begin, end, new in sorted(self._spans, reverse=True):
            text = text[:begin] + new + text[end:]
        return text

    def _find(self, location: Location) -> tuple[Any, Any] | None:
        key = node = self._root
        for part in location:
            if isinstance(node, yaml.MappingNode):
                entry = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                entry = (node.value[part], node.value[part])
            else:
                entry = None
            if entry is None:
                return None
            key, node = entry
        return key, node

    def _line_end(self, index: int) -> int:
        found = self._text.find("\n", index)
        return len(self._text) if found < 0 else found


def _end(text: str, node: Any) -> int:
    """Return where a value ends: a block ends before the comments and blank lines that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(node, yaml.MappingNode) else last)
    begin: int = node.start_mark.index
    return begin + len(text[begin : node.end_mark.index].rstrip())


def _plain(node: Any) -> Any:
    return yaml.SafeLoader("").construct_object(node, deep=True)
