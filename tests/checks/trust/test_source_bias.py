"""The images that a backbone learned from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.checks.made import examine
from tests.conftest import TrainedRun
from tlstudio.checks.evidence import Evidence
from tlstudio.core.finding import Finding
from tlstudio.models.catalogue import catalog
from tlstudio.project.runs import RunFolder


@pytest.fixture
def said_of(trained_run: TrainedRun, tmp_path: Path):
    """Runs the check on a run that began with another backbone."""

    def said(**backbone: Any) -> Finding:
        run = RunFolder(shutil.copytree(trained_run.run, tmp_path / "run"))
        recipe = json.loads(run.recipe.read_text())
        recipe["backbone"].update(backbone)
        run.recipe.write_text(json.dumps(recipe))
        (found,) = examine("source-bias", Evidence(run=run))
        return found

    return said


def test_everyday_photos_and_their_gaps_are_named(said_of):
    found = said_of(id="efficientnet_lite0")
    assert found.severity == "note"
    assert found.message == (
        "EfficientNet-Lite0 learned to see from ImageNet-1k (1.3 million photos, 1000 kinds of things)."
    )
    assert "hardly any X-rays" in found.meaning
    assert "column of the table" in found.mend


@pytest.mark.parametrize("backbone", [{"id": "some_model"}, {"weights_file": "own.safetensors"}])
def test_what_is_not_known_is_said(said_of, backbone: dict[str, str]):
    found = said_of(**backbone)
    assert found.severity == "note"
    assert found.message.endswith("learned to see is not known here.")
    assert "X-rays" not in found.meaning


@pytest.mark.parametrize("backbone", [info.id for info in catalog() if info.source != "pack"])
def test_every_backbone_of_the_catalogue_names_its_images(said_of, backbone: str):
    assert said_of(id=backbone).numbers["pretrained_on"]
