"""Registries of specs: strategies, checks, exports, views, runtimes, operations.

Needs the standard library and pydantic only.
"""

from __future__ import annotations

from typing import Any

from tlstudio.specs.registry import SpecRegistry
from tlstudio.specs.spec import (
    CheckSpec,
    ExportSpec,
    OperationSpec,
    RuntimeSpec,
    StrategySpec,
    ViewSpec,
    WaySpec,
)

STRATEGIES = SpecRegistry("tlstudio.specs.strategies", StrategySpec)
CHECKS = SpecRegistry("tlstudio.specs.checks", CheckSpec)
EXPORTS = SpecRegistry("tlstudio.specs.exports", ExportSpec)
VIEWS = SpecRegistry("tlstudio.specs.views", ViewSpec)
RUNTIMES = SpecRegistry("tlstudio.specs.runtimes", RuntimeSpec)
OPERATIONS = SpecRegistry("tlstudio.specs.operations", OperationSpec)

CHOOSE_FOR_ME = WaySpec(
    id="auto",
    title="Choose for me",
    summary="Compares the backbones that are ready offline, unless one is named. Then tries the head alone "
    "and training more and more stages, and uses more stages only when that is clearly better.",
    plain_title="Choose for me",
    plain_summary="Tries the quick way first, then more thorough ones, and takes what clearly gets more "
    "new images right. The safe choice.",
)
"""Stands beside the strategies in menus: it chooses among them and is not a strategy itself."""
LINES_TRIED = 3
"""Freeze lines that `CHOOSE_FOR_ME` tries, from the top. Training more stages from few images gains no
more than it costs."""


def default_strategy(*, trains_stages: bool) -> StrategySpec:
    """Return the strategy that is taken when none is named.

    Args:
        trains_stages: Whether stages of the backbone shall train, or the head alone.
    """
    return next(spec for spec in STRATEGIES if spec.default and spec.trains_stages is trains_stages)


def settings_to_choose() -> dict[str, Any]:
    """Return settings of a recipe that leave backbone, freeze line and strategy to `CHOOSE_FOR_ME`."""
    return {
        "freeze": CHOOSE_FOR_ME.id,
        "strategy": default_strategy(trains_stages=True).id,
        "backbone": {"compared": True},
    }
