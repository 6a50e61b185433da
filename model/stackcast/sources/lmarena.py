"""LMArena's text leaderboard: the best proprietary model against the best under any other licence."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from stackcast.observations.labels import CLOSED, OPEN, UNKNOWN, Labels
from stackcast.sources.base import Context, Period, Reading, Row, Source, Unlabelled, observed, share_of_counts
from stackcast.sources.frames import by_month, dates, numbers, read_table, require_no_later
from stackcast.sources.frontier import Frontier
from stackcast.sources.payload import Payload

if TYPE_CHECKING:
    from stackcast.sources.web import Web

DATASET = "https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset"
ADDRESS = f"{DATASET}/resolve/main/text"
LIMIT = 256 * 2**20
KINDS = ("application/octet-stream", "binary/octet-stream", "application/vnd.apache.parquet", "application/x-parquet")
NAME, LICENCE, RATING, CATEGORY = "model_name", "license", "rating", "category"
SNAPSHOT = "leaderboard_publish_date"
OVERALL = "overall"
PROPRIETARY = "proprietary"
FIRST = pd.Timestamp("2023-12-01")
"""Before it one closed model was listed, so there is nothing to compare."""
RECENT_DAYS = 45
MONTHS_IN_QUARTER = 3


def fetch(web: "Web", since: date, context: Context) -> list[Payload]:
    """Get the latest snapshot, or every snapshot when older ones are asked for."""
    split = "latest" if (context.today - since).days <= RECENT_DAYS else "full"
    return [web.get(f"{ADDRESS}/{split}-00000-of-00001.parquet", kinds=KINDS, limit=LIMIT)]


def read(payloads: Sequence[Payload], context: Context) -> Reading:
    """Compare the best models of the last snapshot of each month."""
    frames = []
    for payload in payloads:
        table = read_table(payload, (NAME, LICENCE, RATING, CATEGORY, SNAPSHOT))
        day = dates(table, SNAPSHOT, payload)
        require_no_later(day, payload, "a snapshot")
        frames.append(table.assign(day=day, score=numbers(table, RATING, payload)))
    models = pd.concat(frames).dropna(subset=["day", "score"]).rename(columns={NAME: "name"})
    models = models[(models[CATEGORY] == OVERALL) & (models["day"] >= FIRST)].drop_duplicates(
        ["day", "name"], keep="last"
    )
    rows: list[Row] = []
    left_out: list[str] = []
    unlabelled: dict[str, Unlabelled] = {}
    names, seen = set[str](), None
    for month, snapshots in by_month(models):
        if month.end >= context.today:
            left_out.append(f"{month.start:%Y-%m}: the month is not over, and its last snapshot is what counts")
            continue
        day = snapshots["day"].max().date()
        board = snapshots[snapshots["day"] == snapshots["day"].max()]
        labelled = board.assign(label=_labels(board, context.labels, day))
        names, seen = names.union(board["name"]), day
        unlabelled |= dict.fromkeys(labelled.loc[labelled["label"] == UNKNOWN, "name"], Unlabelled(1.0, page=DATASET))
        rows += _board(labelled, day)
    return Reading(rows, unlabelled, "models", left_out, whole=float(len(names)), seen=seen)


def _labels(board: pd.DataFrame, labels: Labels, day: date) -> list[str]:
    """Return closed for a proprietary licence, open for any other; without a stated one the label table decides."""
    licences = board[LICENCE].fillna("").astype(str).str.strip().str.lower()
    return [
        (CLOSED if licence == PROPRIETARY else OPEN) if licence else (labels.of(name, day) or UNKNOWN)
        for name, licence in zip(board["name"], licences, strict=True)
    ]


def _board(board: pd.DataFrame, day: date) -> list[Row]:
    period, rows = Period(day.replace(day=1), day), []
    frontier = Frontier.of(board)
    if frontier is not None:
        note = f"closed {frontier.closed[0]}; open {frontier.opened[0]}"
        note += f"; unlabelled {frontier.unlabelled}" if frontier.unlabelled else ""
        cells = {"n": float(len(board)), "note": note}
        rows.append(observed("lmarena-frontier-gap-elo", period, day, DATASET, **frontier.cells(1), **cells))
    if frontier is not None and day.month % MONTHS_IN_QUARTER == 0:
        counts = share_of_counts({str(label): float(n) for label, n in board["label"].value_counts().items()})
        rows.append(observed("lmarena-listed-open-share", period, day, DATASET, **counts))
    return rows


LMARENA = Source(
    name="lmarena",
    title="LMArena (Arena Intelligence), lmarena-ai/leaderboard-dataset (CC BY 4.0)",
    signals=("lmarena-frontier-gap-elo", "lmarena-listed-open-share"),
    fetch=fetch,
    read=read,
)
