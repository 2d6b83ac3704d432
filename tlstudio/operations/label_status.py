"""Counts the labels of a project."""

from __future__ import annotations

from tlstudio.operations.class_counts import class_counts
from tlstudio.operations.context import Context, Values
from tlstudio.project.store import Project
from tlstudio.specs.operations.label_status import LabelStatusArguments


def label_status(arguments: LabelStatusArguments, context: Context) -> Values:
    """Count images and labels: `{"images", "labelled", "unlabelled", "left_out", "classes"}`."""
    with Project(arguments.project) as project:
        dataset = project.dataset()
        every = len(project.images(with_left_out=True))
    images, labelled = len(dataset.images), len(dataset.labelled())
    return {
        "images": images,
        "labelled": labelled,
        "unlabelled": images - labelled,
        "left_out": every - images,
        "classes": class_counts(dataset),
    }


IMPLEMENTATION = label_status
