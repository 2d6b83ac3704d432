"""A run as a process of its own, killed without warning, then gone on with."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training.tiny import Photos, train
from tlstudio.core.events import EpochEnded
from tlstudio.project.runs import RunFolder

RECIPE = {
    "strategy": "fine-tune",
    "freeze": "middle",
    "epochs": 12,
    "optimiser": {"batch_size": 4},
    "augmentation": {"crop": 0.2},
}


def start(root: Path, run: Path, *options: str) -> subprocess.Popen[bytes]:
    script = Path(__file__).parents[1].joinpath("tiny.py")
    command = [sys.executable, str(script), str(root), str(run), json.dumps(RECIPE), *options]
    return subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_run_killed_at_random_moments_ends_bit_equal(
    photos: Photos, tmp_path: Path, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    root = photos(per_class=12)
    train(root, tmp_path / "whole", **RECIPE)
    kills, draw = 0, random.Random(3)
    torn = tmp_path / "torn"
    # The cache is emptied by taking another one, so that a kill can fall into the first pass too.
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "second-cache"))
    for _ in range(3):
        with start(root, torn, "--resume") as process:
            while not (torn / ".lock").exists() or not (torn / "environment.json").exists():
                assert process.poll() is None
                time.sleep(0.002)
            time.sleep(draw.uniform(0.0, 0.5))
            kills += process.poll() is None
            process.send_signal(signal.SIGKILL)
    assert kills, "every run was over before its kill: train longer"
    train(root, torn, resume=True)
    one, two = (load_file(run / "checkpoints/best.safetensors") for run in (tmp_path / "whole", torn))
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert (tmp_path / "whole/predictions.csv").read_bytes() == (torn / "predictions.csv").read_bytes()
    epochs = [event.epoch for event in RunFolder(torn).read_events() if isinstance(event, EpochEnded)]
    assert epochs == list(range(13))
