"""A folder of recorded sources: the day of a file, what is read on which day, and that it reads back what it kept."""

from datetime import date

import pytest

from stackcast.errors import InputError
from stackcast.sources.payload import Payload
from stackcast.sources.recorded import NotRecorded, record, recorded

TODAY = date(2026, 11, 20)


def put(folder, name, data=b"x"):
    path = folder / "source" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2026-11-19-rankings.csv", date(2026, 11, 19)),
        ("2026-11-19.csv", date(2026, 11, 19)),
        ("2026-11-19/rankings.csv", date(2026, 11, 19)),
        ("2026-11-01/2026-11-19-rankings.csv", date(2026, 11, 19)),
        ("2026-11-19/deeper/rankings.csv", date(2026, 11, 19)),
        ("rankings-2026-11-19.csv", None),
        ("2026-11-190.csv", None),
    ],
)
def test_a_date_in_the_name_or_in_a_folder_is_the_day_of_a_file(tmp_path, name, day):
    put(tmp_path, name)
    (found,) = recorded(tmp_path, "source", TODAY)
    assert (found.published, found.data, found.origin) == (day, b"x", str(tmp_path / "source" / name))


def test_a_file_of_a_later_day_is_not_read(tmp_path):
    put(tmp_path, "2026-11-20-a.csv", b"today's")
    put(tmp_path, "2026-11-21-b.csv", b"tomorrow's")
    put(tmp_path, "2026-10-01/c.csv", b"older")
    put(tmp_path, ".hidden", b"hidden")
    assert [p.data for p in recorded(tmp_path, "source", TODAY)] == [b"older", b"today's"]
    with pytest.raises(NotRecorded, match=r"nothing in .* by 2026-09-30"):
        recorded(tmp_path, "source", date(2026, 9, 30))


def test_a_source_without_a_folder_is_not_recorded(tmp_path):
    with pytest.raises(NotRecorded, match="no file in"):
        recorded(tmp_path, "source", TODAY)


def test_a_name_with_an_impossible_date_is_an_error(tmp_path):
    put(tmp_path, "2026-13-40-a.csv")
    with pytest.raises(InputError, match="'2026-13-40' is no date"):
        recorded(tmp_path, "source", TODAY)


def test_what_was_recorded_reads_back_with_its_days(tmp_path):
    served = [
        Payload(b"a", "https://a.b/data/table.csv?key=secret", date(2026, 11, 1)),
        Payload(b"b", "https://a.b/data/table.csv?page=2", date(2026, 11, 1)),
        Payload(b"c", "pkg:pypi/litellm@1.83.0", date(2026, 10, 2)),
        Payload(b"d", "https://a.b/", None),
    ]
    for _ in range(2):  # the second time everything is there already
        kept = record(tmp_path, "source", served, TODAY)
    names = ["2026-11-01-table.csv", "2026-11-01-2-table.csv", "2026-10-02-litellm-1.83.0", "2026-11-20-file"]
    assert [path.name for path in kept] == names
    assert not [path for path in tmp_path.rglob("*") if "secret" in path.name]
    back = {p.data: p.published for p in recorded(tmp_path, "source", TODAY)}
    assert back == {b"a": date(2026, 11, 1), b"b": date(2026, 11, 1), b"c": date(2026, 10, 2), b"d": TODAY}
