"""Spec of the strategy “adapt to another place”."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tlstudio.specs.spec import InputSpec, StrategySpec

Method = Literal["auto", "standardise", "coral", "class-confusion", "information", "adversarial"]


class AdaptOptions(BaseModel):
    """Options of adapting."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Method = Field(
        "auto",
        title="Method",
        description="auto: what four methods agree on. standardise: take out each place's own level and "
        "contrast. coral: also its own way of varying. class-confusion and information: divide the new "
        "images clearly into the classes. adversarial: learn what does not tell the place; differs from "
        "try to try.",
    )


UNLABELLED = InputSpec(
    id="unlabelled",
    title="Images from where it will be used",
    help="A folder of images from where the classifier will be used; no labels are needed, and any are "
    "ignored.",
    kind="images",
    flag="--unlabelled",
    elsewhere=True,
    # The mean and deviation of fewer say little about a place.
    fewest=20,
)
TARGET_LABELS = InputSpec(
    id="target-labels",
    title="A few labelled ones from there",
    help="A folder with one sub-folder per class and a few images from where the classifier will be used; "
    "they decide which method is taken.",
    kind="images",
    flag="--target-labels",
    elsewhere=True,
    required=False,
    labelled=True,
)

SPEC = StrategySpec(
    id="adapt",
    title="Adapt to another place",
    summary="Your labelled images are from here, and the classifier will be used elsewhere: another camera, "
    "stain, season or style. Needs a folder of images from there, without labels.",
    short="adapted to another place",
    report="Adapted to another place: the head was fitted to the labelled images so that it suits unlabelled "
    "images from where it will be used.",
    options=AdaptOptions,
    inputs=(UNLABELLED, TARGET_LABELS),
    trains_stages=False,
    curve_axis="setting",
    position=50,
)
