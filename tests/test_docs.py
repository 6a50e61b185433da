"""The documents against the repository: links lead somewhere, and the table of parameters is the code's."""

import re
from pathlib import Path

import pytest

from stackcast.graph.parameters import parameters
from tests.support import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "observations" / "README.md"])
FENCED = re.compile(r"```.*?```", re.DOTALL)
LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)")


def anchors(path: Path) -> set[str]:
    """Return the names that a link may end with: of headings as GitHub makes them, and those that the file declares."""
    text = path.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.MULTILINE)
    words = (re.sub(r"[^\w -]", "", heading.lower()) for heading in headings)
    return {*(word.strip().replace(" ", "-") for word in words), *re.findall(r'id="([^"]+)"', text)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_within_the_repository_leads_somewhere(document):
    broken = []
    for name, anchor in LINK.findall(FENCED.sub("", document.read_text(encoding="utf-8"))):
        target = document.parent / name if name else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{name}#{anchor}")
    assert broken == []


def test_the_documented_parameters_are_those_of_the_graph(design):
    text = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    for q in parameters(design):
        assert f"| `{q.name}` | {', '.join(q.dims) or '-'} | {q.prior.name} | {q.describes} |\n" in text, q.name
