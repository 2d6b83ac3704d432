"""Spec of the strategy “fine-tuning”."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tlstudio.specs.spec import StrategySpec


class FineTuneOptions(BaseModel):
    """Options of fine-tuning."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    refit_head: bool = Field(
        True,
        title="Fit the head anew at the end",
        description="After the training the last layer is calculated once more, to suit what the network "
        "sees now. This makes the percentages more trustworthy. Only for a linear head.",
    )


SPEC = StrategySpec(
    id="fine-tune",
    title="Thorough: fine-tune",
    summary="After the head, the stages above the freeze line adapt to your images, gently. Takes minutes, "
    "not seconds. Worth it when the images differ from everyday photos.",
    plain_title="Accurate",
    plain_summary="Also adapts to what is special about your images. Takes minutes; better when they look "
    "unlike everyday photos.",
    options=FineTuneOptions,
    short="fine-tuning",
    report="Fine-tuning: the head first, then the stages above the freeze line, gently.",
    trains_stages=True,
    default=True,
    tried_automatically=True,
    position=20,
)
