"""What was made of folders and tables, as findings."""

from __future__ import annotations

from dataclasses import replace

from tests.checks.made import dataset, examine, image, images
from tlstudio.core.dataset import DataNote


def test_each_note_is_a_finding():
    notes = (
        DataNote(code="division", message="train and test.", mend="Or not."),
        DataNote(
            code="rows-without-file", message="2 rows.", mend="Look.", paths=("x", "y"), is_warning=True
        ),
    )
    found = examine("folders-and-tables", replace(dataset(*images(a=3, b=3)), notes=notes))
    assert [(finding.severity, finding.message, finding.paths) for finding in found] == [
        ("note", "train and test.", ()),
        ("warning", "2 rows.", ("x", "y")),
    ]


def test_images_without_a_class_are_counted_and_named():
    (found,) = examine("folders-and-tables", dataset(*images(a=3, b=3), image("loose.jpg")))
    assert found.message == "1 image without a class will not be used."
    assert found.mend.startswith("Put it into the folder of its class")
    assert (found.severity, found.paths) == ("note", ("loose.jpg",))


def test_plain_folders_are_in_order():
    (found,) = examine("folders-and-tables", dataset(*images(a=3, b=3)))
    assert found.severity == "ok"
