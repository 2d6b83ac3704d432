"""Spec of the check “Groups in file names”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="guessed-groups",
    title="Groups in file names",
    summary="Asks whether names such as patient12_03.jpg tell which images belong together.",
    subject="data",
    needs=("dataset",),
)
