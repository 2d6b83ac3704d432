"""Spec of the check “Did the strategy help”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="strategy-helped",
    title="Did the strategy help",
    summary="Compares what the strategy made with the plain start, on images that had no part in either.",
    subject="classifier",
    needs=("evaluation", "strategy_comparison"),
)
