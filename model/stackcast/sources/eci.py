"""The Epoch Capabilities Index: the gap between the best closed and the best open model."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from stackcast.errors import InputError
from stackcast.observations.labels import CLOSED, OPEN, UNKNOWN, Labels
from stackcast.quarters import Quarter
from stackcast.sources.base import Context, Period, Reading, Row, Source, Unlabelled, observed
from stackcast.sources.frames import dates, numbers, read_table, require_no_later
from stackcast.sources.frontier import Frontier
from stackcast.sources.payload import Payload

if TYPE_CHECKING:
    from stackcast.sources.web import Web

ADDRESS = "https://epoch.ai/data/benchmark_data.zip"
PAGE = "https://epoch.ai/benchmarks"
MEMBER = "epoch_capabilities_index.csv"
LIMIT = 64 * 2**20
ACCESS = "Model accessibility"
VERSION, SCORE, RELEASED = "Model version", "ECI Score", "Release date"
UNRELEASED = "Unreleased"
FIRST = Quarter.parse("2023-Q2")
"""The first quarter whose end has both a closed and an open model that can be compared."""
DAYS_IN_MONTH = 365.25 / 12


def fetch(web: "Web", since: date, context: Context) -> list[Payload]:
    """Get the archive of Epoch's benchmarks."""
    return [web.get(ADDRESS, kinds=("application/zip", "application/x-zip-compressed"), limit=LIMIT)]


def read(payloads: Sequence[Payload], context: Context) -> Reading:
    """Compare the best models released by the end of each quarter."""
    rows: list[Row] = []
    names, seen, unlabelled = 0, None, dict[str, Unlabelled]()
    for payload in payloads:
        table = _member(payload)
        frame = read_table(table, (VERSION, SCORE, RELEASED, ACCESS))
        models = pd.DataFrame(
            {
                "name": frame[VERSION],
                "score": numbers(frame, SCORE, table),
                "day": dates(frame, RELEASED, table),
                "access": frame[ACCESS].str.strip(),
            }
        ).dropna(subset=["score", "day"])
        models = models[models["access"] != UNRELEASED]
        published = payload.day()
        require_no_later(models["day"], payload, "a model")
        models = models.assign(label=_labels(models, context.labels, published))
        names, seen = models["name"].nunique(), published
        unlabelled = dict.fromkeys(models.loc[models["label"] == UNKNOWN, "name"], Unlabelled(1.0, page=PAGE))
        for step in range(Quarter.of(published) - FIRST):
            rows += _gap_and_lag(models, (FIRST + step).end, published)
    return Reading(rows, unlabelled, "models", whole=float(names), seen=seen)


def _labels(models: pd.DataFrame, labels: Labels, day: date) -> list[str]:
    """Open or closed by Epoch's own column, by the label table where that is blank, else unknown."""
    return [
        (OPEN if access.startswith("Open weights") else CLOSED) if access else (labels.of(name, day) or UNKNOWN)
        for name, access in zip(models["name"], models["access"], strict=True)
    ]


def _gap_and_lag(models: pd.DataFrame, day: date, published: date) -> list[Row]:
    out = models[models["day"] <= pd.Timestamp(day)]
    frontier = Frontier.of(out)
    if frontier is None:
        return []
    (best_open, score), (best_closed, top) = frontier.opened, frontier.closed
    note = f"open {best_open} {score:.2f}; closed {best_closed} {top:.2f}"
    note += f"; unlabelled {frontier.unlabelled}" if frontier.unlabelled else ""
    period, cells = Period(day, day), {"n": float(len(out)), "note": note}
    rows = [observed("eci-gap-points-version-level", period, published, PAGE, **frontier.cells(2), **cells)]
    reached = out[(out["label"] == CLOSED) & (out["score"] >= score)]["day"]
    if len(reached):
        lag = (pd.Timestamp(day) - reached.min()).days / DAYS_IN_MONTH
        rows.append(observed("eci-lag-months-version-level", period, published, PAGE, value=round(lag, 2), **cells))
    return rows


def _member(payload: Payload) -> Payload:
    """Return the index inside the archive; a saved copy may be the bare CSV."""
    if payload.data[:2] != b"PK":
        return payload
    try:
        with zipfile.ZipFile(io.BytesIO(payload.data)) as archive:
            found = next((i for i in archive.infolist() if i.filename.rsplit("/", 1)[-1] == MEMBER), None)
            if found is None:
                raise InputError(f"{payload.origin}: the archive no longer holds {MEMBER}")
            if found.file_size > LIMIT:
                raise InputError(f"{payload.origin}: {MEMBER} is {found.file_size} bytes, over the limit of {LIMIT}")
            return replace(payload, data=archive.read(found), origin=f"{payload.origin}:{MEMBER}")
    except zipfile.BadZipFile as error:
        raise InputError(f"{payload.origin}: the archive is broken ({error})") from None


ECI = Source(
    name="eci",
    title="Epoch AI, Epoch Capabilities Index, epoch.ai/benchmarks (CC BY 4.0)",
    signals=("eci-gap-points-version-level", "eci-lag-months-version-level"),
    fetch=fetch,
    read=read,
)
