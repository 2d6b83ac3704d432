"""Spec of the strategy “fine-tuning”."""

from __future__ import annotations

from tlstudio.specs.spec import StrategySpec

SPEC = StrategySpec(
    id="fine-tune",
    title="Thorough: fine-tune",
    summary="After the head, the stages above the freeze line adapt to your images, gently. Takes minutes, "
    "not seconds; worth it when the images differ from everyday photos.",
    short="fine-tuning",
    report="Fine-tuning: the head first, then the stages above the freeze line, gently.",
    trains_stages=True,
    default=True,
    tried_automatically=True,
    position=20,
)
