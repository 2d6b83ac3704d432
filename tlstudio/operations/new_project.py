"""Makes a project of a folder of images."""

from __future__ import annotations

from tlstudio.core.errors import UserError
from tlstudio.operations.context import Context, Values
from tlstudio.operations.scan_project import scan_project
from tlstudio.project.store import Project
from tlstudio.specs.operations.new_project import NewProjectArguments
from tlstudio.specs.operations.scan_project import ScanProjectArguments
from tlstudio.specs.recipe import Recipe


def new_project(arguments: NewProjectArguments, context: Context) -> Values:
    """Make a project and read its images: `{"project", "images", "labelled", "classes", "problems"}`.

    Raises:
        UserError: There is no such folder, there is a project already, or it would lie among the images.
    """
    folder, out = arguments.folder.resolve(), arguments.out.resolve()
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder of images.", mend="Name the folder that the images lie in.")
    if out.is_relative_to(folder):
        raise UserError(
            f"{out} lies inside the folder of images.",
            mend="Choose a folder outside: nothing is written among your images.",
        )
    with Project.create(out, name=out.name, images_root=folder) as project:
        if arguments.ignore_labels:
            project.save_draft(Recipe(layout="none").model_dump(mode="json"))
    read = scan_project(ScanProjectArguments(project=out), context)
    kept = ("images", "labelled", "classes", "problems")
    return {"project": str(out), **{key: read[key] for key in kept}}


IMPLEMENTATION = new_project
