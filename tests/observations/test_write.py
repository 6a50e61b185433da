"""Adding a row: one new line, every rule, no writer and no row ever lost."""

import os
import random
import signal as signals
import subprocess
import sys
import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackcast.errors import InputError, ProblemsFound
from stackcast.files.atomic import JOURNAL, locked
from stackcast.observations.periods import parse_period
from stackcast.observations.schema import Observation, row_id
from stackcast.observations.store import read_rows
from stackcast.observations.write import add_rows, csv_line
from tests.observations.test_schema import signal
from tests.support import CHILD_PATH

TODAY = date.fromisoformat(LATEST := "2026-08-01")
"""The day on which the latest of these rows was published."""
TOMORROW = TODAY + timedelta(days=1)
SLUG = "a-share"
SHARE = signal(likelihood="share")


def row(value=0.3, period="2026-Q1", published="2026-05-01", **more):
    start, end = parse_period(period)
    day = date.fromisoformat(published)
    given = {"period_start": start, "period_end": end, "published": day, "value": value, "source_url": "https://a.b/c"}
    return Observation.model_validate(given | {"id": row_id(SLUG, end, day)} | more)


def path_in(folder):
    return folder / SHARE.measures.target / f"{SLUG}.csv"


@pytest.fixture
def folder(tmp_path):
    path_in(tmp_path).parent.mkdir()
    return tmp_path


def add(folder, *rows):
    return add_rows(folder, {SLUG: SHARE}, [(SLUG, r) for r in rows], today=TODAY)[-1]


def test_a_row_is_one_new_line_in_its_place(folder):
    add(folder, row(0.1, "2025-Q1"), row(0.3, "2025-Q3"))
    before = path_in(folder).read_text().splitlines()
    added = add(folder, row(0.2, "2025-Q2", note='a "quoted", note'))
    after = path_in(folder).read_text().splitlines()
    assert added.line == 3
    assert after[:2] + after[3:] == before
    found, problems = read_rows(path_in(folder), SHARE, today=TODAY)
    assert not problems
    assert [r.value for r in found] == [0.1, 0.2, 0.3]
    assert found[1] == row(0.2, "2025-Q2", note='a "quoted", note')


def test_lines_that_stand_are_never_rewritten(folder):
    text = "id,period_start,period_end,published,value,numerator,denominator,n,lower,upper,source_url,note\n"
    odd = "a-share/2025-03-31@2025-05-01,2025-01-01,2025-03-31,2025-05-01,0.10,,,,,,https://a.b/c,no newline at the end"
    path_in(folder).write_text(text + odd)
    add(folder, row())
    assert path_in(folder).read_text().startswith(text + odd + "\n")


def test_a_later_day_is_a_revision_and_both_are_kept(folder):
    add(folder, row(0.3))
    added = add(folder, row(0.35, published=LATEST))
    assert added.revises is not None
    assert added.revises.value == 0.3
    assert len(path_in(folder).read_text().splitlines()) == 3


def test_what_was_taken_back_today_may_be_put_right_today(folder):
    wrong = add(folder, row(0.9, published=str(TODAY))).row
    with pytest.raises(InputError, match="same period and publication day"):
        add(folder, row(0.3, published=str(TODAY)))
    (folder / "retractions.csv").write_text(f"id,retracted,why\n{wrong.id},{TODAY},a slip\n")
    right = add(folder, row(0.3, published=str(TODAY))).row
    assert right.id == f"{wrong.id}.2"
    days = {wrong.id: TODAY}
    assert read_rows(path_in(folder), SHARE, today=TODAY, retracted=days) == ([wrong, right], [])
    assert read_rows(path_in(folder), SHARE, today=TODAY)[1][0].column == "period"
    with pytest.raises(InputError, match="stands there already"):
        add(folder, row(0.3, published=str(TODAY)))


def test_a_row_taken_back_later_keeps_its_place(folder):
    old = add(folder, row(0.9, published="2026-05-01")).row
    (folder / "retractions.csv").write_text(f"id,retracted,why\n{old.id},2026-06-01,a slip\n")
    with pytest.raises(InputError, match="same period and publication day"):
        add(folder, row(0.3, published="2026-05-01"))
    assert add(folder, row(0.3, published="2026-06-01")).row.value == 0.3


def test_two_periods_with_one_end_and_day_have_ids_of_their_own(folder):
    quarter, month = add(folder, row(0.3, "2026-Q1")).row, add(folder, row(0.4, "2026-03")).row
    assert month.id == f"{quarter.id}.2"
    assert read_rows(path_in(folder), SHARE, today=TODAY)[1] == []


def test_a_file_keeps_the_ends_of_its_lines(folder):
    add(folder, row(0.1, "2025-Q1"))
    path_in(folder).write_bytes(path_in(folder).read_bytes().replace(b"\n", b"\r\n"))
    before = path_in(folder).read_bytes()
    add(folder, row(0.2, "2025-Q2"))
    after = path_in(folder).read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(b"\r\n") == 3
    assert read_rows(path_in(folder), SHARE, today=TODAY)[1] == []


