"""YAML that is no YAML, never ends, or says something other than it seems to: each refused at its place."""

import pytest
from pydantic import ConfigDict

from stackcast.cli.app import run
from stackcast.errors import ProblemsFound
from stackcast.files.documents import Document, Strict
from stackcast.files.text import read_text
from stackcast.files.yaml_text import load_yaml
from tests.support import MINIMAL, copy_project

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60))
REFUSED = {
    "a day that is none": ("a: 1\nb: 2027-02-30\n", r"2:4: '2027-02-30' is no day"),
    "a month that is none": ("b: 2024-13-45", r"1:4: '2024-13-45' is no day"),
    "a time of day that is none": ("b: 2024-01-01T25:61:61", r"1:4: .* is no day"),
    "a zone that is none": ("b: 2024-01-01 00:00:00 +99:00", r"1:4: .* is no day"),
    "a fraction with an underscore": ("b: .5_", r"1:4: '.5_' is no plain number"),
    "a number of base sixty": ("b: 12:30:45", "is no plain number"),
    "an octal number": ("b: 010", "is no plain number"),
    "a number with an underscore": ("b: 1_000", "is no plain number"),
    "a hexadecimal number": ("b: 0x1F", "is no plain number"),
    "a number too long to be read": ("b: " + "9" * 5000, "is no number"),
    "an anchor that refers to itself": ("a: &a [1, *a]", r"1:11: the alias \*a stands within"),
    "a mapping that refers to itself": ("a: &a {b: {c: *a}}", r"1:15: the alias \*a stands within"),
    "aliases of aliases": (BOMB, "more than 500000 values, aliases written out"),
    "deep flow": ("a: " + "[" * 100_000, "nested more than 40 deep"),
    "deep blocks": ("".join(f"{' ' * i}a:\n" for i in range(200)), "nested more than 40 deep"),
    "a key twice": ("a: 1\nb: 2\na: 3\n", "3:1: key 'a' stands twice"),
    "a key twice within a list": ("a:\n  - {b: 1, b: 2}\n", "2:12: key 'b' stands twice"),
    "a key that is a number": ("2027: 1", "1:1: the key '2027' is read as int, not as text; put it in quotes"),
    "a key that is a truth value": ("no: 1", "the key 'no' is read as bool"),
    "a key that is a day": ("2024-01-01: 1", "the key '2024-01-01' is read as timestamp"),
    "a key that is nothing": ("~: 1", "the key '~' is read as null"),
    "a key that is a list": ("? [a]\n: 1", "a key must be text"),
    "another document": ("a: 1\n---\na: 2\n", "2:1: another document begins here"),
    "a tag": ("a: !!bool x", r"1:4: the tag 'tag:yaml.org,2002:bool' is not known"),
    "a tag of Python": ("a: !!python/object:os.system x", "the tag"),
    "a control character": ("a: 1\nb: x\x07\n", r"2:5: '\\x07' is a control character"),
    "an escaped control character": ('a: "\\e[31m"', r"1:4: '\\x1b\[31m' has a control character"),
    "no YAML": ("a: [1", "not valid YAML"),
    "an unknown alias": ("a: *b", "not valid YAML"),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_at_its_place(tmp_path, text, words):
    with pytest.raises(ProblemsFound, match=words):
        load_yaml(tmp_path / "x.yaml", text)


def test_aliases_and_merges_that_end_are_read(tmp_path):
    _, raw = load_yaml(tmp_path / "x.yaml", "a: &a {b: 1}\nc: {<<: *a, d: .5}\ne: [*a, 2024-02-29, 'no', 1e3]\n")
    assert raw["c"] == {"b": 1, "d": 0.5}
    assert raw["e"][0] == {"b": 1}


class Anything(Strict):
    """A schema that takes every key."""

    model_config = ConfigDict(extra="allow")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"], ids=["nothing", "a comment", "a mark"])
def test_an_empty_file_says_so(tmp_path, text):
    with pytest.raises(ProblemsFound, match=r"x.yaml:\d:1: (the file is empty|Input should be)"):
        Document(tmp_path / "x.yaml", Anything, text)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_another_encoding_is_named_with_its_cure(tmp_path, encoding):
    path = tmp_path / "x.yaml"
    path.write_bytes("a: 1\nb: caf\u00e9 and more\n".encode(encoding))
    with pytest.raises(ProblemsFound, match="save the file as UTF-8"):
        read_text(path)


def test_the_byte_that_is_not_utf8_has_its_line_and_column(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\r\nb: caf\xe9\r\n")
    with pytest.raises(ProblemsFound, match=r"x.yaml:2:7: byte 0xe9 is not UTF-8"):
        read_text(path)


def test_what_is_not_seen_is_shown_escaped(tmp_path):
    with pytest.raises(ProblemsFound) as refused:
        Document(tmp_path / "x.yaml", Strict, "a\u202e\ufeff: 1\n")
    assert str(refused.value).isprintable()
    assert "\\u202e" in str(refused.value)


def test_a_name_of_many_pages_is_shown_without_its_middle(tmp_path, capsys):
    root = copy_project(tmp_path / "project", MINIMAL)
    path = root / "priors" / "debate.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "? " + "x" * 200_000 + "\n: 1\n", encoding="utf-8")
    assert run(["check", "--project", str(root)]) == 2
    said = capsys.readouterr().err
    assert "unknown key 'xxx" in said
    assert "characters) ..." in said
    assert said.rstrip().endswith("whole")
    assert len(said) < 3000
