"""The head alone, on pooled features of the tiny backbone."""

from __future__ import annotations

import shutil
from pathlib import Path
from unittest.mock import Mock

import pytest
import torch

from tests.training.tiny import PREPROCESSING, Photos, tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import EpochEnded, Event, ignore
from tlstudio.core.recipe import HeadSettings, Recipe, build_recipe
from tlstudio.data.scan import scan_folder
from tlstudio.features.extractor import Activations
from tlstudio.features.images import RunImage, read_input
from tlstudio.features.store import activations_dir
from tlstudio.features.table import FeatureFile, Features
from tlstudio.features.views import PLAIN
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.project.runs import RunFolder
from tlstudio.training.head import fitting as head_start
from tlstudio.training.head.fitting import pooled, solve_linear, train_hidden
from tlstudio.training.loop.trainable_model import TrainableModel
from tlstudio.training.state import TrainingState


@pytest.fixture
def session(photos: Photos, tmp_path: Path):
    """Makes a run in the middle of which a strategy starts; a third of the images are for validation."""

    def make(recipe: Recipe | None = None) -> TrainingState:
        dataset = scan_folder(photos())
        images = [
            RunImage(
                path=image.path,
                file=dataset.root / image.path,
                sha256=image.sha256,
                label=dataset.classes.index(image.label() or ""),
            )
            for image in dataset.images
        ]
        recipe = (recipe or Recipe()).model_copy(update={"classes": dataset.classes})
        torch.manual_seed(0)
        head = build_head(recipe.head, feature_size=24, classes_count=3)
        run = RunFolder(tmp_path / "run-1")
        run.create()
        return TrainingState(
            run=run,
            recipe=recipe,
            classifier=Classifier(backbone=tiny_backbone(), head=head, classes=recipe.classes),
            train=tuple(image for number, image in enumerate(images) if number % 3),
            validation=tuple(images[::3]),
            device="cpu",
            threads=1,
        )

    return make


def activations(session: TrainingState, line: str | None) -> tuple[Activations, Activations]:
    return session.activations(first_trainable=line, views=(PLAIN,), emit=ignore, control=Control())


def inputs(session: TrainingState) -> torch.Tensor:
    return torch.stack([read_input(image.file, preprocessing=PREPROCESSING) for image in session.train])


