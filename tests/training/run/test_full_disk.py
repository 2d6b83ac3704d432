"""The disk fills up at each place where a run writes: a sentence, nothing else harmed, and it goes on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.training.tiny import FINE, Photos, same_weights, train
from tlstudio.core import files
from tlstudio.core.events import EpochEnded, Event, JobFailed, final_event_of, to_json
from tlstudio.project.runs import RunFolder, open_run
from tlstudio.training.run import run as run_module
from tlstudio.training.state import TrainingState

pytestmark = pytest.mark.usefixtures("tiny")

WRITTEN = (
    "split.csv",
    "recipe.json",
    "environment.json",
    "last.safetensors",
    "best.safetensors",
    "predictions.csv",
    "metrics.json",
    "events.jsonl",
)
QUICK = ("split.csv", "metrics.json")


@contextmanager
def full_at(name: str, *, time: int, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the disk be full from when a file of this name is written for the `time`th time on."""
    written = 0
    whole_file, whole_line = files._temporary, RunFolder.append_event

    def is_full(asked: str) -> bool:
        nonlocal written
        written += asked == name
        return written >= time

    @contextmanager
    def temporary(path: Path) -> Iterator[Path]:
        with whole_file(path) as file:
            yield file
            if is_full(path.name):
                raise OSError(errno.ENOSPC, "No space left on device")

    def append_event(self: RunFolder, event: Event) -> None:
        if is_full(self.events.name):
            with files.name_in_errors(self.events), self.events.open("a", encoding="utf-8") as file:
                file.write(to_json(event)[:20])
                raise OSError(errno.ENOSPC, "No space left on device")
        whole_line(self, event)

    with patch.context() as inside:
        inside.setattr(files, "_temporary", temporary)
        inside.setattr(RunFolder, "append_event", append_event)
        yield


@pytest.mark.parametrize(
    ("name", "time"),
    [
        *(pytest.param(name, 1, marks=[] if name in QUICK else pytest.mark.exhaustive) for name in WRITTEN),
        ("last.safetensors", 2),
        ("events.jsonl", 6),
    ],
)
@pytest.mark.usefixtures("fresh_cache")
def test_a_full_disk_is_a_user_error_and_the_run_resumes_afterwards(
    name: str, time: int, photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        run_module, "TrainingState", lambda **rest: TrainingState(**rest, checkpoint_seconds=0.0)
    )
    root, whole, torn = photos(), tmp_path / "whole", tmp_path / "torn"
    wanted = train(root, whole, **FINE)
    before = {file: file.read_bytes() for file in whole.rglob("*") if file.is_file()}
    with full_at(name, time=time, patch=monkeypatch), pytest.raises(OSError, match="No space") as raised:
        train(root, torn, **FINE)
    told = final_event_of(raised.value, run_id="r")
    assert isinstance(told, JobFailed)
    assert not told.fault
    assert told.what.startswith("The disk is full (")
    assert name in told.what
    assert not list(tmp_path.rglob("*.tmp"))
    assert {file: file.read_bytes() for file in before} == before
    result = train(root, torn, resume=True, **FINE)
    assert same_weights(torn, whole)
    assert {**result, "run": "", "seconds": 0} == {**wanted, "run": "", "seconds": 0}
    epochs = [
        [event.epoch for event in open_run(run).read_events() if isinstance(event, EpochEnded)]
        for run in (torn, whole)
    ]
    assert set(epochs[0]) | {0} == set(epochs[1])
