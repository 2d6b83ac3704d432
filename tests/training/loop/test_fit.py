from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
import torch

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import BatchEnded, CheckpointSaved, EpochEnded, Event, Paused, WarningRaised, ignore
from tlstudio.features.images import RunImage
from tlstudio.features.table import Features
from tlstudio.models.heads import build_head
from tlstudio.specs.recipe import HeadSettings, OptimiserSettings
from tlstudio.training.loop import fit as trainer
from tlstudio.training.loop.checkpoint import TrainingProgress
from tlstudio.training.loop.fit import FitPlan, fit
from tlstudio.training.loop.precision import Precision
from tlstudio.training.loop.trainable_model import FeatureTable, StandardisedHead, TrainingImages

GENTLE = OptimiserSettings(batch_size=8)


def table(count: int, *, seed: int, noise: float = 1.0) -> TrainingImages:
    centres = torch.randn(3, 10, generator=torch.Generator().manual_seed(9))
    labels = [n % 3 for n in range(count)]
    spread = torch.randn(count, 10, generator=torch.Generator().manual_seed(seed))
    run_images = tuple(
        RunImage(path=str(n), file=Path(), sha256=str(n), label=label) for n, label in enumerate(labels)
    )
    return TrainingImages(
        FeatureTable(images=run_images, features=Features.of(centres[labels] + noise * spread)), seed=1
    )


TRAIN, VALIDATION = table(30, seed=0), table(15, seed=1)


def side() -> StandardisedHead:
    torch.manual_seed(0)
    head = build_head(HeadSettings(kind="hidden", hidden_units=6), feature_size=10, classes_count=3)
    return StandardisedHead(head, features=Features.of(torch.randn(5, 10)))


def run(
    made: StandardisedHead,
    *,
    emit=ignore,
    control: Control | None = None,
    validation: TrainingImages | None = VALIDATION,
    optimiser: OptimiserSettings = GENTLE,
    **plan,
) -> TrainingProgress:
    settings = {"epochs": 6, "patience": 0, "seed": 5, "checkpoint_seconds": 0.0, **plan}
    return fit(
        made,
        train=TRAIN,
        validation=validation,
        plan=FitPlan(optimiser=optimiser, **settings),
        run_id="r",
        emit=emit,
        control=control or Control(),
    )


def weights(made: StandardisedHead) -> list[torch.Tensor]:
    return [value.clone() for value in made.state_dict().values()]


def same(one: StandardisedHead, two: StandardisedHead) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(two), strict=True))


def test_training_learns_and_emits_epochs():
    events: list[Event] = []
    made = side()
    progress = run(made, emit=events.append, epochs=12)
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert [event.epoch for event in epochs] == list(range(13))
    assert epochs[0].train_loss is None
    assert epochs[-1].train_loss < epochs[1].train_loss
    best = epochs[progress.best_epoch]
    assert best.validation_accuracy > epochs[0].validation_accuracy
    assert best.validation_accuracy == max(event.validation_accuracy for event in epochs)
    assert best.validation_n == sum(map(sum, best.confusion)) == 15
    assert best.validation_interval[0] < best.validation_accuracy < best.validation_interval[1]
    assert epochs[-1].seconds_left == 0
    batches = [event for event in events if isinstance(event, BatchEnded)]
    assert len(batches) == 12 * 4
    assert batches[-1].seconds_left == 0


def test_the_best_weights_are_left_in_place():
    made = side()
    events: list[Event] = []
    progress = run(made, emit=events.append)
    with torch.inference_mode():
        x, y = VALIDATION.plain_batch(range(15))
        accuracy = float((made(x).argmax(dim=1) == y).double().mean())
    assert accuracy == pytest.approx(progress.history[progress.best_epoch].validation_accuracy)


def test_the_same_seed_gives_the_same_weights():
    one, two, three = side(), side(), side()
    run(one)
    torch.rand(7)
    run(two)
    run(three, seed=6)
    assert same(one, two)
    assert not same(one, three)


@pytest.mark.parametrize(("killed_in", "averaging"), [(1, 0), (2, 0), (5, 0), (6, 0), (5, 0.3)])
def test_resuming_after_a_kill_ends_with_the_same_weights(tmp_path: Path, killed_in: int, averaging: float):
    optimiser = OptimiserSettings(batch_size=8, averaging=averaging)

    class Killed(BaseException):
        pass

    def kill(event: Event) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (killed_in, 3):
            raise Killed

    whole, torn = side(), side()
    wanted = run(whole, checkpoint=tmp_path / "whole.safetensors", optimiser=optimiser)
    file = tmp_path / "torn.safetensors"
    with pytest.raises(Killed):
        run(torn, emit=kill, checkpoint=file, optimiser=optimiser)
    again = side()
    events: list[Event] = []
    progress = run(again, emit=events.append, checkpoint=file, optimiser=optimiser)
    assert same(whole, again)
    assert [r.validation_loss for r in progress.history] == [r.validation_loss for r in wanted.history]
    first = next(event.epoch for event in events if isinstance(event, EpochEnded))
    assert first == (killed_in if killed_in > 1 else 0)


