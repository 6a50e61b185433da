"""The errors that a user sees, each with its exit status."""

from dataclasses import dataclass
from pathlib import Path

SHOWN = 40
"""Problems that a message lists."""
LONGEST = 2000
"""Characters of a message's line; of a longer one the middle is left out."""


def printable(text: str) -> str:
    """Return a text with every character that would not be seen, or would move the cursor, as its escape."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def shortened(line: str) -> str:
    """Return a line without its middle where it is too long to read: a name or a value of a damaged file may be."""
    if len(line) <= LONGEST:
        return line
    kept = LONGEST // 2
    return f"{line[:kept]} ... ({len(line) - 2 * kept} characters) ... {line[-kept:]}"


class StackcastError(Exception):
    """An error with one clear message and an exit status of its own."""

    exit_status = 1

    def __str__(self) -> str:
        return "\n".join(map(shortened, printable(super().__str__()).split("\n")))


class InputError(StackcastError, ValueError):
    """Something in a file or a flag is wrong; nothing has been written."""

    exit_status = 2


class GateRefused(StackcastError, RuntimeError):
    """A run exists, but it failed a gate and may not be shown as a forecast."""

    exit_status = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place of one file.

    ``column`` is a character position in YAML and a column name in CSV.
    """

    path: Path
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class ProblemsFound(InputError):
    """All that is wrong with the files that were read, at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (str(p.path), p.line)))
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            files = len({problem.path for problem in self.problems})
            lines.append(
                f"and {len(self.problems) - SHOWN} more problems; {len(self.problems)} in {files} files in all"
            )
        super().__init__("\n".join(lines))
