"""Finds the images of a run, also after the run was moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.core.portable_paths import resolved_path
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe

IMAGES_KEY = "images"
"""Key in environment.json of the absolute path of the images when the run was made."""
LOOKED_AT = 1000
"""Images that are looked for in a folder before it counts as another one."""


def find_images_root(
    run: RunFolder, recipe: Recipe, *, paths: Iterable[str], given: Path | None = None
) -> Path | None:
    """Find the folder that holds the images of a run.

    Args:
        run: Which run.
        recipe: Of the run.
        paths: Of its images, relative to the folder.
        given: Where the person says they are now.

    Returns:
        The given folder; without one, the first of these that holds some of the images, or that exists if
        there are none to look for: the place that the recipe names, seen from where the run is now, and the
        place where they were. None when there is none.

    Raises:
        UserError: None of the images is in the given folder.
    """
    some = list(islice(paths, LOOKED_AT))
    if given is not None:
        if not _holds(given, some):
            raise UserError(
                f"None of the images of this run is in {given}.",
                mend="Give the folder that was trained on, the one with a folder for each class.",
            )
        return given
    return next((place for place in _places(run, recipe) if _holds(place, some)), None)


def images_are_gone(run: RunFolder, recipe: Recipe) -> str:
    """The sentence that says where the images of a run are no longer."""
    places = list(dict.fromkeys(map(str, _places(run, recipe))))
    return f"The images of this run are no longer at {' or '.join(places) or 'a known place'}."


def _places(run: RunFolder, recipe: Recipe) -> list[Path]:
    places = [resolved_path(recipe.images_root, base=run.path)] if recipe.images_root else []
    try:
        made_at = run.read_json(run.environment).get(IMAGES_KEY)
    except (UserError, OSError):
        return places
    return [*places, Path(made_at)] if isinstance(made_at, str) else places


def _holds(place: Path, paths: Sequence[str]) -> bool:
    return place.is_dir() if not paths else any((place / path).is_file() for path in paths)
