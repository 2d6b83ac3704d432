"""Before training: which images, which split, which recipe; for a new run or one that goes on."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Any

from tlstudio import __version__
from tlstudio.core.dataset import DEFAULT_COLUMN, Dataset, Image
from tlstudio.core.errors import UserError
from tlstudio.core.files import write_json, write_text
from tlstudio.core.recipe import Recipe, read_recipe
from tlstudio.core.types import SPLIT_NAMES, Split, SplitName
from tlstudio.data.splits import make_split, read_split, write_split
from tlstudio.features.images import RunImage
from tlstudio.project.runs import RunFolder

LIBRARIES = ("torch", "torchvision", "timm", "numpy", "pillow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """All that is settled before training.

    Attributes:
        recipe: Complete but for the weights' hash.
        split: As in split.csv.
        images: Of each split.
        goes_on: Whether an earlier sitting is continued.
        unused: Labelled images that came after the split was drawn.
    """

    recipe: Recipe
    split: Split
    images: Mapping[SplitName, tuple[RunImage, ...]]
    goes_on: bool
    unused: tuple[str, ...] = ()


def prepare(
    dataset: Dataset, run: RunFolder, recipe: Recipe, *, resume: bool, drawn: Split | None = None
) -> Preparation:
    """Settle recipe and split, from the run folder where it has them.

    Args:
        dataset: The images there are now.
        run: Its folder, made.
        recipe: For a new run; one that goes on uses its own.
        resume: Go on if something is there; else the folder must be without a run.
        drawn: The split of a new run; None to draw one as the recipe says.

    Raises:
        UserError: A run is there already, images of it are gone or changed, too few classes.
    """
    if run.recipe.exists() and not resume:
        state = "a finished run" if run.finished else "a run that was not finished"
        raise UserError(
            f"There is already {state} in {run.path}.",
            mend="Choose another folder" + ("." if run.finished else ", or go on with --resume."),
        )
    goes_on = run.recipe.exists() and run.split.exists()
    if not goes_on and run.last_checkpoint.exists():
        # With another split its weights would have seen images that are to test them.
        lost = run.split.name if run.recipe.exists() else run.recipe.name
        raise UserError(
            f"The run in {run.path} has weights, but its {lost} is gone.",
            work="The weights are kept.",
            mend="Put the file back from a copy, or start a new run in another folder.",
        )
    if goes_on:
        recipe, split = read_recipe(run.recipe), read_split(run.split)
    else:
        split = drawn or make_split(
            dataset.images,
            validation=recipe.split.validation,
            test=recipe.split.test,
            seed=recipe.seed,
        )
    by_path = {image.path: image for image in dataset.labelled()}
    _refuse_missing(split, by_path)
    used = [by_path[path] for path in sorted(split.assignment)]
    data_sha256 = _data_sha256(used)
    if goes_on and recipe.data_sha256 != data_sha256:
        raise UserError(
            "Images or labels of this run were changed since it started.",
            work="The run is kept as it is.",
            mend="Start a new run in another folder.",
        )
    present = {image.label() for image in used}
    classes = tuple(name for name in dataset.classes if name in present)
    _refuse_few(classes, used, split, unusable=len(dataset.problems))
    index = {name: number for number, name in enumerate(classes)}
    images = {
        name: tuple(
            RunImage(
                path=image.path,
                file=dataset.root / image.path,
                sha256=image.sha256,
                label=index[image.labels[DEFAULT_COLUMN]],
                group=image.group,
            )
            for image in used
            if split.assignment[image.path] == name
        )
        for name in SPLIT_NAMES
    }
    recipe = recipe.model_copy(
        update={
            "classes": classes,
            "data_sha256": data_sha256,
            "images_root": str(dataset.root),
            "versions": versions(),
        }
    )
    unused = tuple(sorted(set(by_path) - set(split.assignment)))
    return Preparation(recipe=recipe, split=split, images=images, goes_on=goes_on, unused=unused)


def keep_settings(
    run: RunFolder, preparation: Preparation, *, device: str, threads: int, runtime: Mapping[str, Any]
) -> None:
    """Write split.csv, environment.json and last, as the sign that the run has begun, recipe.json."""
    if not preparation.goes_on:
        write_split(run.split, preparation.split)
    write_json(
        run.environment,
        {
            "system": platform.platform(),
            "processor": platform.processor() or platform.machine(),
            "device": device,
            "threads": threads,
            "runtime": dict(runtime),
            "versions": preparation.recipe.versions,
        },
    )
    if not preparation.goes_on:
        keep_recipe(run, preparation.recipe)


def keep_recipe(run: RunFolder, recipe: Recipe) -> None:
    """Write recipe.json."""
    write_text(run.recipe, recipe.model_dump_json(indent=2) + "\n")


def versions() -> dict[str, str]:
    """Of Python, tlstudio and the libraries that the numbers depend on."""
    return {"python": platform.python_version(), "tlstudio": __version__, **_library_versions()}


@functools.cache
def _library_versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in LIBRARIES}


def _data_sha256(images: Iterable[Image]) -> str:
    """Of content hashes, labels and paths, in the order of paths."""
    digest = hashlib.sha256()
    for image in images:
        line = f"{image.path}\0{image.sha256}\0{image.label()}\n"
        digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _refuse_missing(split: Split, by_path: Mapping[str, Image]) -> None:
    gone = sorted(set(split.assignment) - set(by_path))
    if gone:
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        raise UserError(
            f"Images of this run are no longer there, or no longer labelled: {gone[0]}{more}.",
            work="The run is kept as it is.",
            mend="Put them back, or start a new run in another folder.",
        )


def _refuse_few(classes: tuple[str, ...], used: Sequence[Image], split: Split, *, unusable: int) -> None:
    if len(classes) < 2:
        found = f"only “{classes[0]}” has" if classes else "none has"
        files = "1 file" if unusable == 1 else f"{unusable} files"
        raise UserError(
            f"A classifier needs at least two classes with labelled images; {found} any.",
            work=f"{files} in it cannot be used; `tlstudio check` or the Data page tells why."
            if unusable
            else "",
            mend="Make one folder per class and put images of each class into it.",
        )
    learnt = Counter(image.label() for image in used if split.assignment[image.path] == "train")
    for name in classes:
        if not learnt[name]:
            raise UserError(
                f"No image of the class “{name}” is left to learn from.",
                mend="Add images of it, or take the class out.",
            )


def with_weights(preparation: Preparation, weights_sha256: str) -> Preparation:
    """The preparation with the proof of the weights in its recipe.

    Raises:
        UserError: The run was begun with other weights.
    """
    backbone = preparation.recipe.backbone
    if preparation.goes_on and backbone.weights_sha256 != weights_sha256:
        raise UserError(
            f"The weights of the backbone {backbone.id} are others than those this run started with.",
            work="The run is kept as it is.",
            mend="Put the old weights back, or start a new run in another folder.",
        )
    settled = backbone.model_copy(update={"weights_sha256": weights_sha256})
    return replace(preparation, recipe=preparation.recipe.model_copy(update={"backbone": settled}))
