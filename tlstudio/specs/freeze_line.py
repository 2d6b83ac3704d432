"""The freeze line that stands when nobody has moved it."""

from __future__ import annotations

from collections.abc import Sequence

TOP_STAGES_FROZEN = 5 / 9
"""Share of the stages that “Top stages” leaves frozen: five of EfficientNet-Lite0's nine, so it trains from
blocks.4 up."""


def top_stages_frozen(count: int) -> int:
    """Compute how many of `count` stages “Top stages” freezes; at least one trains."""
    return max(min(round(count * TOP_STAGES_FROZEN), count - 1), 0)


def first_top_stage(stage_names: Sequence[str]) -> str:
    """The first stage that trains with “Top stages”.

    Args:
        stage_names: Stages of the backbone, in order; at least one.
    """
    return stage_names[top_stages_frozen(len(stage_names))]
