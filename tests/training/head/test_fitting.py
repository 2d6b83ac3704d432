"""The head alone, on pooled features of the tiny backbone."""

from __future__ import annotations

import shutil
from unittest.mock import Mock

import pytest
import torch

from tests.training.tiny import PREPROCESSING
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import EpochEnded, Event, ignore
from tlstudio.data.preprocessing import normalise
from tlstudio.features.extractor import Activations
from tlstudio.features.images import read_input
from tlstudio.features.store import activations_dir
from tlstudio.features.table import FeatureFile, Features
from tlstudio.specs.recipe import HeadSettings, build_recipe
from tlstudio.training.head import fitting
from tlstudio.training.head.fitting import pooled_features, solve_linear, train_hidden_head
from tlstudio.training.loop.trainable_model import TrainableModel
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.state import Extracted, TrainingState


def extracted(state: TrainingState, line: str | None) -> Extracted:
    """Extract features in a state, with the freeze line at a stage (None: the head alone)."""
    ExtractFeatures(first_trainable=line).run(state, emit=ignore, control=Control())
    return state.extracted


def pooled(given: Extracted, activations: Activations | None = None) -> Features:
    return pooled_features(given.model, activations or given.train, device="cpu", control=Control())


def inputs(state: TrainingState) -> torch.Tensor:
    return torch.stack([read_input(image.file, preprocessing=PREPROCESSING) for image in state.train])


@pytest.mark.parametrize("line", [None, "top"])
def test_pooled_features_are_those_of_the_whole_backbone(make_state, line, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fitting, "BATCH_SIZE", 6)  # 16 images: two full batches and a filled one
    state = make_state()
    features = pooled(extracted(state, line))
    with torch.inference_mode():
        expected = state.classifier.backbone(normalise(inputs(state), PREPROCESSING))
    torch.testing.assert_close(features.table(), expected, rtol=3e-3, atol=3e-3)  # float16 in between


def test_many_features_go_to_a_file(make_state, monkeypatch: pytest.MonkeyPatch):
    given = extracted(make_state(), "top")
    in_memory = pooled(given)
    monkeypatch.setattr(fitting, "IN_MEMORY", 0)
    monkeypatch.setattr(fitting, "FeatureFile", made := Mock(wraps=FeatureFile))
    on_disk = pooled(given)
    assert torch.equal(on_disk.table(), in_memory.table())
    made.assert_called_once_with(24)


def test_pooling_uses_smaller_batches_when_memory_runs_out(make_state, monkeypatch: pytest.MonkeyPatch):
    given = extracted(make_state(), "top")
    expected = pooled(given).table()
    features, sizes = TrainableModel.features, list[int]()

    def out_of_memory_above_10(self: TrainableModel, x: torch.Tensor) -> torch.Tensor:
        sizes.append(len(x))
        if len(x) > 10:
            raise MemoryError
        return features(self, x)

    monkeypatch.setattr(TrainableModel, "features", out_of_memory_above_10)
    torch.testing.assert_close(pooled(given).table(), expected)
    assert sizes == [64, 32, 16, 8, 8]


def test_pooling_can_be_cancelled(make_state):
    given = extracted(make_state(), None)
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        pooled_features(given.model, given.train, device="cpu", control=control)


def features_of(state: TrainingState) -> tuple[Features, Features]:
    given = extracted(state, None)
    return pooled(given), pooled(given, given.validation)


def test_a_linear_head_gets_the_solution_and_every_l2_strength_is_an_event(make_state):
    state, events = make_state(), list[Event]()
    train, validation = features_of(state)
    solution = solve_linear(state, train, validation, emit=events.append, control=Control())
    scores = state.classifier.head.eval()(train.table())
    torch.testing.assert_close(
        scores, train.table() @ solution.weight.T + solution.bias, rtol=1e-4, atol=1e-4
    )
    labels = torch.tensor([image.label for image in state.train])
    assert (scores.argmax(dim=1) == labels).float().mean() > 0.9
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert [event.epoch for event in epochs] == list(range(1, len(solution.trials) + 1))
    assert epochs[-1].best_epoch == solution.best + 1
    assert all(event.run_id == "run-1" and event.validation_n == 8 for event in epochs)
    assert {event.axis for event in epochs} == {"setting"}


def test_the_search_for_a_strength_can_be_cancelled(make_state):
    state, control = make_state(), Control()
    train, validation = features_of(state)
    before = [value.clone() for value in state.classifier.head.state_dict().values()]
    with pytest.raises(Cancelled):
        solve_linear(state, train, validation, emit=lambda event: control.cancel(), control=control)
    after = state.classifier.head.state_dict().values()
    assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True))


@pytest.mark.parametrize("keeps_checkpoint", [True, False])
def test_a_hidden_head_learns_on_raw_features(make_state, keeps_checkpoint: bool):
    recipe = build_recipe(
        {
            "head": HeadSettings(kind="hidden", hidden_units=8, dropout=0.0).model_dump(),
            "epochs": 20,
            "optimiser": {"batch_size": 8},
        }
    )
    state = make_state(recipe)
    state.checkpoint = state.run.last_checkpoint if keeps_checkpoint else None
    extracted(state, None)
    progress = train_hidden_head(state, emit=ignore, control=Control())
    assert progress.epoch >= progress.best_epoch > 0
    labels = torch.tensor([image.label for image in state.train])
    # Of the whole classifier, on images: the standardisation is folded into the head.
    predicted = state.classifier.eval().probabilities(inputs(state)).argmax(dim=1)
    assert (predicted == labels).float().mean() > 0.9
    assert state.run.last_checkpoint.exists() is keeps_checkpoint


def test_a_hidden_head_learns_the_same_from_a_file(make_state, monkeypatch: pytest.MonkeyPatch):
    """The file belongs to the training: evicting the cache meanwhile does not matter."""
    recipe = build_recipe({"head": HeadSettings(kind="hidden", hidden_units=8).model_dump(), "epochs": 3})
    state = make_state(recipe)
    head = state.classifier.head
    start = {name: value.clone() for name, value in head.state_dict().items()}
    extracted(state, None)

    def trained() -> list[torch.Tensor]:
        head.load_state_dict(start)
        train_hidden_head(state, emit=ignore, control=Control())
        return [value.clone() for value in head.state_dict().values()]

    def evict_and_fit(*parts: object, **rest: object) -> object:
        shutil.rmtree(activations_dir())
        return fit(*parts, **rest)

    in_memory = trained()
    fit = fitting.fit
    monkeypatch.setattr(fitting, "IN_MEMORY", 0)
    monkeypatch.setattr(fitting, "fit", evict_and_fit)
    assert all(torch.equal(one, two) for one, two in zip(in_memory, trained(), strict=True))