def test_the_same_row_is_refused_with_the_line_that_holds_it(folder):
    add(folder, row(0.3))
    before = path_in(folder).read_bytes()
    with pytest.raises(InputError, match=r"a-share\.csv:2: this observation stands there already"):
        add(folder, row(0.3))
    with pytest.raises(InputError, match=r":2: .* gives 0\.3 for the same period and publication day"):
        add(folder, row(0.4))
    assert path_in(folder).read_bytes() == before


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (row(1.3), "value: 1.3 is not a share"),
        (row(0.3, published=str(TOMORROW)), f"published: {TOMORROW} lies in the future"),
        (row(0.3, published="2026-03-01"), "lies before period_end"),
        (row(0.3, lower=0.4), "lower: 0.4 lies above the value"),
        (row(0.3, upper=0.2), "upper: 0.2 lies below the value"),
        (row(0.3, numerator=3.0), "numerator and denominator come together"),
        (row(0.3, numerator=12.0, denominator=10.0), "exceeds denominator"),
        (row(0.3, numerator=5.0, denominator=10.0), "disagrees with 5/10"),
    ],
)
def test_each_rule_refuses_and_leaves_the_file_alone(folder, bad, words):
    add(folder, row(0.2, "2025-Q1"))
    before = path_in(folder).read_bytes()
    with pytest.raises(ProblemsFound, match=words):
        add(folder, bad)
    assert path_in(folder).read_bytes() == before
    assert [p.name for p in path_in(folder).parent.iterdir()] == [path_in(folder).name]


@given(
    st.floats(0, 1, exclude_min=True, exclude_max=True),
    st.integers(1, 10**14),
    st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=30),
)
def test_write_then_read_is_the_identity(tmp_path_factory, value, n, note):
    folder = tmp_path_factory.mktemp("store")
    path_in(folder).parent.mkdir()
    given = row(value, n=float(n), note=note)
    add(folder, given)
    assert read_rows(path_in(folder), SHARE, today=TODAY)[0] == [given]
    assert csv_line(given).count("\n") == 1


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-03-14", "2026-03-14", "2026-03-14"),
        (" 2026-03-01..2026-03-31 ", "2026-03-01", "2026-03-31"),
    ],
)
def test_periods_are_read_as_people_write_them(text, start, end):
    assert parse_period(text) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize("text", ["", "2026-Q5", "2026-13", "2026-02-30", "March", "2026-03-31..2026-03-01", "a..b..c"])
def test_other_periods_are_refused_with_the_forms(text):
    with pytest.raises(InputError, match="period"):
        parse_period(text)


WRITER = """
import sys
from datetime import date, timedelta
from pathlib import Path
from tests.observations.test_write import SHARE, SLUG, TODAY, add, row
folder, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for i in range(first, first + count):
    add(folder, row(0.3, str(date(2000, 1, 1) + timedelta(days=i))))
    print(i, flush=True)
"""


def writer(folder, first, count):
    command = [sys.executable, "-c", WRITER, str(folder), str(first), str(count)]
    environment = os.environ | {"PYTHONPATH": CHILD_PATH}
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert started.stdout.readline() == "ready\n"
    return started


def go(process):
    process.stdin.write("\n")
    process.stdin.flush()


def rows_in(folder):
    found, problems = read_rows(path_in(folder), SHARE, today=TODAY)
    assert not problems
    return found


def test_two_writers_lose_nothing(folder):
    writers = [writer(folder, 0, 100), writer(folder, 1000, 100)]
    for process in writers:
        go(process)
    for process in writers:
        process.communicate()
        assert process.returncode == 0
    assert len(rows_in(folder)) == 200


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_writer_leaves_the_old_file_or_the_new(folder, seed):
    """Every row that a writer reported stands there, and the file is valid; the one under way may or may not."""
    process = writer(folder, 0, 2000)
    go(process)
    time.sleep(random.Random(seed).uniform(0.02, 0.4))
    process.send_signal(signals.SIGKILL)
    reported = process.communicate()[0].split()
    found = len(rows_in(folder)) if path_in(folder).exists() else 0
    assert found in (len(reported), len(reported) + 1)


def child(work):
    """Run work in a forked process; exit 0, or 1 on any error."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return pid


def ended(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.slow
def test_two_hundred_pairs_of_writers_lose_nothing(folder):
    for i in range(200):
        begin = time.monotonic() + 0.005

        def write(k, begin=begin, i=i):
            while time.monotonic() < begin:
                pass
            add(folder, row(0.3, str(date(2000, 1, 1) + timedelta(days=2 * i + k))))

        pids = [child(lambda k=k: write(k)) for k in (0, 1)]
        assert [ended(pid) for pid in pids] == [0, 0]
        assert len(rows_in(folder)) == 2 * (i + 1)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing(folder):
    """Killed at a random moment, a writer leaves a valid file with every row that it had reported."""
    rng = random.Random(1)
    for i in range(200):
        read_end, write_end = os.pipe()

        def write(out=write_end):
            for k in range(1000):
                add(folder, row(0.3, str(date(2000, 1, 1) + timedelta(days=k))))
                os.write(out, b".")

        pid = child(write)
        os.close(write_end)
        time.sleep(rng.uniform(0.0, 0.06))
        os.kill(pid, signals.SIGKILL)
        assert ended(pid) == -signals.SIGKILL
        with os.fdopen(read_end, "rb") as reader:
            reported = len(reader.read())
        with locked(folder):
            found = len(rows_in(folder)) if path_in(folder).exists() else 0
        assert found in (reported, reported + 1), i
        assert not (folder / JOURNAL).exists()
        add(folder, row(0.3, "1999-01-01"))
        assert [p.name for p in folder.rglob("*") if p.is_file()] == [path_in(folder).name]
        path_in(folder).unlink()
