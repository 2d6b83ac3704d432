"""Finds the project of a folder of images, or the place and name of a new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.core.files import projects_dir
from tlstudio.project.recent import rename_recent_project
from tlstudio.project.store import FILE_NAME, Project

SAYS_NOTHING = frozenset(
    {
        *("train", "training", "val", "valid", "validation", "test", "testing", "holdout"),
        *("data", "dataset", "datasets", "raw", "input", "inputs", "files", "new folder", "unzipped"),
        *("image", "images", "img", "imgs", "photo", "photos", "picture", "pictures", "jpg", "jpeg", "png"),
        *("all", "labelled", "labeled", "unlabelled", "unlabeled", "classes", "samples"),
    }
)
"""Names of folders that do not say what the images show."""
NO_SUBJECT = frozenset(
    {"desktop", "documents", "downloads", "home", "users", "media", "mnt", "volumes", "tmp"}
)
"""Folders that anything may lie in: above them no name is looked for."""


def project_name(images_root: Path) -> str:
    """A name for the project of a folder: that of the folder, or of one above it when it says nothing."""
    for folder in (images_root, *images_root.parents):
        name = folder.name.strip()
        if not name or name.casefold() in NO_SUBJECT or folder == Path.home():
            break
        if name.casefold() not in SAYS_NOTHING:
            return name
    return images_root.name.strip() or "images"


def project_home(images_root: Path, *, name: str | None = None) -> Path:
    """The folder of the project of a folder of images: the existing one, or a free one for a new project.

    Args:
        images_root: Absolute.
        name: For a new project; None makes one from the folder's name.
    """
    existing = next((home for home in _homes() if _is_project_of(home, images_root)), None)
    return existing or next(home for home in homes_named(name or project_name(images_root)) if _is_free(home))


def rename_project(folder: Path, *, name: str) -> None:
    """Change the name of a project, which may be open, also in the list of recent ones.

    Raises:
        UserError: There is no project, it cannot be written, or the name is empty.
    """
    with Project(folder) as project:
        project.rename(name)
        rename_recent_project(str(folder), name=project.name)


def homes_named(name: str) -> Iterator[Path]:
    """Folders for a project of that name, in the order of preference: Bees, Bees 2, Bees 3 and so on."""
    yield projects_dir() / name
    number = 2
    while True:
        yield projects_dir() / f"{name} {number}"
        number += 1


def _homes() -> list[Path]:
    try:
        return sorted(folder for folder in projects_dir().iterdir() if (folder / FILE_NAME).exists())
    except OSError:
        return []


def _is_free(home: Path) -> bool:
    return not (home / FILE_NAME).exists()


def _is_project_of(home: Path, images_root: Path) -> bool:
    try:
        with Project(home) as project:
            return project.images_root == images_root
    except UserError:
        return False
