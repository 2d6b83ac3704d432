"""Spec of the check “Shortcuts”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="shortcut",
    title="Shortcuts",
    summary="Looks for marks, backgrounds and facts of the files that give a class away, and asks the "
    "classifier whether it relies on them.",
    subject="classifier",
    needs=("own_dataset", "predictions"),
    limits_use=True,
)