def test_averaged_weights_are_what_is_scored_and_left():
    plain, averaged = side(), side()
    run(plain)
    settings = OptimiserSettings(batch_size=8, averaging=0.5)
    progress = run(averaged, optimiser=settings, keep_last=True)
    assert not same(plain, averaged)
    with torch.inference_mode():
        x, y = VALIDATION.plain_batch(range(15))
        loss = float(torch.nn.functional.cross_entropy(averaged(x), y))
    assert loss == pytest.approx(progress.history[-1].validation_loss, abs=1e-5)


HALF, WHOLE = Precision(device="cpu", dtype=torch.bfloat16), Precision(device="cpu")


def test_steps_use_the_chosen_precision_also_after_a_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[str | None] = []
    answers = iter([HALF, WHOLE, HALF, HALF])

    def choose(*args: object, earlier: str | None, **kwargs: object) -> Precision:
        asked.append(earlier)
        return next(answers)

    monkeypatch.setattr(trainer, "choose_precision", choose)
    whole, other, torn, again = side(), side(), side(), side()
    assert run(whole, epochs=4).precision == "bfloat16"
    assert run(other, epochs=4).precision == "float32"
    assert not same(whole, other)
    file = tmp_path / "last.safetensors"
    control = Control()

    def stop(event: Event) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 3:
            control.cancel()

    with pytest.raises(Cancelled):
        run(torn, epochs=4, checkpoint=file, emit=stop, control=control)
    assert run(again, epochs=4, checkpoint=file).precision == "bfloat16"
    assert same(whole, again)
    assert asked == [None, None, None, "bfloat16"]


def test_the_precision_is_recorded_with_the_first_finished_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    control, asked = Control(), list[str | None]()

    def choose(*args: object, earlier: str | None, **kwargs: object) -> Precision:
        asked.append(earlier)
        if len(asked) == 1:
            control.cancel()  # in the middle of the trial, which decides nothing then
            return WHOLE
        return HALF

    monkeypatch.setattr(trainer, "choose_precision", choose)
    file = tmp_path / "last.safetensors"
    with pytest.raises(Cancelled):
        run(side(), checkpoint=file, control=control)
    assert file.exists()
    assert run(side(), checkpoint=file).precision == "bfloat16"
    assert asked == [None, None]


def test_checkpoints_are_not_written_more_often_than_asked(tmp_path: Path):
    events: list[Event] = []
    run(side(), emit=events.append, checkpoint=tmp_path / "last.safetensors", checkpoint_seconds=1000.0)
    saved = [event for event in events if isinstance(event, CheckpointSaved)]
    assert [event.epoch for event in saved] == [6]


def test_stop_discards_the_unfinished_epoch_and_keeps_the_best(tmp_path: Path):
    control, short, stopped = Control(), side(), side()

    def stop(event: Event) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (3, 2):
            control.stop()

    progress = run(stopped, emit=stop, control=control, checkpoint=tmp_path / "last.safetensors")
    assert (progress.epoch, progress.is_cut) == (2, True)
    assert (tmp_path / "last.safetensors").exists()
    reference = run(short)
    if reference.best_epoch <= 2:
        assert same(short, stopped)
    assert not reference.is_cut
    assert [r.train_loss for r in progress.history] == [r.train_loss for r in reference.history[:3]]


def test_cancel_ends_at_the_next_batch_and_keeps_the_checkpoint(tmp_path: Path):
    control, events = Control(), list[Event]()

    def cancel(event: Event) -> None:
        events.append(event)
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (3, 2):
            control.cancel()

    with pytest.raises(Cancelled):
        run(side(), emit=cancel, control=control, checkpoint=tmp_path / "last.safetensors")
    assert [e.epoch for e in events if isinstance(e, CheckpointSaved)] == [1, 2]
    assert isinstance(events[-1], BatchEnded)


@pytest.mark.parametrize(("command", "averaging"), [("cancel", 0), ("cancel", 0.3), ("stop", 0)])
def test_an_end_before_the_first_checkpoint_changes_nothing_after_a_resume(
    tmp_path: Path, command: str, averaging: float
):
    control, whole, resumed = Control(), side(), side()
    optimiser = OptimiserSettings(batch_size=8, averaging=averaging)
    plan = {"checkpoint": tmp_path / "last.safetensors", "checkpoint_seconds": 1000.0, "epochs": 3}

    def end(event: Event) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (3, 2):
            getattr(control, command)()

    with suppress(Cancelled):
        assert run(side(), emit=end, control=control, optimiser=optimiser, **plan).epoch == 2
    run(resumed, optimiser=optimiser, **plan)
    run(whole, optimiser=optimiser, epochs=3)
    assert same(whole, resumed)


def test_a_pause_is_emitted_once_and_changes_nothing():
    control, paused, plain = Control(), side(), side()
    said: list[Event] = []

    def hold(event: Event) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (2, 1):
            control.pause()
        if isinstance(event, Paused):
            said.append(event)
            control.resume()

    run(paused, emit=hold, control=control)
    run(plain)
    assert len(said) == 1
    assert same(paused, plain)


