"""Telling projects and models from images."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlstudio.gui.kinds_of_path import is_model, is_opened_whole, is_project
from tlstudio.project.store import Project


def test_a_project_is_told_by_its_file(tmp_path: Path):
    Project.create(tmp_path / "project", name="Bees", images_root=tmp_path).close()
    assert is_project(tmp_path / "project")
    assert is_opened_whole(tmp_path / "project")
    assert not is_project(tmp_path)


@pytest.mark.parametrize(
    ("name", "answer"), [("model.onnx", True), ("best.safetensors", True), ("bee.jpg", False)]
)
def test_models_are_told_from_images(name, answer, tmp_path: Path):
    (tmp_path / name).touch()
    assert is_model(tmp_path / name) is answer
    assert is_opened_whole(tmp_path / name) is answer


def test_a_run_is_told_by_its_recipe(tmp_path: Path):
    (tmp_path / "recipe.json").touch()
    assert is_model(tmp_path)
