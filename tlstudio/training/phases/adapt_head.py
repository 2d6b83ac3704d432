"""The phase that replaces the head by one that suits unlabelled images from elsewhere, if that helps."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, Paused, StageProgress, StageStarted, WarningRaised
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.evaluation.two_sample import Difference, difference_of
from tlstudio.features.images import label_tensor
from tlstudio.specs.checks import strategy_helped
from tlstudio.specs.strategies.adapt import Method
from tlstudio.training.adaptation import words
from tlstudio.training.adaptation.adapted_head import AdaptedHead
from tlstudio.training.adaptation.bottleneck import steps_count, trained_head
from tlstudio.training.adaptation.class_mix import class_mix_of
from tlstudio.training.adaptation.domain_map import map_of
from tlstudio.training.adaptation.domains import Domains, Standardisation
from tlstudio.training.adaptation.kinship import kinship_of
from tlstudio.training.adaptation.methods import (
    METHODS,
    MIX_FREE,
    advising_methods,
    common_answers,
    common_head,
    head_of,
)
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.do_no_harm import comparison_of

TIMED_STEPS = 20
TRAINED_HEADS = 3
SETUP_SECONDS = 2.0


class AdaptHead(Phase):
    """Adapts by several methods and keeps what they agree on; else the head that is there stays.

    It has no checkpoints: all draws depend on the seed, so a resumed run finds the same.

    Args:
        method: The one to take; "auto" takes the answers that several have in common.
        unlabelled: Id of the input with images from elsewhere.
        target_labels: Id of the input with labelled images from there, which may be absent.
    """

    stage = "adaptation"

    def __init__(self, *, method: Method, unlabelled: str, target_labels: str) -> None:
        self._method = method
        self._unlabelled = unlabelled
        self._target_labels = target_labels

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`."""
        emit(StageStarted(run_id=state.run_id, stage=self.stage, title="Adapting to the other images"))
        with state.exact_features_checked():
            found, head = self._adapt(state, emit=emit, control=control)
            if head is not None:
                dropout = state.classifier.head.settings.dropout
                state.classifier.head = head.as_head(dropout=dropout).to(state.device)
        if found is not None:
            state.keep_strategy_comparison(found)
            message = found.sentence if head is None else words.FIGURES_FROM_HERE
            code = strategy_helped.SPEC.id if head is None else "figures-from-here"
            emit(WarningRaised(run_id=state.run_id, code=code, message=message))
        return PhaseResult()

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        size, classes = probe.classifier.backbone.feature_size, len(probe.recipe.classes)
        random = torch.Generator().manual_seed(0)
        made_up = Domains(
            source=torch.randn(64, size, generator=random),
            labels=torch.arange(64) % classes,
            target=torch.randn(64, size, generator=random),
            classes_count=classes,
            seed=0,
        )
        started = time.monotonic()
        trained_head(made_up, aim="class-confusion", expected=made_up.shares(), steps=TIMED_STEPS)
        per_step = (time.monotonic() - started) / TIMED_STEPS
        trained = TRAINED_HEADS * steps_count(probe.train_count) * per_step
        return Cost(training_seconds=SETUP_SECONDS + trained + 2 * probe.head_solving_seconds())

    def _adapt(
        self, state: TrainingState, *, emit: Emit, control: Control
    ) -> tuple[StrategyComparison | None, AdaptedHead | None]:
        """Adapt the head: return what was found, None if stopped, and the new head, None to keep the old."""
        domains = self._domains(state)
        before = difference_of(domains.source, domains.target, seed=domains.seed)
        after = _difference_after(domains)
        emit(map_of(domains, before=before, after=after, run_id=state.run_id))
        if not before.is_shown:
            return _unchanged(state, words.same_place(before)), None
        control.check()
        labelled = self._labelled(state)
        if labelled is None:  # labels from there say it better
            kinship = kinship_of(domains)
            if not kinship.is_shown:
                return _unchanged(state, words.other_world(kinship)), None
        control.check()
        heads = {method: head_of(method, domains) for method in MIX_FREE}
        shares = domains.shares()
        mix = class_mix_of([head.logits(domains.target) for head in heads.values()], shares)
        said = words.mix_sentence(mix, shares=shares.tolist(), classes=state.recipe.classes)

        advising = advising_methods(mix)
        every = METHODS[1:] if labelled is not None else tuple(dict.fromkeys((*advising, self._method)))
        wanted = [method for method in every if method != "auto" and method not in heads]
        on_step = partial(control.check, on_pause=lambda: emit(Paused(run_id=state.run_id)))
        for number, method in enumerate(wanted):
            emit(StageProgress(run_id=state.run_id, stage=self.stage, done=number, total=len(wanted) + 1))
            on_step()
            heads[method] = head_of(method, domains, mix=mix, on_step=on_step)
            if control.stopped:
                return None, None
        answers = common_answers([heads[method] for method in advising], domains.target)
        heads["auto"] = common_head(answers, domains, on_step=on_step)
        if control.stopped:
            return None, None
        verdict = partial(words.verdict, before=before, after=after, mix=said)
        if labelled is not None:
            return self._best(state, heads, *labelled, verdict=verdict)
        chosen = heads[self._method]
        found = comparison_of(
            _start_logits(state, domains.target),
            chosen.logits(domains.target),
            answers.argmax(dim=1),
            must_be="better",
        )
        reason = verdict(words.agreement(found), start_returned=found.start_returned)
        found = replace(found, reason=reason, labelled=False)
        return found, None if found.start_returned else chosen

    def _best(
        self,
        state: TrainingState,
        heads: dict[Method, AdaptedHead],
        features: Tensor,
        labels: Tensor,
        *,
        verdict: partial[str],
    ) -> tuple[StrategyComparison, AdaptedHead | None]:
        """The head that is right most often on labelled images from there; the start unless one beats it."""
        right = {
            method: int((head.logits(features).argmax(dim=1) == labels).sum())
            for method, head in heads.items()
        }
        # Of equals "auto", which is what several agree on, comes first.
        best = max(METHODS, key=lambda method: right.get(method, -1))
        start = _start_logits(state, features)
        found = comparison_of(start, heads[best].logits(features), labels, must_be="not-worse")
        found = replace(found, start_returned=found.difference <= 0)
        reason = verdict(words.accuracy(found, method=best), start_returned=found.start_returned)
        return replace(found, reason=reason), None if found.start_returned else heads[best]

    def _domains(self, state: TrainingState) -> Domains:
        extracted = state.extracted
        return Domains(
            source=extracted.train.features().table(),
            labels=label_tensor(state.train),
            target=extracted.inputs[self._unlabelled].features().table(),
            classes_count=len(state.recipe.classes),
            seed=state.recipe.seed,
        )

    def _labelled(self, state: TrainingState) -> tuple[Tensor, Tensor] | None:
        """Features and labels of labelled images from there; None when none were given."""
        given = state.extracted.inputs.get(self._target_labels)
        if given is None:
            return None
        labels = label_tensor(given.images)
        return given.features().table(), labels


@torch.inference_mode()
def _start_logits(state: TrainingState, features: Tensor) -> Tensor:
    """Logits [N, K] of the head that is there, on the CPU."""
    head = state.classifier.head.eval()
    logits: Tensor = head(features.to(state.device)).cpu()
    return logits


def _unchanged(state: TrainingState, reason: str) -> StrategyComparison:
    """The comparison of a run that had nothing to adapt to: the start, on its validation images."""
    images = state.extracted.validation if state.validation else state.extracted.train
    labels = label_tensor(images.images)
    logits = _start_logits(state, images.features().table())
    accuracy = float((ONE_CLASS_EACH.decide(logits) == labels).double().mean())
    return StrategyComparison(
        start_accuracy=accuracy,
        accuracy=accuracy,
        n=len(labels),
        difference=0.0,
        interval=(0.0, 0.0),
        start_returned=True,
        reason=reason,
    )


def _difference_after(domains: Domains) -> Difference:
    """Measure how different the domains are when each is standardised by its own mean and deviation."""
    source, target = (Standardisation.of(part).apply(part) for part in (domains.source, domains.target))
    return difference_of(source, target, seed=domains.seed)
