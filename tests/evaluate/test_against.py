import pytest

from stackcast.errors import ProblemsFound
from stackcast.evaluate.against import read_against
from stackcast.evaluate.score import score_run
from stackcast.observations.schema import COLUMNS
from tests.support import canned_run
from tests.toy import EARLIER, TODAY

SLUG = "trial-output-gap"


@pytest.fixture(scope="module")
def run(project, tmp_path_factory):
    return canned_run(project, tmp_path_factory.mktemp("against"), EARLIER)


def write(path, *rows):
    lines = [",".join(("signal", *COLUMNS)), *(",".join(row.get(c, "") for c in ("signal", *COLUMNS)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def row(slug=SLUG, end="2023-08-30", published="2023-08-30", value="2.5"):
    start = end[:8] + "01"
    given = {"signal": slug, "id": f"{slug}/{end}", "period_start": start, "period_end": end, "published": published}
    return given | {"value": value, "source_url": "https://a.b/c"}


def test_figures_of_a_file_are_scored_and_the_rest_is_named(project, run, tmp_path):
    rows = project.observations.of(SLUG)
    known = rows[rows["published"] <= str(EARLIER)].iloc[-1]
    again = row(end=str(known["period_end"].date()), published="2023-09-01") | {
        "period_start": str(known["period_start"].date())
    }
    path = write(tmp_path / "later.csv", row(), row(slug="unheard-of"), again)
    found = score_run(run, project, against=read_against(path, project.observations.signals, TODAY))
    assert found.figures["id"].tolist() == [f"{SLUG}/2023-08-30"]
    assert any("unknown signal" in line for line in found.left_out)
    assert any("known at 2022-12-31 already" in line for line in found.left_out)


def test_a_bad_row_is_refused_with_its_line(project, tmp_path):
    path = write(tmp_path / "later.csv", row(), row(published="2030-01-01"), row(value="many"))
    with pytest.raises(ProblemsFound) as found:
        read_against(path, project.observations.signals, TODAY)
    assert {(p.line, p.column) for p in found.value.problems} == {(3, "published"), (4, "value")}
