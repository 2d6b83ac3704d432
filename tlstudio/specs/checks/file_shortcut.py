"""Spec of the check “Files that give classes away”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="file-shortcut",
    title="Files that give classes away",
    summary="Finds classes that can be told by size, format, camera, date, brightness or border of files.",
    subject="data",
    needs=("dataset", "data_facts"),
)
