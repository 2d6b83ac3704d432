"""Prepares a run: determines its images, split and recipe, for a new run or a resumed one."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from tlstudio import __version__
from tlstudio.core.class_words import read_class_words, with_named_classes
from tlstudio.core.dataset import DataNote, Dataset, Image
from tlstudio.core.errors import UserError
from tlstudio.core.files import write_json, write_text
from tlstudio.core.portable_paths import portable_path
from tlstudio.core.types import SPLIT_NAMES, Split, SplitName
from tlstudio.core.wording import count
from tlstudio.data.naming import listed
from tlstudio.data.splits import make_split, read_split, write_split
from tlstudio.data.windows import choose_windows
from tlstudio.features.images import RunImage
from tlstudio.project.images_root import IMAGES_KEY
from tlstudio.project.runs import RunFolder
from tlstudio.specs import STRATEGIES
from tlstudio.specs.recipe import Recipe, read_recipe

FEWEST_CLASSES = 2
LIBRARIES = ("torch", "torchvision", "timm", "numpy", "pillow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """Everything that is determined before training starts.

    Attributes:
        recipe: The complete recipe, except for the hash of the weights.
        split: The split, as in split.csv.
        images: The images of each side of the split.
        is_resumed: Whether the run was started in an earlier session.
        unused: Paths of labelled images that were added after the split was drawn.
        images_root: Absolute path of the folder of images.
    """

    recipe: Recipe
    split: Split
    images: Mapping[SplitName, tuple[RunImage, ...]]
    is_resumed: bool
    unused: tuple[str, ...] = ()
    images_root: Path


def prepare(
    dataset: Dataset, run: RunFolder, recipe: Recipe, *, resume: bool, drawn: Split | None = None
) -> Preparation:
    """Determine the images, the split and the complete recipe of a run.

    Args:
        dataset: The images that exist now; the first label column is learned.
        run: Folder of the run, which exists.
        recipe: Recipe of a new run; a resumed run uses its own.
        resume: Resume the run of the folder, if there is one; else the folder must hold no run.
        drawn: The split of a new run; None to draw one as the recipe says.

    Raises:
        UserError: The folder holds a run already, images of the run are missing or changed, or there are too
            few classes.
    """
    if run.recipe.exists() and not resume:
        state = "a finished run" if run.finished else "a run that was not finished"
        raise UserError(
            f"There is already {state} in {run.path}.",
            mend="Choose another folder" + ("." if run.finished else ", or resume the training."),
        )
    is_resumed = run.recipe.exists() and run.split.exists()
    if not is_resumed and run.last_checkpoint.exists():
        # With a new split, the weights would be tested on images that they were trained on.
        lost = run.split.name if run.recipe.exists() else run.recipe.name
        raise UserError(
            f"The run in {run.path} has weights, but its {lost} is gone.",
            work="The weights are kept.",
            mend="Put the file back from a copy, or start a new run in another folder.",
        )
    column = dataset.column().name
    if is_resumed:
        recipe, split = read_recipe(run.recipe), read_split(run.split)
    else:
        split = drawn or make_split(
            dataset.images,
            validation=recipe.split.validation,
            test=recipe.split.test,
            seed=recipe.seed,
            column=column,
        )
    by_path = {image.path: image for image in dataset.labelled(column)}
    _refuse_missing(split, by_path)
    used = [by_path[path] for path in sorted(split.assignment)]
    data_sha256 = _data_sha256(used, column=column)
    if is_resumed and recipe.data_sha256 != data_sha256:
        raise UserError(
            "Images or labels of this run were changed since it started.",
            work="The run is kept as it is.",
            mend="Start a new run in another folder.",
        )
    used_classes = {image.labels[column] for image in used}
    classes = tuple(name for name in dataset.classes if name in used_classes)
    if len(classes) < FEWEST_CLASSES:
        classes = _with_named_classes(classes, recipe)
    if not used_classes:
        _refuse_only_further(recipe)
    sides = {(image.labels[column], split.assignment[image.path]) for image in used}
    doubts = [note for note in dataset.notes if note.is_warning]
    _refuse_few(classes, sides, labelled=used_classes, unusable=len(dataset.problems), doubts=doubts)
    index = {name: number for number, name in enumerate(classes)}
    images = {
        name: tuple(
            RunImage(
                path=image.path,
                file=dataset.root / image.path,
                sha256=image.sha256,
                label=index[image.labels[column]],
                group=image.group,
                near=image.near,
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
            "images_root": portable_path(dataset.root, base=run.path),
            "versions": versions(),
        }
    )
    if not is_resumed:
        found = choose_windows(dataset.images, recipe.values)
        recipe = recipe.model_copy(update={"values": recipe.values.model_copy(update={"found": found or ()})})
    unused = tuple(sorted(set(by_path) - set(split.assignment)))
    return Preparation(
        recipe=recipe,
        split=split,
        images=images,
        is_resumed=is_resumed,
        unused=unused,
        images_root=dataset.root,
    )


def write_settings(
    run: RunFolder, preparation: Preparation, *, device: str, threads: int, runtime: Mapping[str, Any]
) -> None:
    """Write split.csv, environment.json and, last, recipe.json, which marks the run as started."""
    if not preparation.is_resumed:
        write_split(run.split, preparation.split)
        run.held_out.unlink(missing_ok=True)  # of an earlier run whose recipe was deleted
    write_json(
        run.environment,
        {
            "system": platform.platform(),
            "processor": platform.processor() or platform.machine(),
            "device": device,
            "threads": threads,
            "runtime": dict(runtime),
            "versions": preparation.recipe.versions,
            IMAGES_KEY: str(preparation.images_root),
        },
    )
    if not preparation.is_resumed:
        write_recipe(run, preparation.recipe)


def write_recipe(run: RunFolder, recipe: Recipe) -> None:
    """Write recipe.json."""
    write_text(run.recipe, recipe.model_dump_json(indent=2) + "\n")


def versions() -> dict[str, str]:
    """The versions of Python, tlstudio and the libraries that the results depend on."""
    return {"python": platform.python_version(), "tlstudio": __version__, **_library_versions()}


@functools.cache
def _library_versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in LIBRARIES}


def _data_sha256(images: Iterable[Image], *, column: str) -> str:
    """Hash of paths, content hashes and labels, of images sorted by path."""
    digest = hashlib.sha256()
    for image in images:
        line = f"{image.path}\0{image.sha256}\0{image.labels[column]}\n"
        digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _refuse_missing(split: Split, by_path: Mapping[str, Image]) -> None:
    missing = sorted(set(split.assignment) - set(by_path))
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UserError(
            f"Images of this run are no longer there, or no longer labelled: {missing[0]}{more}.",
            work="The run is kept as it is.",
            mend="Put them back, or start a new run in another folder.",
        )


def _with_named_classes(classes: tuple[str, ...], recipe: Recipe) -> tuple[str, ...]:
    """The classes with labelled images, and those that the person named for the strategy, if it takes any.

    Raises:
        UserError: The strategy takes any, and there are fewer than two together.
    """
    asked = STRATEGIES.get(recipe.strategy).inputs if recipe.strategy in STRATEGIES else ()
    for spec in asked:
        if spec.kind == "classes":
            classes = with_named_classes(classes, read_class_words(recipe.inputs.get(spec.id, "")))
            if len(classes) < FEWEST_CLASSES:
                raise UserError(
                    "A classifier needs at least two classes, which are named or have labelled images; "
                    f"{'there is one' if classes else 'there is none'}.",
                    mend=f"Name them ({spec.flag} on the command line), or label images of each class.",
                )
    return classes


def _refuse_only_further(recipe: Recipe) -> None:
    """Refuse further label columns where nothing gives the classes that they are learned besides."""
    spec = STRATEGIES.get(recipe.strategy).columns_input
    further = recipe.inputs.get(spec.id) if spec is not None else None
    if further:
        raise UserError(
            f"“{further}” is learned besides the classes, but no folder and no column is known to give them.",
            mend="Name the column of the classes before it.",
        )


def _refuse_few(
    classes: Sequence[str],
    sides: Set[tuple[str, SplitName]],
    *,
    labelled: Set[str],
    unusable: int,
    doubts: Sequence[DataNote],
) -> None:
    if len(classes) < FEWEST_CLASSES:
        found = f"only “{classes[0]}” has" if classes else "none has"
        files = count(unusable, "file")
        if doubts:  # a table that could not be used is a likelier cause than missing folders
            raise UserError(
                f"A classifier needs at least two classes with labelled images; {found} any.",
                work=doubts[0].message,
                mend=doubts[0].mend,
            )
        raise UserError(
            f"A classifier needs at least two classes with labelled images; {found} any.",
            work=f"{files} in it cannot be used; `tlstudio check` or the Data page tells why."
            if unusable
            else "",
            mend="Make one folder per class and put images of each class into it, or put a table labels.csv "
            "beside them.",
        )
    for name in (name for name in classes if name in labelled):
        if (name, "train") not in sides:
            only = listed([side for side in SPLIT_NAMES if (name, side) in sides])
            raise UserError(
                f"No image of the class “{name}” is left to learn from: it is in {only} alone.",
                mend="Add images of it for training, take the class out, or, if it is another class under a "
                "second name, give both folders one name.",
            )


def with_weights(preparation: Preparation, weights_sha256: str) -> Preparation:
    """The preparation with the hash of the weights in its recipe.

    Raises:
        UserError: The run was started with other weights.
    """
    backbone = preparation.recipe.backbone
    if preparation.is_resumed and backbone.weights_sha256 != weights_sha256:
        raise UserError(
            f"The weights of the backbone {backbone.id} are others than those this run started with.",
            work="The run is kept as it is.",
            mend="Put the old weights back, or start a new run in another folder.",
        )
    complete = backbone.model_copy(update={"weights_sha256": weights_sha256})
    return replace(preparation, recipe=preparation.recipe.model_copy(update={"backbone": complete}))
