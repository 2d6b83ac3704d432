"""Spec of the check “Very small classes”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="tiny-classes",
    title="Very small classes",
    summary="Looks for classes with too few images, and for folders without any.",
    subject="data",
    needs=("dataset",),
)
