"""Spec of the check “Did pretraining help”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="transfer-helped",
    title="Did pretraining help",
    summary="Compares the pretrained backbone with one that has learned nothing, on your images.",
    subject="classifier",
    needs=("evaluation", "pretraining_comparison"),
)
