"""The phase that asks a trained classifier for its answers to the images of this run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageStarted
from tlstudio.features.images import RunImage
from tlstudio.features.views import PLAIN
from tlstudio.models.classifier import load_classifier
from tlstudio.project.runs import open_run
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState


class AskTeacher(Phase):
    """Keeps a teacher's logits for all labelled images and the unlabelled ones in the state.

    Unlabelled images that are also labelled are left out: the teacher may have learned their labels, and
    what was fitted to its answers would be judged by the same images.

    Args:
        run: Folder of the teacher's run, which knows the same classes in any order.
        unlabelled: Id of the strategy's input whose images have no label.
    """

    stage = "teacher"
    learns = False

    def __init__(self, run: Path, *, unlabelled: str) -> None:
        self._run = run
        self._unlabelled = unlabelled

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`; leaves `state.teacher_logits`, and the unlabelled images that are used."""
        emit(StageStarted(run_id=state.run_id, stage=self.stage, title="Asking the teacher"))
        extracted = state.extracted
        if self._unlabelled in extracted.inputs:
            labelled = {image.sha256 for image in (*state.train, *state.validation)}
            given = extracted.inputs[self._unlabelled]
            used = tuple(image for image in given.images if image.sha256 not in labelled)
            state.inputs = {**state.inputs, self._unlabelled: used}
            state.extracted = replace(
                extracted, inputs={**extracted.inputs, self._unlabelled: replace(given, images=used)}
            )
        images = (*state.train, *state.validation, *state.inputs.get(self._unlabelled, ()))
        state.teacher_logits = self._answers(images, state, emit=emit, control=control)
        return PhaseResult()

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        teacher = load_classifier(open_run(self._run).trained_model())
        return Cost(features_seconds=probe.seconds_of_another(teacher))

    def _answers(
        self, images: tuple[RunImage, ...], state: TrainingState, *, emit: Emit, control: Control
    ) -> dict[str, torch.Tensor]:
        with state.features_time:
            teacher = load_classifier(open_run(self._run).trained_model()).to(state.device)
            (activations,) = state.extractor_of(teacher).collect(
                (images, (PLAIN,)), run_id=state.run_id, emit=emit, control=control
            )
        order = [teacher.classes.index(name) for name in state.recipe.classes]
        with torch.inference_mode():  # not before: a graph that is made in it may be another one
            blocks = [
                teacher.head(block.to(state.device))[:, order].cpu()
                for block in activations.features().blocks()
            ]
        return {image.sha256: row for image, row in zip(images, torch.cat(blocks), strict=True)}
