"""Spec of the strategy “teacher and student”."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tlstudio.specs.spec import InputSpec, StrategySpec


class DistilOptions(BaseModel):
    """Options of learning from a teacher."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trust: float = Field(
        0.8,
        ge=0,
        le=1,
        title="Trust in the teacher",
        description="How much the teacher's answers count; your own labels have the rest. Less when the "
        "teacher is often wrong, more when there are few labels and many images without.",
    )
    temperature: float = Field(
        2.0,
        ge=0.5,
        le=20,
        title="Temperature of the answers",
        description="More lets the student also learn which other classes the teacher finds likely; with 1 "
        "the answers are taken as they are.",
    )


TEACHER = InputSpec(
    id="teacher",
    title="Teacher",
    help="A finished run that knows the same classes, trained with the same test images.",
    kind="run",
    flag="--teacher",
)
UNLABELLED = InputSpec(
    id="unlabelled",
    title="Images without a label",
    help="A folder of further images of the same kind, which the teacher answers for.",
    kind="images",
    flag="--unlabelled",
    required=False,
    else_unlabelled=True,
)

SPEC = StrategySpec(
    id="distil",
    title="Teacher and student",
    summary="A run that is finished, usually on a larger backbone, is the teacher: the new head learns its "
    "answers besides your labels. Gives a smaller, quicker classifier; best with many unlabelled images.",
    short="learned from a teacher",
    report="Teacher and student: the head was fitted to the labels and to the answers of the teacher, on the "
    "labelled and the unlabelled images.",
    options=DistilOptions,
    inputs=(TEACHER, UNLABELLED),
    trains_stages=False,
    curve_axis="setting",
    position=60,
)