def test_patience_ends_training():
    slow = GENTLE.model_copy(update={"learning_rate_head": 1e-9})
    progress = run(side(), epochs=50, patience=2, optimiser=slow)
    assert progress.epoch - progress.best_epoch == 2 or progress.epoch == 50
    still = run(
        side(), epochs=50, patience=2, optimiser=GENTLE.model_copy(update={"learning_rate_head": 1.0})
    )
    assert still.epoch == still.best_epoch + 2 < 50


def test_patience_counts_from_the_best_epoch_when_the_last_is_kept():
    hasty = GENTLE.model_copy(update={"learning_rate_head": 1.0})
    best = run(side(), epochs=50, patience=2, optimiser=hasty)
    last = run(side(), epochs=50, patience=2, optimiser=hasty, keep_last=True)
    assert last.epoch == best.epoch < 50
    assert last.best_epoch == last.epoch
    assert run(side(), epochs=5, patience=2, validation=None, keep_last=True).epoch == 5


def test_without_validation_the_last_epoch_is_kept():
    progress = run(side(), validation=None)
    assert progress.best_epoch == progress.epoch == 6
    assert progress.history[6].validation_accuracy is None


def test_the_start_is_kept_when_no_epoch_is_better():
    made, start = side(), side()
    run(start, epochs=12)
    made.load_state_dict(start.state_dict())
    misled = table(30, seed=0)
    misled.labels = (misled.labels + 1) % 3
    progress = fit(
        made,
        train=misled,
        validation=VALIDATION,
        plan=FitPlan(
            optimiser=OptimiserSettings(batch_size=8, learning_rate_head=0.1), epochs=3, patience=0, seed=5
        ),
        run_id="r",
        emit=ignore,
        control=Control(),
    )
    assert progress.epoch == 3
    assert progress.best_epoch == 0
    assert same(start, made)


def test_an_unstable_training_ends_with_the_best_so_far():
    made = side()
    events: list[Event] = []
    poisoned = table(30, seed=0)

    def batch(indices: list[int], *, epoch: int) -> tuple[torch.Tensor, torch.Tensor]:
        x, y = TrainingImages.batch(poisoned, indices, epoch=epoch)
        return x * (float("nan") if epoch == 3 else 1.0), y

    poisoned.batch = batch  # type: ignore[method-assign]
    progress = fit(
        made,
        train=poisoned,
        validation=VALIDATION,
        plan=FitPlan(optimiser=GENTLE, epochs=6, patience=0, seed=5),
        run_id="r",
        emit=events.append,
        control=Control(),
    )
    assert (progress.epoch, progress.is_cut) == (2, True)
    assert [event.code for event in events if isinstance(event, WarningRaised)] == ["unstable"]
    assert all(torch.isfinite(value).all() for value in weights(made))


def test_with_little_memory_training_is_the_same_and_warns_once(monkeypatch: pytest.MonkeyPatch):
    plain, short = side(), side()
    wanted = run(plain)
    forward, taken, events = StandardisedHead.forward, list[int](), list[Event]()

    def tight(self: StandardisedHead, features: torch.Tensor) -> torch.Tensor:
        taken.append(len(features))
        if len(features) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return forward(self, features)

    monkeypatch.setattr(StandardisedHead, "forward", tight)
    got = run(short, emit=events.append)
    for one, other in zip(wanted.history, got.history, strict=True):
        assert one.validation_loss == pytest.approx(other.validation_loss, rel=1e-4)
        if one.epoch:
            assert one.train_loss == pytest.approx(other.train_loss, rel=1e-4)
            assert one.train_accuracy == other.train_accuracy
    for one, other in zip(weights(plain), weights(short), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)
    said = [event.message for event in events if isinstance(event, WarningRaised)]
    assert [message[:28] for message in said] == [
        "Memory ran out with 15 image",  # validation
        "Memory ran out with 7 images",
        "Memory ran out with 8 images",  # training
    ]
    assert max(taken[8:]) == 4
    steps = [event for event in events if isinstance(event, BatchEnded)]
    assert len(steps) == 6 * 4


def test_too_little_memory_for_one_image_is_a_user_error_and_keeps_the_checkpoint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    whole, again, file = side(), side(), tmp_path / "last.safetensors"
    run(whole)
    forward, full = StandardisedHead.forward, False

    def tight(self: StandardisedHead, features: torch.Tensor) -> torch.Tensor:
        if full:
            raise MemoryError
        return forward(self, features)

    def fill(event: Event) -> None:
        nonlocal full
        full = isinstance(event, BatchEnded) and (event.epoch, event.step) == (3, 2)

    monkeypatch.setattr(StandardisedHead, "forward", tight)
    # The word of a halving must not end the shortage.
    with pytest.raises(UserError, match="out of memory with one image"):
        run(side(), emit=lambda e: None if isinstance(e, WarningRaised) else fill(e), checkpoint=file)
    full = False
    run(again, checkpoint=file)
    assert same(whole, again)
