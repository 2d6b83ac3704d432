"""Spec of the check “Rarely tested classes”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="rarely-tested-classes",
    title="Rarely tested classes",
    summary="Lists classes that were measured on very few images.",
    subject="classifier",
    needs=("evaluation",),
)
