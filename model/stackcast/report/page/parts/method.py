"""Method, assumptions and limits."""

from stackcast.priors.catalogue import prior_catalogue
from stackcast.priors.debate import Debate
from stackcast.report.page.section import Prose, Section, Source, Table
from stackcast.report.wording import percent

TEXT = (
    "A dynamic model of multiple indicators and multiple causes. Each facet moves by quarter towards an equilibrium "
    "that the claims shift up or down; each claim is a latent strength, measured by indicators with elicited "
    "intercepts; each secondary signal has a house effect. The past is sampled; the future is simulated by the same "
    "transition."
)
LIMITS = (
    "Weights of facets in layers, and what each facet counts, are value judgements. Some sources have an interest in "
    "the answer. Few signals are long: the claims explain more than they predict. What is marked prior only rests on "
    "judgement, not on data."
)


def section(source: Source) -> Section:
    """Return method, gates, weights, priors with their reasons, and limits."""
    run = source.run
    gates = [
        [g["name"], f"{g['value']:.4g}", str(g["limit"]), "holds" if g["passed"] else "FAILED"]
        for g in run.diagnostics["gates"]
    ]
    weights = [
        [source.debate.called(group), name, percent(w)]
        for group, ws in run.manifest["weights"].items()
        for name, w in ws.items()
    ]
    priors = [
        [
            f"{r['group']}: {r['name']}",
            f"{r['dist']}, 90 %: {r['low']:.3g} to {r['high']:.3g}",
            r["rationale"],
            r["source"],
        ]
        for r in prior_catalogue(source.project.priors, source.project.observations.signals).to_dict("records")
    ]
    order = run.manifest["inputs"]["order"]
    made = [
        [str(k), str(v)]
        for k, v in {
            **order,
            "run": run.name,
            "code": run.manifest["inputs"]["code"][:12],
            "finished": run.manifest["finished"],
        }.items()
    ]
    failed = [g["name"] for g in run.diagnostics["gates"] if not g["passed"]]
    finding = (
        f"Gates failed: {', '.join(failed)}."
        if failed
        else f"All {len(gates)} gates hold; every prior has a written reason."
    )
    return Section(
        "method",
        "Methods, priors, diagnostics, limits",
        finding,
        (
            Prose(TEXT + _credit(source.debate)),
            Prose(LIMITS),
            Table("What each facet counts", ("facet", "unit", "criterion"), _criteria(source), folded=True),
            Table("Diagnostics", ("gate", "value", "limit", ""), gates, frozenset({1})),
            Table("Weights, a declared judgement", ("of", "", "weight"), weights, frozenset({2}), folded=True),
            Table(
                f"All {len(priors)} priors with their reasons",
                ("prior", "distribution", "reason", "source"),
                priors,
                folded=True,
            ),
            Table("This run", ("", ""), made, folded=True),
        ),
    )


def _credit(debate: Debate) -> str:
    essay = debate.essay
    return f" The essay is {essay.author}'s “{essay.title}” of {essay.day} ({essay.address})." if essay else ""


def _criteria(source: Source) -> list[list[str]]:
    return [[facet.title, facet.unit, facet.criterion] for facet in source.project.priors.facets.values()]
