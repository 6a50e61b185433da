"""Terminal output of scenarios, decisions, sensitivity and comparisons; scenarios as a plot."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.markup import escape
from rich.table import Table

from stackcast.explain.compare import Comparison
from stackcast.explain.quantity import Quantity, quantity_of
from stackcast.explain.whatif import LEAST_DRAWS
from stackcast.forecast.future import Trajectories
from stackcast.report.console.forecast import terminal
from stackcast.report.marks import k_hat_text
from stackcast.report.wording import chance
from stackcast.runs.folder import Run
from stackcast.scenario.decide import Decision, Verdict
from stackcast.scenario.schema import Scenario
from stackcast.scenario.simulate import Simulated, as_seen, openness_paths

NAME = "scenarios"
SHOWN = 12


def seen_table(run: Run, asked: Sequence[Scenario], table: pd.DataFrame) -> pd.DataFrame:
    """Return the changes when the same values are observed: ``scenario, name, date, change, effective``."""
    rows = []
    for one in asked:
        if all(part.set is None for part in one.do):
            continue
        weights = as_seen(run.draws, one)
        effective = float(1 / (weights.weights**2).sum())
        told = weights.trusted and effective >= LEAST_DRAWS
        mine = table[table["scenario"] == one.name]
        for name, day in zip(mine["name"], mine["date"], strict=True):
            draws = quantity_of(run.draws, f"{name}@{day}").draws
            change = float(weights.mean(draws) - draws.mean()) if told else np.nan
            rows.append({"scenario": one.name, "name": name, "date": day, "change": change, "effective": effective})
    return pd.DataFrame(rows, columns=["scenario", "name", "date", "change", "effective"])


def draw_scenarios(
    trajectories: Trajectories, done: Sequence[Simulated], weights: dict[str, dict[str, float]], folder: Path
) -> None:
    """Draw layers and the whole under every scenario."""
    from stackcast.report.plots.scenarios import scenarios
    from stackcast.report.plots.style import save

    layers = list(weights)
    base = openness_paths(trajectories, trajectories.states, weights)
    found = {one.scenario.title: openness_paths(trajectories, one.states, weights) for one in done}
    shown = {name: base[name] for name in layers}
    debate = trajectories.design.priors.debate
    figure = scenarios(shown, found, trajectories.design.grid, trajectories.now_index, debate.share)
    save(figure, folder, NAME)


def print_scenarios(asked: Sequence[Scenario], table: pd.DataFrame, seen: pd.DataFrame | None, run: Run) -> None:
    """Print the changes under each scenario."""
    console = terminal()
    console.print(f"{escape(run.name)}: interventions, not observations; differences to the baseline are paired")
    for one in asked:
        console.print(f"\n[bold]{escape(one.title)}[/]  [dim]{escape(one.name)}[/]\n[dim]{escape(one.rationale)}[/]")
        mine = table[table["scenario"] == one.name]
        moved = mine[(mine["change"].abs() > 2 * mine["error"]) & (mine["change"].abs() > 1e-9)]
        out = Table("", "", "baseline", "scenario", "change (90 %)", f"P({run.debate.sides.high.name})")
        if seen is not None:
            out.add_column("had it been seen")
        for row in moved.to_dict("records"):
            change = f"{row['change']:+.3f} ({row['q05']:+.3f} to {row['q95']:+.3f})"
            cells = [
                escape(run.debate.called(row["name"])),
                row["date"],
                f"{row['baseline']:.3f}",
                f"{row['mean']:.3f}",
                change,
                chance(row["p_high"]),
            ]
            if seen is not None:
                cells.append(_seen(seen, row))
            out.add_row(*cells)
        console.print(out if len(moved) else "[dim]moves nothing beyond Monte Carlo error[/]")


def _seen(seen: pd.DataFrame, row: Mapping[Any, Any]) -> str:
    mine = seen[(seen["scenario"] == row["scenario"]) & (seen["name"] == row["name"]) & (seen["date"] == row["date"])]
    if mine.empty:
        return "a shift cannot be seen"
    change, effective = float(mine["change"].iloc[0]), float(mine["effective"].iloc[0])
    return f"refused: {effective:.0f} draws" if change != change else f"{change:+.3f}"


def print_decision(asked: Decision, verdict: Verdict) -> None:
    """Print the expected value of each choice, the best first."""
    console = terminal()
    console.print(f"[bold]{escape(asked.title)}[/]  payoffs ({escape(asked.unit)}) on {escape(verdict.label)}")
    ranges = Table("range", "probability", *(escape(c) for c in asked.payoffs))
    for row in verdict.ranges.to_dict("records"):
        ranges.add_row(row["range"], f"{row['probability']:.3f}", *(f"{row[c]:g}" for c in asked.payoffs))
    console.print(ranges)
    out = Table("choice", "expected", "error", "P(best)")
    for row in verdict.choices.to_dict("records"):
        out.add_row(escape(row["choice"]), f"{row['expected']:.3f}", f"{row['error']:.3f}", chance(row["p_best"]))
    console.print(out)
    clear = (
        "" if verdict.lead > 2 * verdict.lead_error else " [yellow](within Monte Carlo error: no choice stands out)[/]"
    )
    console.print(f"the first leads by {verdict.lead:.3f} (error {verdict.lead_error:.3f}){clear}")
    console.print(f"knowing the outcome beforehand would be worth {verdict.perfect:.3f} {escape(asked.unit)}")


def print_sensitivity(quantity: Quantity, table: pd.DataFrame) -> None:
    """Print the effect of every alternative choice."""
    console = terminal()
    console.print(f"[bold]{escape(quantity.label)}[/]: {quantity.draws.mean():.3f} ({escape(quantity.unit)})")
    out = Table("choice", "instead", "change", "error", "k-hat", "how")
    for row in table.to_dict("records"):
        size = ("", "") if row["change"] != row["change"] else (f"{row['change']:+.4f}", f"{row['error']:.4f}")
        k_hat = "" if row["k_hat"] != row["k_hat"] else k_hat_text(row["k_hat"])
        out.add_row(escape(row["choice"]), escape(row["alternative"]), *size, k_hat, escape(row["method"]))
    console.print(out)


def print_comparison(before: str, after: str, found: Comparison) -> None:
    """Print differing inputs, moves, and the effect of each new observation alone."""
    console = terminal()
    console.print(f"[bold]{escape(before)}[/] -> [bold]{escape(after)}[/]")
    inputs = Table("", "", "before", "after", title="What went in otherwise", title_justify="left")
    for row in found.inputs.to_dict("records"):
        inputs.add_row(*(escape(str(row[c])) for c in ("kind", "what", "before", "after")))
    console.print(inputs)
    console.print(f"{len(found.new)} observations are new, {len(found.gone)} no longer count")
    moves = Table("", "before", "after", "move", title="Largest moves of the headline", title_justify="left")
    for row in found.moves.head(SHOWN).to_dict("records"):
        move = f"{row['after'] - row['before']:+.3f}"
        moves.add_row(escape(row["what"]), f"{row['before']:.3f}", f"{row['after']:.3f}", move)
    console.print(moves)
    move = f"{found.after - found.before:+.3f} (error {found.error:.3f})"
    console.print(f"[bold]{escape(found.quantity.label)}[/]: {found.before:.3f} -> {found.after:.3f}, {move}")
    shares = Table(
        "new observation",
        "published",
        "value",
        "alone",
        "error",
        "k-hat",
        title="What each does to the earlier run by itself; alone they need not add up",
        title_justify="left",
    )
    for row in found.shares.head(SHOWN).to_dict("records"):
        size = ("refused", "") if row["alone"] != row["alone"] else (f"{row['alone']:+.4f}", f"{row['error']:.4f}")
        shares.add_row(escape(row["id"]), row["published"], f"{row['value']:g}", *size, k_hat_text(row["k_hat"]))
    console.print(shares)
