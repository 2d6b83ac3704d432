"""A strategy for tests: a phase of its own, with checkpoints, before the usual extraction and head."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from tlstudio.core.events import StageProgress
from tlstudio.training.loop.checkpoint import TrainingProgress, copy_of, load_last, save_last
from tlstudio.training.loop.trainable_model import TrainableModel
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.costs import Cost

SECONDS_PER_ROUND = 0.25


class Shift(Phase):
    stage = "shift"
    changes_backbone = True
    keeps_checkpoints = True

    def __init__(self, *, amount: float, rounds: int, folder: Path) -> None:
        self._amount, self._rounds, self._folder = amount, rounds, folder

    @torch.no_grad()
    def run(self, state, *, emit, control) -> PhaseResult:
        last_stage = state.classifier.backbone.stage_names[-1]
        parameters = TrainableModel(state.classifier, first_trainable=last_stage).trainable_parameters()
        kept = load_last(state.checkpoint, parameters, optimiser=None)
        progress = kept[0] if kept else TrainingProgress(epoch=0, best_epoch=0, step=0, elapsed_seconds=0.0)
        shift = self._amount * len(list(self._folder.iterdir()))
        for number in range(progress.epoch + 1, self._rounds + 1):
            control.check()
            for name, parameter in parameters.items():
                if name.startswith("classifier.backbone"):
                    parameter.add_(shift)
            progress = replace(progress, epoch=number, best_epoch=number)
            save_last(
                state.checkpoint,
                parameters,
                best=copy_of(parameters),
                optimiser=None,
                progress=progress,
                phase=state.phase,
            )
            emit(StageProgress(run_id=state.run_id, stage=self.stage, done=number, total=self._rounds))
        return PhaseResult()

    def cost(self, probe) -> Cost:
        return Cost(training_seconds=SECONDS_PER_ROUND * self._rounds)


class ToyShift:
    def plan(self, job) -> tuple[Phase, ...]:
        options, folder = job.options, Path(job.inputs["unlabelled"])
        return (
            Shift(amount=options.amount, rounds=options.rounds, folder=folder),
            ExtractFeatures(first_trainable=None),
            FitHead(is_result=True),
        )


IMPLEMENTATION = ToyShift()
