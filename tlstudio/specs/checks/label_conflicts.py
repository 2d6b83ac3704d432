"""The check “Copies with different labels”, described."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="label-conflicts",
    title="Copies with different labels",
    subject="data",
)
