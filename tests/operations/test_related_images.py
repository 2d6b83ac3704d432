"""Training images behind a prediction: like it, with their labels, and without the image itself."""

from __future__ import annotations

import shutil

import pytest

from tlstudio.core.errors import UserError
from tlstudio.data.splits import read_split
from tlstudio.project.runs import RunFolder


def test_they_are_training_images_with_the_labels_that_it_learned(trained_run, do):
    split = read_split(RunFolder(trained_run.run).split)
    image = trained_run.images / split.paths("test")[0]
    found = do("related-images", run=trained_run.run, image=image, count=5)
    learned = set(split.paths("train"))
    assert found["learned"] == len(learned)
    for name in ("similar", "pulled"):
        assert 0 < len(found[name]) <= 5
        assert {one["path"] for one in found[name]} <= learned
        assert all(one["label"] == one["path"].split("/")[0] for one in found[name])
    assert [one["similarity"] for one in found["similar"]] == sorted(
        (one["similarity"] for one in found["similar"]), reverse=True
    )
    assert 0 < sum(one["pull"] for one in found["pulled"]) <= 1
    assert found["explained"] > 0.95
    assert found["pulled"][0]["label"] == found["class"] != found["against"]


def test_a_training_image_is_not_behind_itself(trained_run, do):
    path = read_split(RunFolder(trained_run.run).split).paths("train")[0]
    found = do("related-images", run=trained_run.run, image=trained_run.images / path)
    assert path not in {one["path"] for one in [*found["similar"], *found["pulled"]]}


def test_another_class_can_be_compared_with(trained_run, do):
    path = read_split(RunFolder(trained_run.run).split).paths("test")[0]
    found = do("related-images", run=trained_run.run, image=trained_run.images / path)
    others = set(trained_run.result["classes"]) - {found["class"], found["against"]}
    against = others.pop()
    again = do("related-images", run=trained_run.run, image=trained_run.images / path, against=against)
    assert (again["class"], again["against"]) == (found["class"], against)


def test_a_run_of_an_older_version_is_refused_with_a_mend(trained_run, do, tmp_path):
    run = RunFolder(shutil.copytree(trained_run.run, tmp_path / "run"))
    run.label_scores.unlink()
    image = next(iter(sorted(trained_run.images.rglob("photo-*.jpg"))))
    with pytest.raises(UserError, match="does not know the labels") as caught:
        do("related-images", run=run.path, image=image)
    assert caught.value.mend == "Train again."


def test_images_that_are_gone_are_refused(trained_run, do, tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        do("related-images", run=trained_run.run, image=tmp_path / "gone.jpg")
