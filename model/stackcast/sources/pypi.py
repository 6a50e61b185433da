"""Downloads from the Python package index: each declared panel, out of the monthly list of the top 15,000 packages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from packaging.utils import canonicalize_name

from stackcast.errors import InputError
from stackcast.observations.feeds import Panel
from stackcast.sources.base import Context, Period, Reading, Row, Source, observed
from stackcast.sources.frames import amounts, read_json, read_records, require_no_later
from stackcast.sources.payload import Payload

if TYPE_CHECKING:
    from stackcast.sources.web import Web

ADDRESS = "https://hugovk.dev/top-pypi-packages/top-pypi-packages.min.json"
PAGE = "https://github.com/hugovk/top-pypi-packages"
KINDS = ("application/json",)
LIMIT = 16 * 2**20
UPDATED, SOURCE, ROWS = "last_update", "source", "rows"
PROJECT, COUNT = COLUMNS = ("project", "download_count")
BY_MONTH = "ClickHouse"
"""Lists from there hold the calendar month before; older ones, from BigQuery, the 30 days before."""
WINDOW = timedelta(days=30)


@dataclass(frozen=True)
class Downloads:
    """One list.

    Attributes
    ----------
    published
        The day on which it was made.
    period
        The days whose downloads it counts.
    counts
        Downloads by package, under the index's own spelling of its name.
    """

    published: date
    period: Period
    counts: Mapping[str, float]

    @property
    def floor(self) -> float:
        """The last count of the list: a package that is not in it had no more."""
        return min(self.counts.values())

    @classmethod
    def of(cls, payload: Payload) -> "Downloads":
        """Read a list.

        Raises
        ------
        InputError
            When it is none, or its fields have changed.
        """
        head = read_json(payload.data, payload.origin)
        table = read_records(payload, ROWS, COLUMNS)
        counts = amounts(table, COUNT, payload)
        if table.empty or counts.isna().any():
            raise InputError(f"{payload.origin}: must hold a count of downloads for every package")
        try:
            made = datetime.fromisoformat(str(head.get(UPDATED))).date()
        except ValueError:
            found = str(head.get(UPDATED))[:60]
            raise InputError(
                f"{payload.origin}: {UPDATED} must be a date such as 2026-11-01 (found {found!r})"
            ) from None
        names = pd.Series([canonicalize_name(name) for name in table[PROJECT]])
        if names.duplicated().any():
            raise InputError(f"{payload.origin}: {names[names.duplicated()].iloc[0]} stands twice")
        return cls(made, _period(made, head.get(SOURCE)), dict(zip(names, counts.astype(float), strict=True)))


def fetch(web: "Web", since: date, context: Context) -> list[Payload]:
    """Get the present list; earlier ones are not served."""
    return [web.get(ADDRESS, kinds=KINDS, limit=LIMIT)]


def read(payloads: Sequence[Payload], context: Context) -> Reading:
    """Add up each signal's panel in each list."""
    panels = {
        slug: d.feed.pypi for slug, d in context.signals.items() if d.feed is not None and d.feed.pypi is not None
    }
    rows: list[Row] = []
    left_out = [] if panels else ["no signal declares a feed from pypi"]
    for payload in payloads:
        downloads = Downloads.of(payload)
        if downloads.published > context.today:
            raise InputError(f"{payload.origin}: {UPDATED} lies in the future ({downloads.published})")
        require_no_later([downloads.published], payload, "a list")
        for slug, panel in panels.items():
            cells, missing = _measured(panel, downloads, share=context.signals[slug].is_share)
            if missing:
                left_out.append(f"{slug}: not among the {len(downloads.counts):,} packages: {', '.join(missing)}")
            if cells:
                rows.append(observed(slug, downloads.period, downloads.published, PAGE, **cells))
            else:
                left_out.append(f"{slug}: one side has no package in the list: nothing to compare")
    return Reading(rows, left_out=left_out)


def _measured(panel: Panel, downloads: Downloads, *, share: bool) -> tuple[dict[str, Any], list[str]]:
    """Return the cells of a row, and the packages that the list lacks.

    A package below the list had between none and the list's last count: it is counted as none, and the bounds hold what
    it may have had.
    """
    over, under = (sum(_known(side, downloads.counts)) for side in (panel.over, panel.under))
    missing = [[name for name in side if name not in downloads.counts] for side in (panel.over, panel.under)]
    absent = sorted(missing[0] + missing[1])
    if not over or not under:
        return {}, absent
    more_over, more_under = (len(names) * downloads.floor for names in missing)
    cells: dict[str, Any] = {"numerator": over, "denominator": over + under if share else under}
    if absent:
        cells["lower"] = over / (under + more_under + over * share)
        cells["upper"] = (over + more_over) / (under + (over + more_over) * share)
        cells["note"] = f"not in the list, whose last count is {downloads.floor:.0f}: {', '.join(absent)}"
    return cells, absent


def _known(names: Iterable[str], counts: Mapping[str, float]) -> list[float]:
    return [counts[name] for name in names if name in counts]


def _period(made: date, source: Any) -> Period:
    yesterday = made - timedelta(days=1)
    if source == BY_MONTH:
        return Period.month(made.replace(day=1) - timedelta(days=1))
    return Period(made - WINDOW, yesterday)


PYPI = Source(
    name="pypi",
    title="PyPI downloads, from hugovk/top-pypi-packages (licence not stated; facts only; sums are ours)",
    signals=(),
    fetch=fetch,
    read=read,
)
