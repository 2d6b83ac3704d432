"""Describes in words how a run was made: its recipe, epochs, time, computer and versions."""

from __future__ import annotations

from tlstudio.report.contents import Contents
from tlstudio.report.recipe_text import recipe_words


def run_facts(contents: Contents) -> list[tuple[str, str]]:
    """Pairs of a name and a sentence, for the section “How it was made”."""
    recipe, result = contents.recipe, contents.result
    facts = recipe_words(
        recipe,
        contents.backbone,
        start_returned=contents.start_returned,
        has_check_figures=result.validation.n > 0,
    )
    if len(contents.curves["epochs"]) > 1:
        facts.append(_epochs(contents))
    if result.seconds.total is not None:
        facts.append(("Time", f"{result.seconds.total:.0f} seconds"))
    environment = contents.environment
    places = [str(environment[key]) for key in ("system", "processor", "device") if environment.get(key)]
    facts.append(("Computer", ", ".join(places) or "not recorded"))
    precision = result.training_precision or "float32"
    if precision != "float32":
        words = (
            f"reduced precision while training ({precision}), which is faster; the figures in full precision"
        )
        facts.append(("Computed with", words))
    versions = ", ".join(f"{name} {version}" for name, version in recipe.versions.items())
    facts.append(("Versions", versions or "not recorded"))
    hashes = {
        "images and labels": recipe.data_sha256,
        "weights of the backbone": recipe.backbone.weights_sha256,
    }
    known = [f"{what} {sha256}" for what, sha256 in hashes.items() if sha256]
    facts.append(("SHA-256", ", ".join(known) or "not recorded"))
    return facts


def _epochs(contents: Contents) -> tuple[str, str]:
    """Describe the epochs or settings: their number, how they ended, and which is kept."""
    unit, done = contents.curves["unit"], contents.result.epochs
    sentences = [f"{done}."]
    if unit == "epoch" and done < contents.planned:
        how = "you stopped it" if contents.result.status == "stopped" else "it ended by itself"
        sentences = [f"{done} of {contents.planned}: {how}."]
    sentences.append(contents.kept)
    return f"{unit}s".capitalize(), " ".join(sentences)
