"""Reads the folder of a project again."""

from __future__ import annotations

import time

from tlstudio.data.known_files import stamps_of
from tlstudio.data.splits import extend_split, make_split
from tlstudio.operations.class_counts import class_counts
from tlstudio.operations.context import Context, Values
from tlstudio.operations.looking import refresh_near_duplicates
from tlstudio.operations.scanning import scan_for_training
from tlstudio.project.store import Project
from tlstudio.specs.operations.scan_project import ScanProjectArguments
from tlstudio.specs.recipe import Recipe


def scan_project(arguments: ScanProjectArguments, context: Context) -> Values:
    """Scan a project's folder: known images keep their labels and, unless divided anew, their split.

    Returns:
        `{"images", "labelled", "classes", "problems", "notes"}`: counts, and what the person should know.
    """
    with Project(arguments.project) as project:
        recipe = Recipe.model_validate(project.draft())
        began = time.time_ns()
        scanned = scan_for_training(
            project.images_root,
            recipe=recipe,
            context=context,
            lenient=True,  # the window says what does not fit, and lets the person decide
            known=project.known_files() if arguments.only_new else {},
            added=project.added_files(),
        )
        project.apply_scan(scanned, forget_classes=arguments.anew)
        paths = (image.path for image in scanned.images)
        project.save_stamps(stamps_of(project.images_root, paths, before_ns=began))
        refresh_near_duplicates(project, context, makes_missing=False, settings=recipe.values)
        old, settings = project.split(), recipe.split
        if old is not None and not arguments.anew:
            split = extend_split(old, project.images())
        else:
            split = make_split(
                project.images(), validation=settings.validation, test=settings.test, seed=recipe.seed
            )
        project.save_split(split)
        dataset = project.dataset()
    return {
        "images": len(dataset.images),
        "labelled": len(dataset.labelled()),
        "classes": class_counts(dataset),
        "problems": len(dataset.problems),
        "notes": list(split.notes),
    }


IMPLEMENTATION = scan_project
