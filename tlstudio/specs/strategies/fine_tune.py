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
        "sees now. This makes the percentages more trustworthy. Off, it stays as it was "
        "trained along with the network. Only for a linear head.",
    )
    keep_old: float | None = Field(
        None,
        ge=0,
        le=1,
        title="Keep old knowledge",
        description="After the training the network is mixed with what it was before, and a linear head is "
        "fitted anew. More keeps what it knew from everyday photos, which is safer with few images or when "
        "later images look different; less lets it specialise in yours. 0 keeps only what it learned, 0.5 "
        "half of each, 1 leaves it as it came, whatever it learned. Automatic is half of each, unless the "
        "check images clearly ask for one of the ends. It is 0 without check images, with a hidden layer, or "
        "if the head is not fitted anew.",
    )
    mixup: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Mix images (mixup)",
        description="While it learns, two images at a time are laid over each other, and the answer asked "
        "for is a share of both classes. More mixes them more evenly: it can hardly learn single images by "
        "heart and is less sure of itself, but needs more epochs. Less shows them as they are. 0 is off.",
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
