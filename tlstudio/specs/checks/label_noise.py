"""Spec of the check “Labels that look wrong”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="label-noise",
    title="Labels that look wrong",
    summary="Finds labels that contradict what the other images that it learned from say.",
    subject="classifier",
    needs=("evaluation", "label_scores"),
)
