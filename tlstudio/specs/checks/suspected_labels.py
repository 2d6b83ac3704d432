"""Spec of the check “Suspected labels”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="suspected-labels",
    title="Suspected labels",
    summary="Finds labels that contradict what the other images say, before anything is trained.",
    subject="data",
    needs=("dataset", "data_features"),
)
