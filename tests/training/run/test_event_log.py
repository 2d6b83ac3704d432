from pathlib import Path

from tlstudio.core.events import BatchEnded, EpochEnded, Event, StageProgress, WarningRaised
from tlstudio.project.runs import RunFolder
from tlstudio.training.run.event_log import RunLog


def ended(epoch: int, *, elapsed: float = 0.0, stage: str = "") -> EpochEnded:
    return EpochEnded(
        run_id="r", epoch=epoch, epochs=9, train_loss=None, train_accuracy=None, validation_loss=None,
        validation_accuracy=None, validation_interval=None, validation_n=0, confusion=(), best_epoch=0,
        learning_rate=None, elapsed_seconds=elapsed, stage=stage,
    )  # fmt: skip


def warned(message: str) -> WarningRaised:
    return WarningRaised(run_id="r", code="c", message=message, paths=("bad-\udcff.jpg", "ж.jpg"))


def test_all_events_are_passed_on_and_all_but_progress_written(tmp_path: Path):
    heard: list[Event] = []
    log = RunLog(RunFolder(tmp_path), emit=heard.append)
    batch = BatchEnded(run_id="r", epoch=1, epochs=2, step=1, steps=2, train_loss=1.0, images_per_second=1.0)
    said = [ended(0), batch, StageProgress(run_id="r", stage="s", done=1), warned("one"), ended(1)]
    for event in said:
        log(event)
    assert heard == said
    assert RunFolder(tmp_path).read_events() == [said[0], said[3], said[4]]


def test_a_warning_is_given_once_over_all_sessions(tmp_path: Path):
    heard: list[Event] = []
    for _ in range(2):
        log = RunLog(RunFolder(tmp_path), emit=heard.append)
        log(warned("one"))
        log(warned("two"))
        log(warned("one"))
        assert log.warnings == ["one", "two"]
    assert len(heard) == 2


def test_epochs_that_are_trained_again_replace_the_earlier_ones(tmp_path: Path):
    first = RunLog(RunFolder(tmp_path), emit=lambda event: None)
    for epoch in range(4):
        first(ended(epoch, elapsed=1.0))
    first(warned("kept"))
    second = RunLog(RunFolder(tmp_path), emit=lambda event: None)
    second(ended(2, elapsed=2.0))
    second(ended(3, elapsed=2.0))
    epochs = [event for event in RunFolder(tmp_path).read_events() if isinstance(event, EpochEnded)]
    assert [(event.epoch, event.elapsed_seconds) for event in epochs] == [
        (0, 1.0),
        (1, 1.0),
        (2, 2.0),
        (3, 2.0),
    ]
    assert second.warnings == ["kept"]


def test_epochs_of_another_phase_stay(tmp_path: Path):
    log = RunLog(RunFolder(tmp_path), emit=lambda event: None)
    events = [ended(epoch, stage=stage) for stage in ("pre-training", "training") for epoch in range(3)]
    for event in events:
        log(event)
    assert RunFolder(tmp_path).read_events() == events
    again = ended(1, elapsed=2.0, stage="training")
    RunLog(RunFolder(tmp_path), emit=lambda event: None)(again)
    assert RunFolder(tmp_path).read_events() == [*events[:4], again]


def test_an_incomplete_line_does_not_spoil_the_next_one(tmp_path: Path):
    run = RunFolder(tmp_path)
    RunLog(run, emit=lambda event: None)(ended(0))
    with run.events.open("a", encoding="utf-8") as file:
        file.write('{"event": "EpochEn')
    RunLog(run, emit=lambda event: None)(ended(1))
    assert run.read_events() == [ended(0), ended(1)]
    assert len(run.events.read_bytes().splitlines()) == 3
