"""Training images that were cut a little, in a folder that is shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.data.near.made import scene
from tests.training.tiny import train
from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.data.scan import scan_folder
from tlstudio.inference.folder import predict_folder
from tlstudio.project.runs import RunFolder

pytestmark = pytest.mark.usefixtures("tiny_backbones")


def test_training_images_that_were_cut_are_recognised(fresh_cache: Path, tmp_path: Path):
    learned, shown = tmp_path / "learned", tmp_path / "shown"
    for number in range(40):
        for root in (learned, shown):
            (root / f"kind {number % 2}").mkdir(parents=True, exist_ok=True)
        name = f"kind {number % 2}/{number:02d}.png"
        if number < 30:
            scene(number).save(learned / name)
        if number < 6:
            scene(number).crop((4, 3, 196, 157)).resize((150, 120)).save(shown / name)
        if number >= 30:
            scene(number).save(shown / name)
    train(learned, tmp_path / "run", split={"validation": 0.2, "test": 0})
    run = RunFolder(tmp_path / "run")

    def seen() -> set[str]:
        found = predict_folder(run, scan_folder(shown), run_id="r", emit=ignore, control=Control())
        return set(found.left_out.alike)

    cut = {f"kind {number % 2}/{number:02d}.png" for number in range(6)}
    assert seen() == cut
    learned.rename(tmp_path / "elsewhere")
    assert seen() == cut, "what they look like is kept"
    shutil.rmtree(fresh_cache)
    assert seen() < cut, "hashes alone do not recognise all of them"
