"""The phase that fits the head by prototypes, for few images."""

from __future__ import annotations

import time
from dataclasses import replace

import torch
from torch import Tensor

from tlstudio.compute.device import resident_memory_bytes
from tlstudio.core.control import Control
from tlstudio.core.events import Emit, EpochEnded, LearningCurve
from tlstudio.data.units import unit_numbers
from tlstudio.evaluation.metrics import Score
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.extractor import Activations
from tlstudio.features.images import label_tensor
from tlstudio.training.head.learning_curve import measure_learning
from tlstudio.training.head.prototypes import STRENGTHS, Prototypes, fit_prototypes
from tlstudio.training.loop.checkpoint import EpochRecord, TrainingProgress
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState


class FitPrototypes(Phase):
    """Sets a linear head to the prototypes of the classes; exact, so a resumed run does it again."""

    stage = "head"

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`."""
        control.check()
        started = time.monotonic()
        train = state.extracted.train
        labels = label_tensor(state.train)
        plain = train.features().table()
        features = _mean_over_views(train)
        found = fit_prototypes(
            features,
            plain,
            labels,
            units=unit_numbers(state.train),
            classes_count=len(state.recipe.classes),
        )
        if state.last_checkpoint is not None:  # nobody sees the curve of a fold
            self._draw_curve(state, found, features, plain, labels, emit=emit, control=control)
        progress = self._report(state, found, plain, labels, emit=emit, started=started)
        state.make_head_linear()
        with state.exact_features_checked():
            state.classifier.head.set_linear(found.weights[found.chosen], found.biases[found.chosen])
        return PhaseResult(
            progress=progress, train_accuracy=progress.history[progress.best_epoch].train_accuracy
        )

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        return Cost(training_seconds=probe.head_solving_seconds())

    def _draw_curve(
        self,
        state: TrainingState,
        found: Prototypes,
        features: Tensor,
        plain: Tensor,
        labels: Tensor,
        *,
        emit: Emit,
        control: Control,
    ) -> None:
        """Emit the learning curve, where there are enough images for one."""
        points = measure_learning(
            (features, labels),
            (
                torch.cat([plain, state.extracted.validation.features().table()]),
                torch.cat([labels, label_tensor(state.validation)]),
            ),
            units=unit_numbers(state.train),
            left_out_correct=ONE_CLASS_EACH.decide(found.left_out[found.chosen]) == found.left_out_labels,
            left_out_from=found.left_out_from,
            classes_count=len(state.recipe.classes),
            seed=state.recipe.seed,
            control=control,
        )
        if points:
            *measured, expected = points
            emit(LearningCurve(run_id=state.run_id, points=tuple(measured), expected=expected))

    def _report(
        self,
        state: TrainingState,
        found: Prototypes,
        plain: Tensor,
        labels: Tensor,
        *,
        emit: Emit,
        started: float,
    ) -> TrainingProgress:
        """Emit one event per strength, the centres of the classes first."""
        validation = state.extracted.validation.features().table()
        validation_labels = label_tensor(state.validation)
        history = [EpochRecord.of_setting(0, train=Score(), validation=Score())]
        for number, (weight, bias) in enumerate(zip(found.weights, found.biases, strict=True), 1):
            own = ONE_CLASS_EACH.metrics(plain @ weight.T + bias, labels)
            checked = ONE_CLASS_EACH.metrics(validation @ weight.T + bias, validation_labels)
            history.append(EpochRecord.of_setting(number, train=own, validation=checked))
            event = EpochEnded(
                run_id=state.run_id,
                axis="setting",
                stage=self.stage,
                epoch=number,
                epochs=len(STRENGTHS),
                train_loss=own.log_loss,
                train_accuracy=own.accuracy,
                validation_loss=checked.log_loss,
                validation_accuracy=checked.accuracy,
                validation_interval=checked.interval.pair if checked.interval else None,
                validation_n=checked.n,
                confusion=checked.confusion,
                best_epoch=found.chosen + 1,
                learning_rate=None,
                elapsed_seconds=time.monotonic() - started,
                memory_bytes=resident_memory_bytes(),
            )
            emit(event)
        return TrainingProgress(
            epoch=len(STRENGTHS),
            best_epoch=found.chosen + 1,
            step=0,
            elapsed_seconds=0.0,
            history=tuple(history),
        )


def _mean_over_views(activations: Activations) -> Tensor:
    """Features [N, F], each the mean over the views of an image."""
    tables = [replace(activations, views=(view,)).features().table() for view in activations.views]
    return torch.stack(tables).mean(dim=0)
