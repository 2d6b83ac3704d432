"""The phase that fits a head which cannot use what must be ignored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import torch

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageStarted, WarningRaised
from tlstudio.core.percent import percent
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.features.images import RunImage, label_tensor
from tlstudio.features.table import Features
from tlstudio.specs.checks import strategy_helped
from tlstudio.training.head.erasure import balanced_weights, fit_eraser
from tlstudio.training.head.fitting import solve_linear
from tlstudio.training.phases.fit_head import FitHead, progress_of
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.disentangling import comparison_of, predict_left_out

HEADS_SOLVED = 10
"""Cost in heads fitted to all images: twelve on two thirds of the images, two on all."""
ENTANGLED = 0.02
"""Share of the images that tell class and nuisance apart below which little can be saved."""


class Disentangle(Phase):
    """Erases a nuisance from the features, folded into a linear head; keeps the plain head if that harms.

    It compares both heads itself: with all combinations of class and nuisance counted alike, because on
    images in which both go together a head that uses the nuisance looks better than it is.

    Args:
        ignored: Id of the input that names the nuisance.
    """

    stage = "head"

    def __init__(self, *, ignored: str) -> None:
        self._ignored = ignored

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`."""
        found = state.strategy_comparison() or self._compare(state, emit=emit, control=control)
        if found.start_returned:
            emit(WarningRaised(run_id=state.run_id, code=strategy_helped.SPEC.id, message=found.sentence))
            return FitHead(is_result=True).run(state, emit=emit, control=control)
        values = _numbers([state.columns[self._ignored][image.path] for image in state.train])
        labels = label_tensor(state.train)
        features = state.extracted.train.features().table()
        weights = balanced_weights(labels, values)
        eraser = fit_eraser(features, values, weights=weights)
        state.make_head_linear()
        with state.exact_features_checked():
            solution = solve_linear(
                state,
                Features.of(eraser.erase(features)),
                Features.of(eraser.erase(state.extracted.validation.features().table())),
                image_weights=weights,
                emit=emit,
                control=control,
            )
            state.classifier.head.set_linear(*eraser.folded(solution.weight, solution.bias))
        progress = progress_of(solution)
        return PhaseResult(
            progress=progress, train_accuracy=progress.history[progress.best_epoch].train_accuracy
        )

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        return Cost(training_seconds=HEADS_SOLVED * probe.head_solving_seconds())

    def _compare(self, state: TrainingState, *, emit: Emit, control: Control) -> StrategyComparison:
        title = "Comparing with the plain head"
        emit(StageStarted(run_id=state.run_id, stage="comparison", title=title))
        images = state.train + state.validation
        given = [state.columns[self._ignored][image.path] for image in images]
        self._warn_if_entangled(state, images, given, emit=emit)
        extracted, values = state.extracted, _numbers(given)
        tables = [part.features().table() for part in (extracted.train, extracted.validation)]
        correct = predict_left_out(
            torch.cat(tables),
            images,
            values,
            classes_count=len(state.recipe.classes),
            seed=state.recipe.seed,
            control=control,
        )
        found = comparison_of(
            correct,
            label_tensor(images),
            values,
            name=state.recipe.inputs[self._ignored],
            names=[
                (state.recipe.classes[image.label], value) for image, value in zip(images, given, strict=True)
            ],
        )
        state.keep_strategy_comparison(found)
        return found

    def _warn_if_entangled(
        self, state: TrainingState, images: Sequence[RunImage], given: Sequence[str], *, emit: Emit
    ) -> None:
        of_class: dict[int, Counter[str]] = defaultdict(Counter)
        for image, value in zip(images, given, strict=True):
            of_class[image.label][value] += 1
        apart = sum(sum(counts.values()) - max(counts.values()) for counts in of_class.values()) / len(images)
        if apart < ENTANGLED:
            message = (
                f"“{state.recipe.inputs[self._ignored]}” and the classes go together in "
                f"{percent(1 - apart)} of the images, so little can be saved: what tells the one apart tells "
                "the other apart. Add images of each class in which it differs."
            )
            emit(WarningRaised(run_id=state.run_id, code="entangled", message=message))


def _numbers(given: Sequence[str]) -> torch.Tensor:
    """The values as numbers from 0: int64 [N]."""
    number = {value: place for place, value in enumerate(sorted(set(given)))}
    return torch.tensor([number[value] for value in given], dtype=torch.int64)
