"""The phase that makes the head from words, and returns to the plain head where they are no good."""

from __future__ import annotations

import time
from pathlib import Path

import torch
from torch import Tensor

from tlstudio.compute.device import resident_memory_bytes
from tlstudio.core.class_words import read_class_words, words_for
from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, EpochEnded, StageStarted, WarningRaised
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.evaluation.metrics import Score
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.images import label_tensor
from tlstudio.models.heads import Head
from tlstudio.specs.checks import strategy_helped
from tlstudio.training.head.cross_validation import held_out_scores
from tlstudio.training.head.temperature import factor_for
from tlstudio.training.head.words import head_of_words, require_known_things
from tlstudio.training.loop.checkpoint import EpochRecord, TrainingProgress
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.words_trial import LABEL_MORE, UNKNOWN, try_words

WORDS_SECONDS = 1.0
"""Reading the network for words and embedding a few dozen texts."""
HEADS_SOLVED = 2
"""The cross-validated head to compare with, and the plain head where the words are no good."""


class FitToWords(Phase):
    """Sets the head to the words of the classes; exact, so a resumed run does it again.

    Labels decide only whether the words are kept, and how sure the head is.

    Args:
        words: Of the classes, as the person wrote them.
    """

    stage = "head"

    def __init__(self, *, words: str) -> None:
        self._words = words

    def check(self, state: TrainingState) -> None:
        """See `Phase.check`."""
        chosen = state.recipe.backbone
        require_known_things(
            chosen.id,
            weights_file=Path(chosen.weights_file) if chosen.weights_file else None,
            feature_size=state.classifier.backbone.feature_size,
        )

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`."""
        emit(StageStarted(run_id=state.run_id, stage=self.stage, title="Reading the words"))
        control.check()
        started = time.monotonic()
        head = self._head(state)
        found = self._try(state, head, emit=emit, control=control)
        if found is not None:
            state.keep_strategy_comparison(found)
            if found.start_returned:
                emit(WarningRaised(run_id=state.run_id, code=strategy_helped.SPEC.id, message=found.sentence))
                return FitHead(is_result=True).run(state, emit=emit, control=control)
        with state.exact_features_checked():
            state.classifier.head = head.to(state.device)
        return self._report(state, emit=emit, started=started)

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        heads = HEADS_SOLVED * probe.head_solving_seconds() if probe.train_count else 0.0
        return Cost(training_seconds=WORDS_SECONDS + heads)

    def _head(self, state: TrainingState) -> Head:
        """The head, as sure of itself as the training images show it may be."""
        chosen = state.recipe.backbone
        head = head_of_words(
            words_for(state.recipe.classes, read_class_words(self._words)),
            backbone_id=chosen.id,
            weights_file=Path(chosen.weights_file) if chosen.weights_file else None,
            feature_size=state.classifier.backbone.feature_size,
            dropout=state.recipe.head.dropout,
        ).eval()
        labels = label_tensor(state.train)
        if len(set(labels.tolist())) > 1:
            scores = _logits(head, state.extracted.train.features().table()).double()
            with torch.no_grad():
                head.linear.weight.mul_(factor_for(scores, labels))
        return head

    def _try(
        self, state: TrainingState, head: Head, *, emit: Emit, control: Control
    ) -> StrategyComparison | None:
        """Compare the words with a head that learned the labels; None, and a warning, if labels cannot tell.

        Raises:
            UserError: The words are no better than chance, and there is no other head to return.
        """
        images = state.train + state.validation
        extracted, labels = state.extracted, label_tensor(images)
        present = len(set(labels.tolist()))
        if present < 2:
            emit(WarningRaised(run_id=state.run_id, code="untested-words", message=UNKNOWN))
            return None
        features = torch.cat([part.features().table() for part in (extracted.train, extracted.validation)])
        start = None
        # One image of each class leaves none to learn from, and a class without any cannot be learned.
        if present == len(state.recipe.classes) < len(images):
            start = held_out_scores(
                features,
                images,
                classes_count=len(state.recipe.classes),
                seed=state.recipe.seed,
                class_weighting=state.recipe.optimiser.class_weighting,
                control=control,
            )
        found = try_words(_logits(head, features), labels, start)
        if start is None and found.start_returned:
            raise UserError(
                found.sentence,
                mend="Describe the classes in other words, or label at least two images of each class.",
            )
        if start is None and found.interval[0] <= 0:
            message = f"{found.sentence} {LABEL_MORE}"
            emit(WarningRaised(run_id=state.run_id, code="untested-words", message=message))
            return None
        return found

    def _report(self, state: TrainingState, *, emit: Emit, started: float) -> PhaseResult:
        """Show the words as one setting that was tried."""
        extracted, head = state.extracted, state.classifier.head.eval()
        own, checked = (
            ONE_CLASS_EACH.metrics(_logits(head, part.features().table()), label_tensor(images))
            for part, images in ((extracted.train, state.train), (extracted.validation, state.validation))
        )
        emit(
            EpochEnded(
                run_id=state.run_id,
                axis="setting",
                stage=self.stage,
                epoch=1,
                epochs=1,
                train_loss=own.log_loss,
                train_accuracy=own.accuracy,
                validation_loss=checked.log_loss,
                validation_accuracy=checked.accuracy,
                validation_interval=checked.interval.pair if checked.interval else None,
                validation_n=checked.n,
                confusion=checked.confusion,
                best_epoch=1,
                learning_rate=None,
                elapsed_seconds=time.monotonic() - started,
                memory_bytes=resident_memory_bytes(),
            )
        )
        history = (
            EpochRecord.of_setting(0, train=Score(), validation=Score()),
            EpochRecord.of_setting(1, train=own, validation=checked),
        )
        progress = TrainingProgress(epoch=1, best_epoch=1, step=0, elapsed_seconds=0.0, history=history)
        return PhaseResult(progress=progress, train_accuracy=own.accuracy)


@torch.inference_mode()
def _logits(head: Head, features: Tensor) -> Tensor:
    """Logits [N, K], on the CPU."""
    device = head.linear.weight.device
    logits: Tensor = head(features.to(device)).cpu()
    return logits
