"""Spec of the strategy “fine-tuning”."""

from __future__ import annotations

from tlstudio.specs.spec import StrategySpec

SPEC = StrategySpec(
    id="fine-tune",
    title="Thorough: fine-tune",
    summary="After the head, the stages above the freeze line adapt to your images, gently. Takes minutes, "
    "not seconds. Worth it when the images differ from everyday photos.",
    plain_title="Accurate",
    plain_summary="Also adapts to what is special about your images. Takes minutes; better when they look "
    "unlike everyday photos.",
    short="fine-tuning",
    report="Fine-tuning: the head first, then the stages above the freeze line, gently.",
    trains_stages=True,
    default=True,
    tried_automatically=True,
    position=20,
)
