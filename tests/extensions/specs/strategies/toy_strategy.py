"""A strategy with two options and a second folder, described."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tlstudio.specs.spec import InputSpec, StrategySpec


class ToyOptions(BaseModel):
    """Options of the toy strategy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rounds: int = Field(3, ge=1, le=9, title="Rounds of play", description="How often the folder is counted.")
    mood: Literal["calm", "wild"] = Field("calm", title="Mood of play", description="How it is told.")


SPEC = StrategySpec(
    id="toy-strategy",
    title="Toy: play with the head",
    summary="Trains the head by epochs and counts the files of a second folder.",
    short="playing",
    report="Toy strategy: the head was trained by epochs, and a second folder was counted.",
    options=ToyOptions,
    inputs=(
        InputSpec(
            id="toy-folder",
            title="Folder of toys",
            help="A second folder, whose files are counted.",
            kind="folder",
            flag="--toys",
        ),
    ),
    trains_stages=False,
    position=900,
)
