"""Spec of the check “Verdict”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="better-than-guessing",
    title="Verdict",
    summary="Says whether it is usable, compared with chance and with always naming the largest class.",
    subject="classifier",
    needs=("evaluation",),
    position=0,
)
