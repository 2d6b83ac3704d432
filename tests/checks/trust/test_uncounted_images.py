"""Loose images and unknown classes of another folder."""

from __future__ import annotations

from tests.checks.made import evaluation, examine
from tlstudio.checks.evidence import Evidence
from tlstudio.core.finding import Finding
from tlstudio.evaluation.left_out import LeftOut


def found(left_out: LeftOut) -> list[Finding]:
    folder = evaluation([0, 1], [0, 1], subset="folder", classes=("ant", "bee"))
    return examine("uncounted-images", Evidence(evaluation=folder, left_out=left_out))


def test_loose_images_and_unknown_classes_are_counted_and_named():
    loose, unknown = found(
        LeftOut(
            unlabelled=("one.jpg",), unknown={"wasp": ("wasp/1.jpg", "wasp/2.jpg"), "fly": ("fly/1.jpg",)}
        )
    )
    assert loose.message == "1 image has no label and does not count."
    assert loose.paths == ("one.jpg",)
    assert unknown.message == "3 images of classes that it does not know do not count: wasp (2), fly (1)."
    assert "ant, bee" in unknown.mend
    assert unknown.numbers == {"images": 3, "classes": 2}
    assert "None" not in loose.message + unknown.message


def test_unknown_classes_of_a_further_column_are_named_with_it():
    (unknown,) = found(LeftOut(unknown_further={"size": {"huge": ("1.jpg", "2.jpg")}}))
    assert unknown.message == (
        "In the column “size” 2 images of classes that it does not know do not count: huge (2)."
    )
    assert unknown.paths == ("1.jpg", "2.jpg")


def test_a_folder_that_fits_is_fine():
    (fine,) = found(LeftOut())
    assert fine.severity == "ok"
