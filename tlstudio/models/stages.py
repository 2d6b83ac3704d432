"""A backbone as a chain of named stages, so that the freeze line can be put between any two of them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from tlstudio.core.types import Preprocessing


class Backbone(nn.Module):
    """A chain of named stages and a pooling without parameters; its output is one feature per image.

    Every parameter and buffer belongs to exactly one stage. One tensor passes from stage to stage, and
    no stage modifies its input, so activations at any stage can be cached and used again.

    Args:
        backbone_id: Name in recipes, e.g. "efficientnet_lite0" or a timm name.
        stages: Name and module of each stage, in the order they run.
        pool: Turns the last stage's output into features [N, feature_size]; holds no parameters.
        feature_size: Length of the feature.
        preprocessing: The one that the weights were trained with.

    Raises:
        ValueError: No stages, two stages of one name, or a pool with parameters.
    """

    def __init__(
        self,
        backbone_id: str,
        *,
        stages: Sequence[tuple[str, nn.Module]],
        pool: nn.Module,
        feature_size: int,
        preprocessing: Preprocessing,
    ) -> None:
        super().__init__()
        self.id = backbone_id
        self.stage_names: tuple[str, ...] = tuple(name for name, _ in stages)
        self.feature_size = feature_size
        self.preprocessing = preprocessing
        modules = {_key(name): module for name, module in stages}
        if not stages or len(modules) != len(stages):
            raise ValueError(f"stages need different names: {self.stage_names}")
        if any(True for _ in pool.parameters()):
            raise ValueError("the pool has parameters, which would belong to no stage")
        self.stages = nn.ModuleDict(modules)
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        """Compute features of normalised images.

        Args:
            x: float [N, 3, S, S].

        Returns:
            float [N, feature_size].
        """
        return self.run_stages(x)

    def run_stages(self, x: Tensor, *, start: str | None = None, end: str | None = None) -> Tensor:
        """Run some of the stages.

        `run_stages(run_stages(x, end=s), start=s)` equals `forward(x)` bit for bit, for every stage s.

        Args:
            x: The input of `start`: images [N, 3, S, S] for the first stage, else activations.
            start: First stage to run; None is the first of all.
            end: Stage to stop before; None runs through the last stage and the pooling.

        Returns:
            The activations that enter `end`, or features [N, feature_size].

        Raises:
            ValueError: An unknown stage, or `end` before `start`.
        """
        first = 0 if start is None else self._index(start)
        last = len(self.stage_names) if end is None else self._index(end)
        if last < first:
            raise ValueError(f"stage {end!r} comes before {start!r}")
        for name in self.stage_names[first:last]:
            x = self.stages[_key(name)](x)
        return self.pool(x) if end is None else x

    def stage(self, name: str) -> nn.Module:
        """The module of one stage.

        Raises:
            ValueError: There is no such stage.
        """
        return self.stages[_key(self.stage_names[self._index(name)])]

    def stages_from(self, name: str | None) -> tuple[str, ...]:
        """Names of a stage and those after it; none when `name` is None (all frozen)."""
        return () if name is None else self.stage_names[self._index(name) :]

    def _index(self, name: str) -> int:
        if name not in self.stage_names:
            raise ValueError(f"{name!r} is none of the stages {self.stage_names}")
        return self.stage_names.index(name)


def _key(name: str) -> str:
    # A dot is torch's separator between modules and may not be part of a name.
    return name.replace(".", "_")
