"""Adds images from anywhere to a project."""

from __future__ import annotations

from pathlib import Path

from tlstudio.core.events import StageStarted
from tlstudio.data.added import AddedFile, files_in
from tlstudio.data.archive import is_zip, unpack_zip
from tlstudio.operations.context import Context, Values
from tlstudio.project.store import Project
from tlstudio.specs.operations.add_images import AddImagesArguments


def add_images(arguments: AddImagesArguments, context: Context) -> Values:
    """Add images, folders and zip files to a project; the next scan reads them.

    Returns:
        `{"added", "labelled", "paths"}`: how many files are new, how many got a label, and the paths of both.
    """
    context.emit(StageStarted(run_id=context.run_id, stage="add", title="Adding images", total=None))
    with Project(arguments.project) as project:
        files: list[AddedFile] = []
        for dropped in arguments.paths:
            files += _files_of(dropped, project=project, context=context)
        root = project.images_root
        before = set(project.added_files())
        new: list[Path] = []
        paths: dict[str, str | None] = {}
        for file in files:
            inside = file.file.is_relative_to(root)
            path = file.file.relative_to(root).as_posix() if inside else file.file.as_posix()
            # What lies in the project's folder already has the class of its folder there.
            paths[path] = arguments.class_name or (None if inside else file.class_folder)
            if not inside and file.file not in before:
                new.append(file.file)
        labelled = {path: class_name for path, class_name in paths.items() if class_name is not None}
        project.add_files(list(dict.fromkeys(new)), class_names=labelled)
    return {"added": len(set(new)), "labelled": len(labelled), "paths": list(paths)}


def _files_of(path: Path, *, project: Project, context: Context) -> list[AddedFile]:
    path = path.expanduser().absolute()
    # Documents and models are zip files, too; only what is called one is unpacked.
    if not is_zip(path):
        return files_in(path, control=context.control)
    folder = project.images_folder / path.stem
    number = 1
    while folder.exists():
        number += 1
        folder = project.images_folder / f"{path.stem} {number}"
    unpack_zip(path, folder, run_id=context.run_id, emit=context.emit, control=context.control)
    return files_in(folder, control=context.control)


IMPLEMENTATION = add_images
