"""The checks of a project that need features."""

from __future__ import annotations

from tlstudio.models.catalogue import Availability
from tlstudio.operations.looking import feature_recipe
from tlstudio.specs.recipe import Recipe


def test_only_checks_that_need_features_are_run(project, do):
    do("scan-project", project=project.folder)
    by_features = {finding["check"] for finding in do("check-features", project=project.folder)["findings"]}
    quick = {finding["check"] for finding in do("check-project", project=project.folder)["findings"]}
    assert by_features
    assert not by_features & quick


def test_without_weights_at_hand_nothing_is_said(project, do, monkeypatch):
    do("scan-project", project=project.folder)
    monkeypatch.setattr(
        "tlstudio.operations.looking.availability", lambda info: Availability(state="download", detail="")
    )
    assert do("check-features", project=project.folder) == {"findings": []}
    assert do("check", folder=project.images_root)["images"] == project.images_count()


def test_an_image_that_is_gone_is_said_with_each_check_that_could_not_be_made(
    project, do, tmp_path, monkeypatch
):
    do("scan-project", project=project.folder)
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "emptied"))
    gone = project.images()[0].path
    (project.images_root / gone).unlink()
    found = {one["check"]: one for one in do("check-features", project=project.folder)["findings"]}
    not_made = found["suspected-labels"]  # the others say that so few images are too few for them
    assert not_made["severity"] == "note"
    assert "could not be made: " in not_made["message"]
    assert gone.rpartition("/")[2] in not_made["message"]
    assert not any(one["severity"] in ("warning", "serious") for one in found.values())


def test_the_chosen_backbone_is_taken_but_not_its_own_weights(project, tmp_path):
    dataset = project.dataset()
    own = Recipe.model_validate({"backbone": {"id": "resnet18", "weights_file": str(tmp_path / "own.pt")}})
    assert feature_recipe(own, dataset).backbone == Recipe().backbone
