"""Spec of the strategy “first learn without labels”."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tlstudio.specs.spec import InputSpec, StrategySpec

Afterwards = Literal["head", "stages"]


class PretrainOptions(BaseModel):
    """Options of learning without labels first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    passes: int = Field(
        10,
        ge=1,
        le=1000,
        title="Passes without labels",
        description="How often every image without a label is looked at. More lets the backbone get further "
        "away from what it can see already, towards your images, and takes longer.",
    )
    afterwards: Afterwards = Field(
        "head",
        title="Then learn the labels with",
        description="head: the last layer alone, in seconds. stages: the stages above the freeze line as "
        "well, as in fine-tuning, which takes minutes.",
    )


UNLABELLED = InputSpec(
    id="unlabelled",
    title="Images without a label",
    help="A folder of many images of the same kind; they need no labels. Without a folder, the images of the "
    "project that have no label are taken.",
    kind="images",
    flag="--unlabelled",
    else_unlabelled=True,
    # With fewer there is hardly more than one step of learning in a pass.
    fewest=50,
)

SPEC = StrategySpec(
    id="pretrain",
    title="First learn without labels",
    summary="For few labels and many images without: the top stages first learn what your images look like, "
    "from those without a label, and then your labels. Kept only where that clearly helps.",
    plain_title="First learn without labels",
    plain_summary="Looks at many images without a label before it learns from the few that have one.",
    short="learning without labels",
    report="First learned without labels: the stages above the freeze line learned that changed copies of an "
    "image show the same thing. What that gave was measured on the labelled images.",
    options=PretrainOptions,
    inputs=(UNLABELLED,),
    trains_stages=True,
    needs_stages=True,
    curve_axis="setting",
    position=55,
)
