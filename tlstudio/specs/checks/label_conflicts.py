"""Spec of the check “Copies with different labels”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="label-conflicts",
    title="Copies with different labels",
    summary="Looks for files with the same content and different labels.",
    subject="data",
    needs=("dataset",),
    also_at=("training", "other-folder"),
)
