"""Spec of the check “Weakest class”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="weakest-class",
    title="Weakest class",
    summary="Names the class of which the smallest share is found.",
    subject="classifier",
    needs=("evaluation",),
)
