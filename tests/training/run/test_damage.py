"""Damage in files that a finished run does not need is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import TrainedRun
from tests.training.tiny import train
from tlstudio.core.control import Control
from tlstudio.core.events import Event, WarningRaised
from tlstudio.project.runs import RunFolder
from tlstudio.training.run.damage import damage_beside


@pytest.fixture
def run(trained_run: TrainedRun, tmp_path: Path) -> RunFolder:
    return RunFolder(Path(shutil.copytree(trained_run.run, tmp_path / "run")))


def test_a_sound_run_has_none(run: RunFolder):
    assert damage_beside(run, control=Control()) == []


def test_each_file_is_named_when_a_finished_run_is_resumed(run: RunFolder, trained_run: TrainedRun):
    with run.events.open("a") as file:
        file.write("junk\n")
    for file_of_run in (run.images, run.last_checkpoint, run.split):
        file_of_run.write_text("junk")
    found = damage_beside(run, control=Control())
    for name in ("split.csv", "images.csv", "last.safetensors", "events.jsonl"):
        assert sum(name in sentence for sentence in found) == 1, name
    events: list[Event] = []
    result = train(trained_run.images, run.path, resume=True, emit=events.append)
    assert result["status"] == "finished"
    assert set(found) <= set(result["warnings"])
    assert [event.message for event in events if isinstance(event, WarningRaised)] == found
    assert run.images.read_text() == "junk"
