"""The best run of a project.

Importing this module loads neither numpy nor torch.
"""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.evaluation.run_summary import RunSummary


def best_run(runs: Sequence[RunSummary]) -> RunSummary | None:
    """The most accurate of the runs whose figures stand beside each other; None where there is no figure.

    Figures of other images or other labels say nothing about which classifier is better. So only runs count
    that were made from the same images and labels as the newest finished one, and measured on the same of
    them.

    Args:
        runs: Oldest first.
    """
    measured = [run for run in runs if run.accuracy is not None]
    alike = [run for run in measured if _measured_on(run) == _measured_on(measured[-1])]
    return max(alike, key=lambda run: run.accuracy or 0.0, default=None)


def _measured_on(run: RunSummary) -> tuple[str, str, str, int]:
    return run.data_sha256, run.tested, run.split, run.n
