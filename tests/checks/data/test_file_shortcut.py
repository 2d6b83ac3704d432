"""What files give away is said with the share of pairs and the other classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.checks.made import dataset, examine, images
from tests.checks.test_telling_facts import PLANTED, ordinary
from tests.data.near.made import scene
from tlstudio.checks.data_facts import DataFacts
from tlstudio.checks.evidence import Evidence
from tlstudio.data.decode import decode_rgb
from tlstudio.data.near.look import look_of
from tlstudio.data.scan import scan_folder


@pytest.fixture
def folder(tmp_path) -> Path:
    rng = np.random.default_rng(0)
    for number in range(60):
        name = ("ant", "bee")[number % 2]
        (tmp_path / "images" / name).mkdir(parents=True, exist_ok=True)
        save = PLANTED["compression"] if name == "bee" else ordinary
        save(scene(number), tmp_path / "images" / name / f"{number}", rng)
    return tmp_path / "images"


def test_a_class_that_is_saved_otherwise_is_a_warning(folder):
    data = scan_folder(folder)
    looks = {image.path: look_of(decode_rgb(folder / image.path).pixels)[1] for image in data.images}
    (warning,) = examine("file-shortcut", Evidence(dataset=data, data_facts=DataFacts(looks=looks)))
    assert warning.severity == "warning"
    assert warning.numbers["guessed"] >= 0.8
    assert warning.numbers["found"] >= 25
    assert warning.numbers["others_right"] >= 25
    assert f"{warning.numbers['found']} of its 30 images are recognised" in warning.message
    assert f"{warning.numbers['others_right']} of 30 others are told from them" in warning.message
    assert len(warning.paths) == 30


def test_images_that_were_not_looked_at_say_nothing():
    (ok,) = examine("file-shortcut", Evidence(dataset=dataset(*images(a=20, b=20)), data_facts=DataFacts()))
    assert ok.severity == "ok"
