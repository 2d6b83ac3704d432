"""Describes in words how a run was made: its recipe, epochs, time, computer and versions."""

from __future__ import annotations

from tlstudio.report.contents import Contents
from tlstudio.report.recipe_text import recipe_words


def run_facts(contents: Contents) -> list[tuple[str, str]]:
    """Pairs of a name and a sentence, for the section “How it was made”."""
    recipe, result = contents.recipe, contents.result
    facts = recipe_words(recipe, contents.backbone)
    if len(contents.curves["epochs"]) > 1:
        facts.append(_epochs(contents))
    if result.seconds.total is not None:
        facts.append(("Time", f"{result.seconds.total:.0f} seconds"))
    environment = contents.environment
    places = [str(environment[key]) for key in ("system", "processor", "device") if environment.get(key)]
    facts.append(("Computer", ", ".join(places) or "not recorded"))
    precision = result.training_precision or "float32"
    if precision != "float32":
        words = f"half the digits while learning ({precision}), which is quicker; figures with all digits"
        facts.append(("Computed with", words))
    versions = ", ".join(f"{name} {version}" for name, version in recipe.versions.items())
    facts.append(("Versions", versions or "not recorded"))
    return facts


def _epochs(contents: Contents) -> tuple[str, str]:
    """How many epochs or settings there were, and which was kept."""
    unit = contents.curves["unit"]
    best = contents.result.best_epoch
    kept = f"{unit} {best}" if best else f"the start, before the first {unit},"
    why = "was the best on validation and is what" if contents.counts["validation"] else "is what"
    return f"{unit}s".capitalize(), f"{contents.result.epochs}; {kept} {why} was kept."
