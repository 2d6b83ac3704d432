"""A strategy for tests, described: it has two options and needs a second folder."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tlstudio.specs.spec import InputSpec, StrategySpec


class Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: float = Field(0.01, gt=0, le=1, title="Amount", description="How far weights are shifted.")
    rounds: int = Field(3, ge=1, le=10, title="Rounds", description="How often.")


SPEC = StrategySpec(
    id="toy-shift",
    title="Shift",
    summary="Shifts the weights of the last stage by the number of files in a folder.",
    short="shifting",
    report="The weights of the last stage were shifted.",
    options=Options,
    inputs=(
        InputSpec(
            id="unlabelled", title="Unlabelled images", help="Counted.", kind="folder", flag="--unlabelled"
        ),
    ),
    trains_stages=False,
)
