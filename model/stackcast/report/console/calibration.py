"""A calibration on the terminal, and as tables and plots in its folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.markup import escape
from rich.table import Table

from stackcast.evaluate.calibration.ranks import kinds, rank_table, verdicts
from stackcast.evaluate.calibration.replicate import Record
from stackcast.evaluate.prior_predictive import PriorReplicates, outside
from stackcast.report.console.forecast import terminal

NOW = ", now"
WITH_FAILED = "-with-failed"


def calibration_tables(records: Sequence[Record]) -> dict[str, pd.DataFrame]:
    """Return the tables of a calibration: replications, and ranks and verdicts without failed fits and with them.

    Parameters
    ----------
    records
        At least one with ranks.
    """
    tables = {"replications": pd.DataFrame([_replication(r) for r in records])}
    for suffix, failed in (("", False), (WITH_FAILED, True)):
        ranks = rank_table(records, failed=failed)
        if len(ranks):
            found = {"ranks": ranks, "verdicts": verdicts(ranks), "kinds": kinds(ranks)}
            tables |= {name + suffix: table for name, table in found.items()}
    return tables


def write_calibration(
    folder: Path, tables: dict[str, pd.DataFrame], checks: dict[str, pd.DataFrame], worlds: PriorReplicates
) -> None:
    """Write tables and plots into ``tables/`` of a calibration's folder, replacing earlier ones.

    Raises
    ------
    WriteFailed
        When the disk is full, or may not be written.
    """
    from stackcast.evaluate.results import seal_results
    from stackcast.files.atomic import whole_folder
    from stackcast.report.plots.calibration import rank_histograms, rank_summary
    from stackcast.report.plots.prior_replicates import prior_worlds_plot
    from stackcast.report.plots.style import save
    from stackcast.runs.folder import write_tables

    target = folder / "tables"
    suffix = "" if "verdicts" in tables else WITH_FAILED
    found, ranks = tables["verdicts" + suffix], tables["ranks" + suffix]
    with whole_folder(target, replace=True) as partial:
        write_tables(partial, tables | checks)
        for kind in ("claims", "facets", "layers"):
            names = [n for n in found.loc[found["kind"] == kind, "name"] if n.endswith(NOW)]
            save(rank_histograms(ranks, names, f"{kind.capitalize()} now"), partial, f"ranks-{kind}")
        worst = found[found["kind"] == "scales"].sort_values("p_value")["name"].head(19).tolist()
        names = [*found.loc[found["kind"] == "likelihood", "name"], *worst]
        save(rank_histograms(ranks, names, "Likelihood, and the 19 least uniform parameters"), partial,
             "ranks-scales")  # fmt: skip
        save(rank_summary(found), partial, "ranks-summary")
        save(prior_worlds_plot(worlds, checks["prior_predictive"]), partial, "prior-worlds")
        seal_results(partial)


def print_calibration(tables: dict[str, pd.DataFrame], checks: dict[str, pd.DataFrame]) -> None:
    """Print failed fits, each kind's ranks, and the checks of priors and run."""
    console, replications = terminal(), tables["replications"]
    failed = replications[~replications["passed"]]
    console.print(f"{len(replications)} replications, {len(failed)} failed a gate")
    for name, count in failed["failed"].str.split("; ").explode().value_counts().items():
        console.print(f"[yellow]  {escape(str(name))}: {count}[/]")
    for title, name in (("that passed", "kinds"), ("all", "kinds" + WITH_FAILED)):
        if name in tables:
            console.print(_kinds(title, tables[name]))
    prior = checks["prior_predictive"]
    far, very = (int(outside(prior, mass).sum()) for mass in (0.9, 0.99))
    console.print(f"statistics of real series outside the prior's 90 %: {far} of {len(prior)}; outside 99 %: {very}")
    if "power_scaling" in checks:
        counts = checks["power_scaling"]["reading"].value_counts()
        shown = "; ".join(f"{escape(str(reading))}: {n}" for reading, n in counts.items())
        console.print(f"headline quantities that power-scaling moves: {shown}")


def _kinds(title: str, table: pd.DataFrame) -> Table:
    out = Table("", "quantities", "leave the band", "by chance", "mean rank", "spread", "least p", "of", title=title)
    for row in table.to_dict("records"):
        out.add_row(
            escape(str(row["kind"])), str(row["quantities"]), str(row["outside"]), f"{row['expected_outside']:.1f}",
            f"{row['mean_rank']:.3f} ± {row['mean_rank_error']:.3f}",
            f"{row['sd_rank']:.3f} ± {row['sd_rank_error']:.3f}", f"{row['least_p']:.2g}", escape(str(row["worst"])),
        )  # fmt: skip
    return out


def _replication(record: Record) -> dict[str, Any]:
    plain = {k: record.get(k) for k in ("index", "passed", "attempts", "gradients", "clipped", "censored", "seconds")}
    gates: dict[str, Any] = record.get("gates", {})
    return plain | {"failed": "; ".join(record["failed"]), "error": record.get("error", "")} | gates
