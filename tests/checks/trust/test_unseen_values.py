"""Images whose values are of a kind that the training had not."""

from __future__ import annotations

from dataclasses import replace

from tests.checks.made import dataset, evaluation, examine, images
from tlstudio.checks.evidence import Evidence
from tlstudio.core.finding import Finding
from tlstudio.core.values import ORDINARY, ValueSummary
from tlstudio.evaluation.left_out import LeftOut


def found(*layouts: str) -> Finding:
    """Find what is said about images of these layouts after a training on ordinary ones."""
    made = [
        replace(
            image, values=ValueSummary(layout=layout, bits=16, least=(0,), low=(0,), high=(9,), most=(9,))
        )
        for image, layout in zip(images(ant=len(layouts)), layouts, strict=True)
    ]
    evidence = Evidence(
        dataset=dataset(*made), evaluation=evaluation([0], [0], subset="folder"), left_out=LeftOut()
    )
    (finding,) = examine("unseen-values", evidence)
    return finding


def test_ordinary_images_are_fine():
    assert found(ORDINARY, ORDINARY).severity == "ok"


def test_deep_images_are_named_with_what_becomes_of_them():
    finding = found(ORDINARY, "grey, whole numbers", "colour, whole numbers")
    assert finding.severity == "warning"
    assert finding.message.startswith("2 images have values of a kind that it was not trained on")
    assert finding.paths == ("ant/1.jpg", "ant/2.jpg")
