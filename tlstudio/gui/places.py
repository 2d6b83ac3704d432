"""Proposes folders for saving: the last one used, or one beside the images, never among them."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from tlstudio.core.files import cache_dir
from tlstudio.gui.remembered import remember, remembered


def proposed_folder(purpose: str, *, images: Path | None) -> Path:
    """The folder to offer in a dialog for saving.

    Args:
        purpose: What is saved, e.g. "export"; each has a memory of its own.
        images: Folder of the images it is about; None without one.

    Returns:
        The folder used last for this, if it still exists; else the one that the folder of images lies in, if
        files can be written there; else Documents.
    """
    last = remembered(_name(purpose), default="")
    if last and _is_good(Path(last), images=images):
        return Path(last)
    if images is not None and _is_good(images.resolve().parent, images=images):
        return images.resolve().parent
    documents = platformdirs.user_documents_path()
    return documents if documents.is_dir() else Path.home()


def remember_folder(purpose: str, folder: Path) -> None:
    """Propose this folder the next time; where settings cannot be written the proposal stays as it was."""
    remember(_name(purpose), str(folder.absolute()))


def _name(purpose: str) -> str:
    return f"folder for {purpose}"


def _is_good(folder: Path, *, images: Path | None) -> bool:
    inside = images is not None and folder.resolve().is_relative_to(images.resolve())
    # The images of a sample lie in the cache, where nobody would find a file again.
    hidden = folder.resolve().is_relative_to(cache_dir().resolve())
    return folder.is_dir() and os.access(folder, os.W_OK) and not inside and not hidden
