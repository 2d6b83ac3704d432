"""The phase that first learns from images without labels, and undoes it where that does not help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Emit, StageStarted, WarningRaised
from tlstudio.core.wording import count
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.features.extractor import Activations
from tlstudio.features.images import RunImage
from tlstudio.specs.checks import strategy_helped
from tlstudio.training.loop.checkpoint import Tensors, copy_of, restore_parameters
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.do_no_harm import each_is_the_only_one
from tlstudio.training.trials.out_of_fold import folds_count
from tlstudio.training.trials.unlabelled_trial import try_unlabelled
from tlstudio.training.unsupervised.learning import IMAGES_AT_ONCE, learn_from_views, steps_per_epoch

FEWEST = 20
"""Images without a label that are not among the labelled ones, at least."""
STOPPED = (
    "Learning without labels was stopped before it could be seen whether it helps, so the backbone is used "
    "as it was."
)
UNSTABLE = "Learning without labels became unstable, so the backbone is used as it was."


class Pretrain(Phase):
    """Trains the stages above the freeze line without labels; the stages as they were stay unless that helps.

    Whether it helps is measured on the labelled images, by heads on the features before and after. Images
    that have a label are left out of what is learned from, so that they have no part in what they judge.

    Args:
        passes: Number of epochs.
        unlabelled: Id of the strategy's input whose images have no label, in several views.
    """

    stage = "unlabelled"
    changes_backbone = True
    keeps_checkpoints = True

    def __init__(self, *, passes: int, unlabelled: str) -> None:
        self._passes = passes
        self._unlabelled = unlabelled

    def check(self, state: TrainingState) -> None:
        """See `Phase.check`."""
        if each_is_the_only_one(state):
            raise UserError(
                "With one labelled image per class it cannot be found out whether learning without labels "
                "helps.",
                mend="Label at least two images of a class, or choose another strategy.",
            )
        new = _without_labelled(state.inputs[self._unlabelled], state)
        if len(new) < FEWEST:
            are = count(len(new), "image without a label is", plural="images without a label are")
            raise UserError(
                f"Only {are} not among the labelled ones, and at least {FEWEST} are needed.",
                mend="Give a folder with more images; they need no labels.",
            )

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`."""
        used, model = self._used(state), state.extracted.model
        emit(StageStarted(run_id=state.run_id, stage=self.stage, title="Learning from images without labels"))
        parameters = model.trainable_parameters()
        start, found = copy_of(parameters), None
        try:
            learning = learn_from_views(
                model,
                used,
                plan=replace(state.fit_plan(), epochs=self._passes),
                device=state.device,
                run_id=state.run_id,
                emit=emit,
                control=control,
            )
            if learning.is_complete:
                found = _comparison(state, start, images=len(used.images), emit=emit, control=control)
        except Cancelled:
            restore_parameters(parameters, start)  # a whole classifier: its head was fitted to these stages
            raise
        if found is None or found.start_returned:
            restore_parameters(parameters, start)
            message = found.sentence if found else UNSTABLE
            if found is None and control.consume_stop():
                message = STOPPED
            emit(WarningRaised(run_id=state.run_id, code=strategy_helped.SPEC.id, message=message))
        else:
            state.head_fits = False  # until the next phase fits it
        return PhaseResult(earlier_seconds=learning.earlier_seconds)

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        images = max(1, probe.unlabelled_count)
        step = probe.training_speed().seconds_per_step / probe.recipe.optimiser.batch_size
        learning = self._passes * steps_per_epoch(images) * 2 * min(images, IMAGES_AT_ONCE) * step
        folds = folds_count(train=probe.train_count, validation=probe.validation_count)
        heads = FitHead(is_result=True).cost(probe).training_seconds
        return Cost(training_seconds=learning + 2 * folds * heads)

    def _used(self, state: TrainingState) -> Activations:
        """Activations of the images to learn from."""
        given = state.extracted.inputs[self._unlabelled]
        return replace(given, images=_without_labelled(given.images, state))


def _without_labelled(images: Iterable[RunImage], state: TrainingState) -> tuple[RunImage, ...]:
    labelled = {image.sha256 for image in (*state.train, *state.validation)}
    return tuple(image for image in images if image.sha256 not in labelled)


def _comparison(
    state: TrainingState, start: Tensors, *, images: int, emit: Emit, control: Control
) -> StrategyComparison | None:
    """The comparison with the stages as they were, from the run folder where it is there; None if stopped."""
    found = state.strategy_comparison()
    if found is not None:
        return found
    emit(StageStarted(run_id=state.run_id, stage="comparison", title="Comparing with the plain start"))
    found = try_unlabelled(state, start, images=images, control=control)
    if found is not None:
        state.keep_strategy_comparison(found)
    return found
