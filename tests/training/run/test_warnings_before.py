"""Warnings before a run trains."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.training.tiny import Photos
from tlstudio.compute.device import choose_device
from tlstudio.core.events import Event, WarningRaised
from tlstudio.data.scan import scan_folder
from tlstudio.features.images import RunImage
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe
from tlstudio.training.run.preparation import prepare
from tlstudio.training.run.warnings_before import warn_before


def test_images_without_a_label_are_said_unless_they_are_learned_from(photos: Photos, tmp_path: Path):
    root = photos(per_class=4)
    for name in ("one", "two"):
        Image.new("RGB", (50, 50), (len(name), 0, 9)).save(root / f"{name}.png")
    Image.new("RGB", (40, 50)).save(root / "three.png")
    run = RunFolder(tmp_path / "run")
    run.create()
    dataset = scan_folder(root)
    preparation = prepare(dataset, run, Recipe(), resume=False)
    events: list[Event] = []
    used = [RunImage(path="one.png", file=root / "one.png", sha256="", label=-1, further=(0,))]
    warn_before(dataset, preparation, choose_device("cpu"), also_used=used, run_id="run", emit=events.append)
    (unlabelled,) = (one for one in events if isinstance(one, WarningRaised) and one.code == "unlabelled")
    assert unlabelled.paths == ("three.png", "two.png")
    assert unlabelled.message == "2 images are not used: no label yet."
