import math
from datetime import date

import pytest

from stackcast.errors import InputError
from stackcast.sources.epoch import COLUMNS, EPOCH
from tests.sources.support import by_signal, context, payload, table

FREE, RESTRICTED, API = "Open weights (unrestricted)", "Open weights (restricted use)", "API access"
MODELS = [
    ("a", "Google DeepMind", "2025-01-10", "", "1e24", FREE),
    ("b", "OpenAI", "2025-02-10", "", "4e24", API),
    ("c", "OpenAI", "2025-05-10", "1e9", "", API),
    ("d", "A University", "2025-06-30", "1e9", "", RESTRICTED),
    ("e", "A University", "2025-07-01", "1e9", "", "Unreleased"),
    ("f", "Meta AI", "2025-12-31", "1e9", "", ""),
    ("g", "Meta AI", "2026-03-31", "1e9", "2e24", RESTRICTED),
    ("h", "Microsoft", "2026-07-01", "1e9", "", API),
    ("later", "Meta AI", "2026-07-20", "1e9", "9e29", FREE),
]
MODELS = [(*model, "Highly cited") for model in MODELS]


@pytest.fixture(scope="module")
def found():
    return by_signal(EPOCH.read([payload(table(COLUMNS, *MODELS))], context()))


def counts(rows):
    return [(str(r.period_end), r.numerator, r.denominator) for r in rows]


def test_quarters_count_open_of_known_and_stop_at_the_last_whole_one(found):
    rows = found["epoch-notable-open-weights-quarterly"]
    assert counts(rows) == [("2025-03-31", 1, 2), ("2025-06-30", 1, 2), ("2025-09-30", 0, 1), ("2026-03-31", 1, 1)]
    assert {r.published.isoformat() for r in rows} == {"2026-07-19"}
    assert {r.period_start.isoformat() for r in rows} == {"2025-01-01", "2025-04-01", "2025-07-01", "2026-01-01"}


def test_years(found):
    assert counts(found["epoch-notable-unrestricted-weights-annual"]) == [("2025-12-31", 1, 5)]
    assert counts(found["epoch-cloudchip-open-share"]) == [("2025-12-31", 1, 1), ("2026-07-01", 0, 1)]
    assert found["epoch-cloudchip-open-share"][1].note == "partial year"
    assert counts(found["epoch-noncloud-open-share"]) == [("2025-12-31", 1, 4)]
    assert counts(found["epoch-api-models-params-disclosed"]) == [("2025-12-31", 1, 2), ("2026-07-01", 1, 1)]


def test_the_contrast_is_a_ratio_of_two_shares_with_the_interval_of_its_counts(found):
    (row,) = found["epoch-cloudchip-to-others-open-ratio"]
    assert (row.value, row.numerator, row.denominator, row.note) == (4.0, 1.0, 0.25, "1 of 1 over 1 of 4")
    spread = math.exp(1.6448536 * math.sqrt(0.75))
    assert (row.lower, row.upper) == pytest.approx((4 / spread, 4 * spread), rel=1e-5)


def test_labs_are_counted_once_and_only_with_a_model(found):
    assert counts(found["labs-with-open-notable-release"]) == [("2025-12-31", 1, 2)]


def test_the_compute_ratio_is_of_the_largest_by_the_years_end(found):
    (row,) = found["epoch-max-training-compute-ratio-closed-open"]
    assert (row.value, row.numerator, row.denominator, row.note) == (4.0, 4e24, 1e24, "open a; closed b")


def test_what_came_after_the_copy_is_not_in_it(found):
    assert all("later" not in r.note for rows in found.values() for r in rows)
    assert EPOCH.read([payload(table(COLUMNS, *MODELS))], context()).left_out == [
        "1 models of unknown access, by the definition"
    ]


def test_every_signal_that_it_feeds_exists(project):
    from stackcast.sources import SOURCES

    for source in SOURCES.values():
        assert set(source.signals) <= set(project.observations.signals), source.name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (table(COLUMNS, *MODELS).replace("Model accessibility", "Model access"), "did you mean 'Model access'"),
        (table(COLUMNS, ("a", "b", "soon", "", "", FREE, "SOTA")), "row 2, Publication date: must be a date"),
        (
            table(COLUMNS, ("a", "b", "2025-01-01", "", "huge", FREE, "SOTA")),
            "row 2, Training compute .FLOP.: must be a number",
        ),
        (table(COLUMNS), "the table has no rows"),
        (b"\x00\xff\xfe", "cannot be read as a table"),
        (b"PAR1 and nothing", "cannot be read as a table"),
        ("<html><body>moved</body></html>", "the publisher has changed the columns"),
    ],
)
def test_a_changed_table_is_one_clear_error(text, words):
    with pytest.raises(InputError, match=words):
        EPOCH.read([payload(text)], context())


@pytest.mark.parametrize("other", ["lacks the column", "leaves it empty"])
def test_another_table_of_epochs_is_refused(other):
    """Epoch's archive holds four tables with the same columns but for one."""
    keep = slice(None, -1) if other == "lacks the column" else slice(None)
    text = table(COLUMNS[keep], *[(*model[:-1], "")[keep] for model in MODELS])
    said = "'Notability criteria' is missing" if other == "lacks the column" else "save notable_ai_models.csv"
    with pytest.raises(InputError, match=said):
        EPOCH.read([payload(text)], context())


def test_a_copy_that_holds_later_models_was_not_published_that_day():
    early = date(2026, 6, 1)
    with pytest.raises(InputError, match="holds a model of 2026-07-20, so it was not published on 2026-06-01"):
        EPOCH.read([payload(table(COLUMNS, *MODELS), published=early)], context())
    served = payload(table(COLUMNS, *MODELS), "https://epoch.ai/data/notable_ai_models.csv", early)
    assert EPOCH.read([served], context()).rows, "a server has its own day, and may announce the future"


def test_a_saved_copy_needs_its_day():
    with pytest.raises(InputError, match="add --published DATE"):
        EPOCH.read([payload(table(COLUMNS, *MODELS), published=None)], context())
