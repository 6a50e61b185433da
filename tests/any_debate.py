"""The toy debate without some of its parts: each function takes one away from a copy of its folder."""

import csv
import shutil

import yaml

from tests.support import TOY, copy_project

GAP = "days.output"
OPTIONAL = {}


def optional(function):
    OPTIONAL[function.__name__.replace("_", " ")] = function
    return function


def debate_without(folder, parts):
    """Copy the toy debate without these parts."""
    copy_project(folder, TOY)
    for part in sorted(parts):
        OPTIONAL[part](folder)
    return folder


def change(path, edit):
    """Change what a YAML file says."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def change_rows(path, edit):
    """Change the rows of a CSV file; ``edit`` returns those that stay."""
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        columns, rows = reader.fieldnames, list(reader)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(edit(rows))


def drop_signals(folder, chosen):
    """Take signals away, with their rows and what is said of them."""
    path = folder / "observations" / "signals.yaml"
    signals = yaml.safe_load(path.read_text(encoding="utf-8"))["signals"]
    gone = {slug for slug, signal in signals.items() if chosen(signal)}
    change(path, lambda content: [content["signals"].pop(slug) for slug in gone])
    for slug in gone:
        for file in (folder / "observations").glob(f"*/{slug}.csv"):
            file.unlink()
    retractions = folder / "observations" / "retractions.csv"
    if retractions.exists():
        change_rows(retractions, lambda rows: [row for row in rows if row["id"].split("/")[0] not in gone])


def every_signal(folder, edit):
    """Change the definition of every signal."""

    def all_of(content):
        for signal in content["signals"].values():
            edit(signal)

    change(folder / "observations" / "signals.yaml", all_of)


def factors(content):
    """Yield the factors of ``claims.yaml``."""
    for claim in content["claims"].values():
        yield from claim.get("subclaims", {}).values() or [claim]


@optional
def essay(folder):
    change(folder / "priors" / "debate.yaml", lambda content: content.pop("essay"))


@optional
def near_horizon(folder):
    change(folder / "priors" / "debate.yaml", lambda content: content["horizons"].pop("near"))


@optional
def criteria(folder):
    drop_signals(folder, lambda signal: signal["role"] == "sensitivity")
    change(folder / "priors" / "debate.yaml", lambda content: content.pop("criterion"))
    every_signal(folder, lambda signal: signal.pop("criterion", None))


@optional
def gaps(folder):
    drop_signals(folder, lambda signal: signal["measures"].get("facet") == GAP)
    pulls(folder)
    change(folder / "priors" / "layers.yaml", lambda content: content["facets"].pop(GAP))

    def unlinked(content):
        for factor in factors(content):
            factor["effects"] = [e for e in factor.get("effects", []) if e["facet"] != GAP]

    change(folder / "priors" / "claims.yaml", unlinked)


@optional
def pulls(folder):
    change(folder / "priors" / "layers.yaml", lambda content: content["facets"]["days.home"].pop("gap_pull", None))


@optional
def reference_classes(folder):
    change(folder / "priors" / "layers.yaml", lambda content: content.pop("reference_class"))
    (folder / "priors" / "reference_classes.csv").unlink()


@optional
def effects(folder):
    change(folder / "priors" / "claims.yaml", lambda content: [f.update(effects=[]) for f in factors(content)])


@optional
def contrasts(folder):
    change(folder / "priors" / "claims.yaml", lambda content: content.pop("contrasts"))


@optional
def prior_scenarios(folder):
    shutil.rmtree(folder / "priors" / "scenarios")


@optional
def secondary_signals(folder):
    drop_signals(folder, lambda signal: signal["role"] == "secondary")


@optional
def indicators(folder):
    drop_signals(folder, lambda signal: signal["role"] == "indicator")


@optional
def deviations(folder):
    every_signal(folder, lambda signal: signal.update(spacing_days=365))


@optional
def shared_tables(folder):
    every_signal(
        folder, lambda signal: signal.update(family=signal["title"].lower().replace(" ", "-").replace(",", ""))
    )


@optional
def lags(folder):
    every_signal(folder, lambda signal: signal.pop("lag_bias", None))


@optional
def hard_bounds(folder):
    every_signal(folder, lambda signal: signal.update(bounds="interval-90"))


@optional
def history(folder):
    """Leave the last figure of each signal."""
    retractions(folder)
    questions(folder)
    for path in (folder / "observations").glob("*/*.csv"):
        change_rows(path, lambda rows: rows[-1:])


@optional
def questions(folder):
    (folder / "observations" / "questions.yaml").unlink(missing_ok=True)
    markets(folder)


@optional
def retractions(folder):
    (folder / "observations" / "retractions.csv").unlink(missing_ok=True)


@optional
def events(folder):
    (folder / "observations" / "events.csv").unlink()


@optional
def markets(folder):
    (folder / "observations" / "markets.csv").unlink(missing_ok=True)
