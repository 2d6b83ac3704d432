"""Compares runs with a first one, on the test images that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from tlstudio.evaluation.comparison_words import accuracies_words, figures_words, note_words, verdict_words
from tlstudio.evaluation.run_comparison import RunComparison, compare_runs
from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import RunFolder, open_run
from tlstudio.report.run_differences import run_differences
from tlstudio.specs.operations.compare import CompareArguments


def compare(arguments: CompareArguments, context: Context) -> Values:
    """Compare runs.

    Returns:
        The fixed object of `compare --json`: the second run against the first in their first label column.
        With several columns also `"columns"`, with more runs `"others"`: each further one against the first.
        What only people read comes besides, under `TOLD`.
    """
    first, *others = runs = [open_run(path) for path in arguments.runs]
    base, *names = _names(runs)
    found = compare_runs(first, others, names=(base, *names), control=context.control)
    second, *further = [
        _values(first, other, columns, names=(base, name))
        for other, name, columns in zip(others, names, found, strict=True)
    ]
    if further:
        second |= {"runs": [str(run.path) for run in runs], "others": further}
    return second


def _names(runs: Sequence[RunFolder]) -> list[str]:
    """The names of the runs' folders; their whole paths where these do not tell them apart."""
    names = [run.path.name for run in runs]
    return names if len(set(names)) == len(names) else [str(run.path) for run in runs]


def _values(
    first: RunFolder, second: RunFolder, columns: Mapping[str, RunComparison], *, names: tuple[str, str]
) -> Values:
    parts = {name: _column(found, first=names[0], second=names[1]) for name, found in columns.items()}
    values = {"runs": [str(first.path), str(second.path)], **next(iter(parts.values()))}
    if len(parts) > 1:
        values["columns"] = parts
    differences = [asdict(difference) for difference in run_differences(first, second)]
    return {**values, "differences": differences}


def _column(found: RunComparison, *, first: str, second: str) -> Values:
    return {
        "n": found.n,
        "difference": found.difference,
        "interval": list(found.interval),
        "p_value": found.p_value,
        "verdict": verdict_words(found, first=first, second=second),
        "text": {
            "first": first,
            "second": second,
            "figures": figures_words(found),
            "accuracies": accuracies_words(found),
            "notes": note_words(found, first=first, second=second),
        },
    }


IMPLEMENTATION = compare
