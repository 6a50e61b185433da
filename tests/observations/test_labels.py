"""Labels: the most specific dated line decides, and a name that no line covers stays unknown."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from stackcast.errors import InputError, ProblemsFound
from stackcast.observations.labels import COLUMNS, LAB_COLUMNS, Label, Labels, bare, load_labels
from tests.support import ROOT

DAY = date(2026, 1, 1)
LISTED = Path(__file__).with_name("names_2026_11.csv")
"""What the three clouds sell by LiteLLM's price map of 2026-11-20, and OpenRouter's top 50 as late as could be read."""


def label(model, kind, since="2024-01-01"):
    given = {"model": model, "label": kind, "criterion": "any-weights", "from_date": since}
    return Label.model_validate(given | {"source_url": "https://a.b/c"})


TABLE = Labels(
    (
        label("qwen2.5-*", "open"),
        label("qwen2.5-max*", "closed"),
        label("qwen2.5-max-open", "open"),
        label("grok-1", "closed", "2023-11-04"),
        label("grok-1", "open", "2024-03-17"),
        label("gpt-5*", "closed", "2025-08-07"),
    )
)


@pytest.mark.parametrize(
    ("name", "day", "wanted"),
    [
        ("Qwen/Qwen2.5-72B-Instruct:free", DAY, "open"),
        ("qwen2.5-max-2025", DAY, "closed"),
        ("qwen2.5-max-open", DAY, "open"),
        ("qwen3-72b", DAY, None),
        ("grok-1", date(2024, 3, 16), "closed"),
        ("grok-1", date(2024, 3, 17), "open"),
        ("grok-1", date(2023, 1, 1), None),
        ("openai/gpt-5-mini", date(2025, 8, 6), None),
        ("", DAY, None),
        ("*", DAY, None),
    ],
)
def test_the_most_specific_line_of_the_day_decides(name, day, wanted):
    assert TABLE.of(name, day) == wanted


def test_bare_names():
    assert bare(" deepseek/DeepSeek-V4-Flash:free ") == "deepseek-v4-flash"
    assert bare("chat-bison@001") == "chat-bison"


@pytest.mark.parametrize("model", ["*", "llama-*", "GPT-4", "org/gpt-4", "gpt-4*-mini", "gpt-4:free", ""])
def test_a_pattern_names_a_numbered_generation_and_never_a_vendor(model):
    with pytest.raises(ValidationError):
        label(model, "open")


def test_the_shipped_table_is_sourced_and_knows_both_kinds():
    table = load_labels(ROOT / "observations")
    assert len(table.lines) > 300
    assert {line.label for line in table.lines} == {"open", "closed"}
    assert table.of("meta-llama/Llama-3.3-70B-Instruct", DAY) == "open"
    assert table.of("claude-opus-4-6", date(2026, 3, 1)) == "closed"
    assert table.of("a-model-of-next-year", DAY) is None


def test_every_name_that_a_cloud_or_openrouters_top_50_listed_in_november_2026_has_a_label_of_its_day():
    table = load_labels(ROOT / "observations")
    with LISTED.open(newline="") as file:
        listed = list(csv.DictReader(file))
    assert [row["name"] for row in listed] == sorted(row["name"] for row in listed)
    sellers = Counter(row["listed_by"] for row in listed)
    assert set(sellers) == {"azure", "bedrock", "openrouter", "vertex_ai"}
    assert min(sellers.values()) > 50, sellers
    assert not [row for row in listed if table.of(row["name"], date.fromisoformat(row["day"])) is None]


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("z-ai/glm-5.3", {"2026-08-13": None, "2026-08-14": "closed", "2026-08-28": "open"}),
        ("moonshotai/kimi-k3", {"2026-07-16": "closed", "2026-07-27": "open"}),
        ("moonshotai/kimi-k3.1-pro", {"2026-10-31": "closed", "2026-11-04": "open"}),
        ("minimax/minimax-m3", {"2026-06-11": "closed", "2026-06-30": "open"}),
        ("mistral/mistral-large-4-0", {"2026-10-06": "closed", "2026-10-29": "open"}),
        ("meta/muse-spark-1.3", {"2026-11-28": "closed"}),
        ("meta/muse-spark-open", {"2026-11-28": "open"}),
        ("meta/muse-glimmer-30b", {"2026-11-28": "open"}),
        ("qwen/qwen3.8-max", {"2026-11-28": "closed"}),
        ("qwen/qwen3.8-2.4t-a95b", {"2026-11-28": "open"}),
        ("qwen/qwen3.6-plus", {"2026-11-28": "closed"}),
        ("z-ai/glm-5-turbo", {"2026-11-28": "closed"}),
        ("openai/gpt-oss-120b", {"2026-11-28": "open"}),
        ("google/gemini-4-argon", {"2026-11-28": "closed"}),
        ("google/gemma-4-31b-it", {"2026-11-28": "open"}),
    ],
)
def test_what_one_family_sells_closed_and_gives_away_open_is_told_apart(name, days):
    table = load_labels(ROOT / "observations")
    assert {day: table.of(name, date.fromisoformat(day)) for day in days} == days


def test_every_wrong_line_is_named(tmp_path):
    (tmp_path / "labels").mkdir()
    rows = [
        "gpt-4,closed,any-weights,2023-03-14,https://a.b/c,",
        "gpt-4,closed,any-weights,2023-03-14,https://a.b/c,",
        "x-1,ajar,any-weights,yesterday,rumour,",
    ]
    (tmp_path / "labels" / "models.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")
    with pytest.raises(ProblemsFound) as found:
        load_labels(tmp_path)
    places = {(p.line, p.column) for p in found.value.problems}
    assert places == {(3, "model"), (4, "label"), (4, "from_date"), (4, "source_url")}


def lab_table(folder, *rows):
    (folder / "labels").mkdir()
    (folder / "labels" / "models.csv").write_text(",".join(COLUMNS) + "\n")
    (folder / "labels" / "labs.csv").write_text("\n".join([",".join(LAB_COLUMNS), *rows]) + "\n")
    return folder


def test_a_lab_is_labelled_by_the_latest_line_of_the_day(tmp_path):
    table = load_labels(lab_table(
        tmp_path,
        "meta,open,any-weights,2025-10-01,https://a.b/c,Llama",
        "meta,closed,any-weights,2026-09-02,https://a.b/c,Muse",
    ))  # fmt: skip
    assert [table.of_lab(" Meta ", date(2026, 9, day)) for day in (1, 2)] == ["open", "closed"]
    assert table.of_lab("meta", date(2025, 9, 30)) is None
    assert table.of_lab("a-lab-of-next-year", DAY) is None
    assert table.of("meta", DAY) is None


def test_every_wrong_line_of_labs_is_named(tmp_path):
    wrong = ("zai,open,any-weights,2025-10-01,https://a.b/c,", "zai,closed,any-weights,2025-10-01,https://a.b/c,",
             "Z AI,open,any-weights,2025-10-01,https://a.b/c,", "x*,ajar,any-weights,,rumour,")  # fmt: skip
    with pytest.raises(ProblemsFound) as found:
        load_labels(lab_table(tmp_path, *wrong))
    places = {(p.line, p.column) for p in found.value.problems}
    assert places == {(3, "lab"), (4, "lab"), (5, "lab"), (5, "label"), (5, "from_date"), (5, "source_url")}


def test_a_folder_without_a_table_of_labs_labels_none(tmp_path):
    lab_table(tmp_path)
    (tmp_path / "labels" / "labs.csv").unlink()
    assert load_labels(tmp_path).labs == ()


def test_a_debate_without_labels_has_no_folder_of_them(tmp_path):
    assert load_labels(tmp_path) == Labels(())
    (tmp_path / "labels").mkdir()
    with pytest.raises(InputError, match=r"labels/models.csv: the file is missing"):
        load_labels(tmp_path)


def test_the_shipped_labs_are_of_both_kinds_and_mixed_ones_say_so():
    labs = load_labels(ROOT / "observations").labs
    assert {line.label for line in labs} == {"open", "closed"}
    assert all(line.note for line in labs)
    assert {line.lab for line in labs if line.note.startswith("mixed: ")} == {
        "google",
        "meta",
        "openai",
        "stepfun",
        "zai",
    }