@pytest.mark.parametrize("line", [None, "top"])
def test_pooled_features_are_those_of_the_whole_backbone(session, line, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(head_start, "BATCH_SIZE", 6)  # 16 images: two full batches and a filled one
    made = session()
    train, _ = activations(made, line)
    side = TrainableModel(made.classifier, first_trainable=line)
    got = pooled(side, train, device="cpu", control=Control())
    from tlstudio.data.preprocessing import normalise

    with torch.inference_mode():
        wanted = made.classifier.backbone(normalise(inputs(made), PREPROCESSING))
    torch.testing.assert_close(got.table(), wanted, rtol=3e-3, atol=3e-3)  # float16 in between


def test_many_features_go_to_a_file(session, monkeypatch: pytest.MonkeyPatch):
    made = session()
    train, _ = activations(made, "top")
    side = TrainableModel(made.classifier, first_trainable="top")
    few = pooled(side, train, device="cpu", control=Control())
    monkeypatch.setattr(head_start, "IN_MEMORY", 0)
    monkeypatch.setattr(head_start, "FeatureFile", kept := Mock(wraps=FeatureFile))
    many = pooled(side, train, device="cpu", control=Control())
    assert torch.equal(many.table(), few.table())
    kept.assert_called_once_with(24)


def test_pooling_takes_fewer_at_once_when_memory_runs_out(session, monkeypatch: pytest.MonkeyPatch):
    made = session()
    train, _ = activations(made, "top")
    side = TrainableModel(made.classifier, first_trainable="top")
    wanted = pooled(side, train, device="cpu", control=Control()).table()
    whole, taken = TrainableModel.features, list[int]()

    def tight(self: TrainableModel, x: torch.Tensor) -> torch.Tensor:
        taken.append(len(x))
        if len(x) > 10:
            raise MemoryError
        return whole(self, x)

    monkeypatch.setattr(TrainableModel, "features", tight)
    got = pooled(side, train, device="cpu", control=Control()).table()
    torch.testing.assert_close(got, wanted)
    assert taken == [64, 32, 16, 8, 8]


def test_pooling_can_be_cancelled(session):
    made = session()
    train, _ = activations(made, None)
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        pooled(TrainableModel(made.classifier, first_trainable=None), train, device="cpu", control=control)


def features_of(session: TrainingState) -> tuple[Features, Features]:
    side = TrainableModel(session.classifier, first_trainable=None)
    train, validation = (
        pooled(side, part, device="cpu", control=Control()) for part in activations(session, None)
    )
    return train, validation


@pytest.mark.parametrize("told", [True, False])
def test_a_linear_head_gets_the_solution_and_each_strength_is_told(session, told: bool):
    made, events = session(), list[Event]()
    train, validation = features_of(made)
    solution = solve_linear(made, train, validation, told=told, emit=events.append, control=Control())
    scores = made.classifier.head.eval()(train.table())
    torch.testing.assert_close(
        scores, train.table() @ solution.weight.T + solution.bias, rtol=1e-4, atol=1e-4
    )
    labels = torch.tensor([image.label for image in made.train])
    assert (scores.argmax(dim=1) == labels).float().mean() > 0.9
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    if not told:
        assert epochs == []
        return
    assert [event.epoch for event in epochs] == list(range(1, len(solution.trials) + 1))
    assert epochs[-1].best_epoch == solution.best + 1
    assert all(event.run_id == "run-1" and event.validation_n == 8 for event in epochs)


def test_the_search_for_a_strength_can_be_cancelled(session):
    made, control = session(), Control()
    train, validation = features_of(made)
    before = [value.clone() for value in made.classifier.head.state_dict().values()]
    with pytest.raises(Cancelled):
        solve_linear(made, train, validation, told=True, emit=lambda event: control.cancel(), control=control)
    after = made.classifier.head.state_dict().values()
    assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True))


@pytest.mark.parametrize("keep", [True, False])
def test_a_hidden_head_learns_on_raw_features(session, keep: bool):
    recipe = build_recipe(
        {
            "head": HeadSettings(kind="hidden", hidden_units=8, dropout=0.0).model_dump(),
            "epochs": 20,
            "optimiser": {"batch_size": 8},
        }
    )
    made = session(recipe)
    train, validation = activations(made, None)
    side = TrainableModel(made.classifier, first_trainable=None)
    progress = train_hidden(made, train, validation, side=side, keep=keep, emit=ignore, control=Control())
    assert progress.epoch >= progress.best_epoch > 0
    labels = torch.tensor([image.label for image in made.train])
    # Of the whole classifier, on images: the standardisation is folded into the head.
    assert (made.classifier.eval().probabilities(inputs(made)).argmax(dim=1) == labels).float().mean() > 0.9
    assert made.run.last_checkpoint.exists() is keep


def test_a_hidden_head_learns_the_same_from_a_file(session, monkeypatch: pytest.MonkeyPatch):
    """And whatever becomes of the cache meanwhile: the file is the training's own."""
    recipe = build_recipe({"head": HeadSettings(kind="hidden", hidden_units=8).model_dump(), "epochs": 3})

    made = session(recipe)
    head = made.classifier.head
    start = {name: value.clone() for name, value in head.state_dict().items()}
    train, validation = activations(made, None)
    side = TrainableModel(made.classifier, first_trainable=None)

    def learnt() -> list[torch.Tensor]:
        head.load_state_dict(start)
        train_hidden(made, train, validation, side=side, keep=False, emit=ignore, control=Control())
        return [value.clone() for value in head.state_dict().values()]

    def evicted_before(*parts: object, **rest: object) -> object:
        shutil.rmtree(activations_dir())
        return fit(*parts, **rest)

    in_memory = learnt()
    fit = head_start.fit
    monkeypatch.setattr(head_start, "IN_MEMORY", 0)
    monkeypatch.setattr(head_start, "fit", evicted_before)
    assert all(torch.equal(one, two) for one, two in zip(in_memory, learnt(), strict=True))
