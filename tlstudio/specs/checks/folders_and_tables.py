"""Spec of the check “Folders and tables”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="folders-and-tables",
    title="Folders and tables",
    summary="Says what was made of the folders and of the tables beside the images, and what did not fit.",
    subject="data",
    needs=("dataset",),
    also_at=("other-folder",),
)
