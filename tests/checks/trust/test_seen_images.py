"""Images of another folder that had a part in the training."""

from __future__ import annotations

from tests.checks.made import evaluation, examine
from tlstudio.checks.evidence import Evidence
from tlstudio.core.finding import Finding
from tlstudio.evaluation.left_out import LeftOut
from tlstudio.project.run_images import KnownImage

LEARNED = KnownImage(path="a.jpg", split="train", sha256="s", near_hash="")
CHOSEN = KnownImage(path="b.jpg", split="validation", sha256="t", near_hash="")


def found(left_out: LeftOut, *, counted: int = 6) -> list[Finding]:
    folder = evaluation([0] * counted, [0] * counted, subset="folder")
    return examine("seen-images", Evidence(evaluation=folder, left_out=left_out))


def test_images_of_the_training_are_counted_and_named():
    (seen,) = found(LeftOut(same={"x": LEARNED, "y": CHOSEN}, alike={"z": LEARNED}, compared=40, known=40))
    assert seen.severity == "warning"
    assert seen.message == (
        "3 of 9 images had a part in the training (it learned from 2 and was chosen by 1), "
        "1 of them saved in another way, cut or turned; they are left out."
    )
    assert seen.paths == ("x", "y", "z")
    assert seen.numbers == {"same_file": 2, "same_picture": 1, "learned_from": 2, "chosen_by": 1}


def test_one_image_is_one():
    (seen,) = found(LeftOut(same={"x": LEARNED}, compared=1, known=1), counted=0)
    assert seen.message.startswith("1 of 1 image had")
    assert seen.message.endswith("this one is left out.")


def test_new_images_are_fine():
    (seen,) = found(LeftOut(compared=40, known=40))
    assert (seen.severity, seen.message) == ("ok", "No image here is among the 40 images of its training.")


def test_what_cannot_be_checked_is_said():
    (seen,) = found(LeftOut(compared=0, known=40))
    assert seen.severity == "warning"
    assert "cannot be checked" in seen.message
    (without_split,) = found(LeftOut())
    assert "cannot be checked" in without_split.message
    some, rest = found(LeftOut(same={"x": LEARNED}, compared=30, known=40))
    assert "left out" in some.message
    assert "only 30 of its 40 images could be compared, as they are now" in rest.message


def test_files_of_now_are_not_called_those_of_the_training():
    (seen,) = found(LeftOut(compared=40, known=40, of_now=True))
    assert seen.severity == "ok"
    assert seen.message.endswith("of its training, as they are now.")
