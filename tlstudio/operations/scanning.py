"""Scans a folder and caches decoded inputs and looks, so that each photo is decoded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tlstudio.compute.device import single_threaded_pool
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.errors import UserError
from tlstudio.core.known_file import KnownFile
from tlstudio.core.types import ProblemFile
from tlstudio.data.check_files import check_files
from tlstudio.data.layout.interpret import HowToRead
from tlstudio.data.scan import scan_folder
from tlstudio.features.decoded_inputs import InputWriter
from tlstudio.features.looks import LookWriter
from tlstudio.models.backbones import preprocessing_of
from tlstudio.operations.context import Context
from tlstudio.specs.recipe import Recipe


def how_to_read(recipe: Recipe, *, lenient: bool = False) -> HowToRead:
    """Take from a recipe the settings for understanding folders and tables.

    Args:
        recipe: Of a run or a project.
        lenient: Whether groups that do not fit are said instead of refused.
    """
    return HowToRead(
        layout=recipe.layout,
        label_column=recipe.label_column,
        groups=recipe.split.groups,
        groups_partial=recipe.split.groups_partial,
        groups_lenient=lenient,
    )


def scan_for_training(
    root: Path,
    *,
    recipe: Recipe,
    context: Context,
    how: HowToRead | None = None,
    lenient: bool = False,
    known: Mapping[str, KnownFile] | None = None,
    added: Sequence[Path] = (),
) -> Dataset:
    """Scan a folder and cache looks and the decoded inputs for the recipe's backbone.

    Training on these images with this backbone, or another one with the same preprocessing, then decodes
    none of them again.

    Args:
        root: The folder of images.
        recipe: Names the backbone, how images are fitted into its input, and how folders are understood.
        context: Of the operation.
        how: How folders and tables are understood; None as the recipe says.
        lenient: Whether groups that do not fit are said instead of refused.
        known: See `scan_folder`.
        added: Files from anywhere that belong to the images, too; absolute paths.

    Raises:
        UserError: As `scan_folder`.
        Cancelled: The person cancelled.
    """
    sink = _Sinks(*_writers(root, recipe))
    try:
        dataset = scan_folder(
            root,
            how=how or how_to_read(recipe, lenient=lenient),
            run_id=context.run_id,
            emit=context.emit,
            control=context.control,
            sink=sink,
            known=known,
        )
        paths = [file.as_posix() for file in added]
        outcomes = [*check_files(root, paths, known=known or {}, control=context.control, sink=sink)]
    finally:
        sink.flush()
    more = [outcome for outcome in outcomes if isinstance(outcome, Image)]
    problems = [outcome for outcome in outcomes if isinstance(outcome, ProblemFile)]
    return replace(
        dataset,
        images=tuple(sorted([*dataset.images, *more], key=lambda image: image.path)),
        problems=tuple(sorted([*dataset.problems, *problems], key=lambda problem: problem.path)),
    )


def _writers(root: Path, recipe: Recipe) -> Sequence[LookWriter | InputWriter]:
    """Make the writers that cache; none where there is nothing to scan, no inputs for an unknown backbone."""
    if not root.is_dir():
        return ()
    try:
        preprocessing = preprocessing_of(recipe.backbone.id)
    except UserError:
        return (LookWriter(),)
    return (LookWriter(), InputWriter(recipe.preprocessing(preprocessing)))


class _Sinks:
    """Passes pixels on to each sink that wants them; see `PixelSink`."""

    make_pool = staticmethod(single_threaded_pool)
    """Inputs are resized with torch."""

    def __init__(self, *sinks: LookWriter | InputWriter) -> None:
        self._sinks = sinks

    def wants(self, sha256: str) -> bool:
        """See `PixelSink`."""
        return any(sink.wants(sha256) for sink in self._sinks)

    def receive(self, sha256: str, pixels: NDArray[np.uint8]) -> None:
        """See `PixelSink`."""
        for sink in self._sinks:
            if sink.wants(sha256):
                sink.receive(sha256, pixels)

    def flush(self) -> None:
        """Write what waits."""
        for sink in self._sinks:
            sink.flush()
