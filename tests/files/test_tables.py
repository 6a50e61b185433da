"""CSV as spreadsheets and hands leave it: read where that is sure, else refused with line, column and cure."""

import pytest

from stackcast.files.documents import Strict
from stackcast.files.tables import read_table, whole_lines


class Row(Strict):
    """A row of two cells."""

    name: str
    value: float


COLUMNS = ("name", "value")
GOOD = "name,value\nx,1\ny,2\n"
REFUSED = {
    "semicolons": (GOOD.replace(",", ";"), "1:header: the cells are separated by semicolons; save the file with comm"),
    "tabs": (GOOD.replace(",", "\t"), "1:header: the cells are separated by tabs"),
    "bars": (GOOD.replace(",", "|"), "1:header: the cells are separated by bars"),
    "nothing": ("", "1:header: the first line must name the columns name,value, and is empty"),
    "a column twice": ("name,name\nx,1\n", "twice: name; missing: value"),
    "a column too many": ("name,value,more\nx,1,2\n", "unknown: more"),
    "a column too few": ("name\nx\n", "missing: value"),
    "a cell too many": (GOOD + "z,3,4\n", "4:row: 3 cells where the header has 2; a cell with a comma stands in quot"),
    "a cell too few": (GOOD + "z\n", "4:row: 1 cells where the header has 2"),
    "an empty line": (GOOD + "\n", "4:row: an empty line; remove it"),
    "a runaway cell": (GOOD + "z" * 200_000 + ",1\n", "4:row: a cell of more than 131072 characters"),
    "an open quotation mark": (GOOD + '"z,3\nu,4\n', "4:row: a quotation mark of this line is not closed"),
    "text behind a quotation mark": (GOOD + '"z"z,3\n', "4:row: text stands behind a closing quotation mark"),
    "NUL": (GOOD + "z\0,3\n", r"4:name: must not contain control characters (found 'z\x00')"),
    "a long value": (GOOD + f"z,{'9' * 5000}\n", "4:value: "),
    "UTF-16": (GOOD.encode("utf-16"), "1:1: the file is UTF-16; save the file as UTF-8"),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), "1:1: the file seems to be UTF-16"),
    "Latin": ("name,value\ncaf\u00e9,1\n".encode("cp1252"), "2:4: byte 0xe9 is not UTF-8; save the file as UTF-8"),
}


def read(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, COLUMNS, Row)


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_with_line_column_and_cure(tmp_path, content, words):
    problems = read(tmp_path / "x.csv", content)[1]
    assert words in str(problems[0])
    assert len(str(problems[0])) < 500
    assert str(problems[0]).removeprefix(str(tmp_path)).isprintable()


FORMS = {
    "a byte order mark": "\ufeff" + GOOD,
    "Windows": GOOD.replace("\n", "\r\n"),
    "an old Mac": GOOD.replace("\n", "\r"),
    "no last line end": GOOD.rstrip("\n"),
    "all of them": ("\ufeff" + GOOD.replace("\n", "\r\n")).rstrip(),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_it_is_read(tmp_path, content):
    lines, problems = read(tmp_path / "x.csv", content)
    assert problems == []
    assert [(line.number, line.row.value) for line in lines] == [(2, 1.0), (3, 2.0)]


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_lines_to_be_written_again_are_whole_and_as_they_stood(tmp_path, content):
    (tmp_path / "x.csv").write_bytes(content.encode())
    lines = whole_lines(tmp_path / "x.csv")
    assert len(lines) == 3
    assert "".join(lines).startswith(content)
    assert len({line[len(line.rstrip()) :] for line in lines}) == 1
