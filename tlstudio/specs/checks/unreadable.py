"""Spec of the check “Files that cannot be used”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="unreadable",
    title="Files that cannot be used",
    summary="Lists the files that cannot be used, with the reason and what can be done.",
    subject="data",
    needs=("dataset",),
    also_at=("other-folder",),
)
