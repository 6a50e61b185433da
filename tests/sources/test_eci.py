import io
import zipfile

import pytest

from stackcast.errors import InputError
from stackcast.sources import eci
from stackcast.sources.eci import ECI
from tests.sources.support import NONE, by_signal, context, labels, payload, table

HEADER = ("Model version", "ECI Score", "Release date", "Model accessibility")
MODELS = [
    ("closed-1", 120, "2025-01-01", "API access"),
    ("open-1", 110, "2025-02-01", "Open weights (unrestricted)"),
    ("closed-0", 111, "2024-09-30", "Hosted access (no API)"),
    ("mystery", 123.5, "2025-08-01", ""),
    ("kept-inside", 190, "2025-01-01", "Unreleased"),
    ("unscored", "", "2025-01-01", "API access"),
]


def read(*models, labels=NONE, published="2026-01-10"):
    from datetime import date

    return ECI.read([payload(table(HEADER, *models), published=date.fromisoformat(published))], context(labels))


def at(reading, slug):
    return {str(r.period_end): r for r in by_signal(reading)[slug]}


def test_gap_and_lag_at_each_quarters_end():
    found = read(*MODELS)
    gaps = at(found, "eci-gap-points-version-level")
    assert {day: (r.value, r.n) for day, r in gaps.items()} == {
        "2025-03-31": (10.0, 3),
        "2025-06-30": (10.0, 3),
        "2025-09-30": (10.0, 4),
        "2025-12-31": (10.0, 4),
    }
    lags = at(found, "eci-lag-months-version-level")
    assert lags["2025-03-31"].value == pytest.approx((31 + 30 + 31 + 31 + 28 + 31) / (365.25 / 12), abs=0.005)
    assert "open open-1 110.00; closed closed-1 120.00" in lags["2025-03-31"].note


def test_an_unlabelled_model_widens_the_bounds_and_is_listed():
    found = read(*MODELS)
    row = at(found, "eci-gap-points-version-level")["2025-09-30"]
    assert (row.lower, row.value, row.upper) == (-3.5, 10.0, 13.5)
    assert row.note.endswith("unlabelled mystery")
    assert at(found, "eci-gap-points-version-level")["2025-06-30"].lower is None
    assert {name: one.weight for name, one in found.unlabelled.items()} == {"mystery": 1.0}
    assert (found.whole, found.seen.isoformat()) == (4.0, "2026-01-10")


@pytest.mark.parametrize(("kind", "gap"), [("open", -3.5), ("closed", 13.5)])
def test_a_label_settles_it(kind, gap):
    found = read(*MODELS, labels=labels(mystery=kind))
    row = at(found, "eci-gap-points-version-level")["2025-09-30"]
    assert (row.value, row.lower, row.upper) == (gap, None, None)
    assert not found.unlabelled


def archive(name, text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def test_the_archive_is_opened_and_checked(monkeypatch):
    text = table(HEADER, *MODELS)
    inside = ECI.read([payload(archive("data/epoch_capabilities_index.csv", text), "b.zip")], context())
    assert inside.rows == ECI.read([payload(text)], context()).rows
    with pytest.raises(InputError, match=r"no longer holds epoch_capabilities_index\.csv"):
        ECI.read([payload(archive("other.csv", text), "b.zip")], context())
    with pytest.raises(InputError, match="the archive is broken"):
        ECI.read([payload(archive("x", text)[:-30], "b.zip")], context())
    monkeypatch.setattr(eci, "LIMIT", 10)
    with pytest.raises(InputError, match="over the limit of 10"):
        ECI.read([payload(archive("epoch_capabilities_index.csv", text), "b.zip")], context())
