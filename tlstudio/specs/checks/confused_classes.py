"""Spec of the check “Classes that are mixed up”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="confused-classes",
    title="Classes that are mixed up",
    summary="Names the two classes that are mixed up most often.",
    subject="classifier",
    needs=("evaluation",),
)
