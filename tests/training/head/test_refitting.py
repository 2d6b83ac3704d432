"""A head that is fitted anew to features of stages that know the training images."""

from __future__ import annotations

import pytest
import torch

from tests.training.head.test_probe import blobs
from tests.training.tiny import PREPROCESSING, tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.features.images import RunImage, label_tensor
from tlstudio.features.table import Features
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import HeadSettings, Recipe
from tlstudio.training.head import refitting
from tlstudio.training.head.folds import folds_of
from tlstudio.training.head.probe import FOLDS, L2_GRID, ProbeSolution, fit_probe
from tlstudio.training.head.refitting import STRONGER, refit_head
from tlstudio.training.state import Extracted, TrainingState

CLASSES = ("a", "b", "c")


def images(labels: torch.Tensor, *, name: str) -> tuple[RunImage, ...]:
    return tuple(
        RunImage(path=f"{name}{number}", file=None, sha256=f"{name}{number}", label=label)  # type: ignore[arg-type]
        for number, label in enumerate(labels.tolist())
    )


@pytest.fixture
def state(tmp_path, monkeypatch: pytest.MonkeyPatch) -> TrainingState:
    """Features of training images that lie at their classes' centres, and of others that do not."""
    x, y = blobs(60, size=24, classes_count=3, noise=0.5, seed=1)
    xv, yv = blobs(30, size=24, classes_count=3, noise=4.0, seed=2)
    torch.manual_seed(0)
    head = build_head(HeadSettings(dropout=0.5), feature_size=24, classes_count=3)
    state = TrainingState(
        run=RunFolder(tmp_path / "run-1"),
        recipe=Recipe(classes=CLASSES),
        classifier=Classifier(
            backbone=tiny_backbone(), head=head, classes=CLASSES, preprocessing=PREPROCESSING
        ),
        train=images(y, name="t"),
        validation=images(yv, name="v"),
        device="cpu",
        threads=1,
        head_l2=L2_GRID[-1],
    )
    state.extracted = Extracted(model=None, train=x, validation=xv)  # type: ignore[arg-type]
    monkeypatch.setattr(refitting, "pooled_features", lambda model, table, **rest: Features.of(table))
    return state


def fitted(state: TrainingState, *, grid: tuple[float, ...] = L2_GRID, crossed: bool = True) -> ProbeSolution:
    train, validation = state.extracted.train, state.extracted.validation
    return fit_probe(
        Features.of(train),  # type: ignore[arg-type]
        label_tensor(state.train),
        validation_features=Features.of(validation),  # type: ignore[arg-type]
        validation_labels=label_tensor(state.validation),
        classes_count=3,
        class_weighting=False,
        folds=folds_of(state.train, count=FOLDS, seed=0) if crossed else None,
        grid=grid,
    )


def test_images_that_the_stages_have_learned_do_not_choose_the_strength(state: TrainingState):
    """Folds of the training images would choose a head that is far too sure."""
    crossed = fitted(state)
    found = refit_head(state, control=Control())
    assert found.is_kept
    assert found.train_accuracy == 1
    assert found.anew.log_loss < 0.9 * crossed.trials[crossed.best].validation.log_loss
    strengths = (*STRONGER, *L2_GRID)
    losses = [fitted(state, grid=(l2,), crossed=False).trials[0].validation.log_loss for l2 in strengths]
    assert found.anew.log_loss == pytest.approx(min(losses), rel=0.01)
    scores = state.extracted.validation @ state.classifier.head.linear.weight.T  # type: ignore[operator]
    labels = label_tensor(state.validation)
    loss = torch.nn.functional.cross_entropy(scores + state.classifier.head.linear.bias, labels)
    assert float(loss.detach()) == pytest.approx(found.anew.log_loss, rel=1e-3)


def test_the_strength_is_never_below_that_of_the_start(state: TrainingState):
    """A few validation images that are easy would choose no regularisation at all."""
    state.extracted = Extracted(
        model=None,  # type: ignore[arg-type]
        train=state.extracted.train,
        validation=blobs(30, size=24, classes_count=3, noise=0.1, seed=2)[0],  # type: ignore[arg-type]
    )
    state.head_l2 = L2_GRID[2]
    assert refit_head(state, control=Control()).is_kept
    expected = fitted(state, grid=(L2_GRID[2],), crossed=False)
    torch.testing.assert_close(state.classifier.head.linear.weight, expected.weight, rtol=1e-3, atol=1e-4)


def test_a_trained_head_that_does_better_is_kept(state: TrainingState):
    labels = label_tensor(state.validation)
    validation: torch.Tensor = state.extracted.validation  # type: ignore[assignment]
    centred = validation - validation.mean(dim=0)
    weight = torch.linalg.lstsq(centred, 8 * (torch.eye(3)[labels] - 1 / 3)).solution.T
    state.classifier.head.set_linear(weight, -weight @ validation.mean(dim=0))
    found = refit_head(state, control=Control())
    assert not found.is_kept
    assert found.trained.log_loss < found.anew.log_loss
    assert torch.equal(state.classifier.head.linear.weight, weight)
    scores = state.extracted.train @ weight.T + state.classifier.head.linear.bias  # type: ignore[operator]
    right = scores.argmax(dim=1) == label_tensor(state.train)
    assert found.train_accuracy == pytest.approx(float(right.double().mean()))


def test_without_validation_images_the_strength_is_that_of_the_start(state: TrainingState):
    state.validation, state.head_l2 = (), L2_GRID[4]
    state.extracted = Extracted(
        model=None,  # type: ignore[arg-type]
        train=state.extracted.train,
        validation=torch.zeros(0, 24),  # type: ignore[arg-type]
    )
    found = refit_head(state, control=Control())
    assert found.is_kept
    assert found.anew.log_loss is None
    expected = fitted(state, grid=(L2_GRID[4],))
    torch.testing.assert_close(state.classifier.head.linear.weight, expected.weight, rtol=1e-3, atol=1e-4)


def test_it_can_be_cancelled_and_then_leaves_the_trained_head(state: TrainingState):
    before, control = state.classifier.head.linear.weight.clone(), Control()
    control.cancel()
    with pytest.raises(Cancelled):
        refit_head(state, control=control)
    assert torch.equal(state.classifier.head.linear.weight, before)


def test_a_plan_without_a_first_head_is_wrong(state: TrainingState):
    state.head_l2 = None
    with pytest.raises(RuntimeError, match="no phase has fitted it"):
        refit_head(state, control=Control())
