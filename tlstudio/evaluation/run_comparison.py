"""Compares the classifiers of two runs on the test images that both have, image by image.

Images are matched by the content of their files, so renaming, moving and adding images between the two runs
does no harm. Importing this module loads neither numpy nor torch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.dataset import DEFAULT_COLUMN
from tlstudio.core.errors import UserError
from tlstudio.evaluation.evaluation import ColumnEvaluation
from tlstudio.evaluation.intervals import mcnemar_p, paired_difference
from tlstudio.evaluation.run_result import read_run_result, with_stored_predictions
from tlstudio.evaluation.tested_images import read_tested_images
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe, read_recipe

SIGNIFICANCE = 0.05
"""Chance of calling one of two equally good classifiers better."""

SAME_SPLIT = "Train a run on the same division of the images: runs of one project keep theirs."


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedImage:
    """A test image of both runs, with both answers.

    Attributes:
        first_path: Its path in the first run.
        path: Its path in the second run.
        label: Its class in both runs.
        first: The answer of the first run.
        second: The answer of the second run.
    """

    first_path: str
    path: str
    label: str
    first: str
    second: str

    @property
    def is_won(self) -> bool:
        """True if only the second run is right."""
        return self.second == self.label != self.first

    @property
    def is_lost(self) -> bool:
        """True if only the first run is right."""
        return self.first == self.label != self.second


@dataclass(frozen=True, kw_only=True)
class RunComparison:
    """The second run compared with the first one in a label column.

    Attributes:
        column: Name of the label column.
        images: The labelled test images of both runs; at least one.
        tested: Number of test images of the first and of the second run.
        relabelled: Test images of both that are left out, as they do not have the same label in both.
        unknown: Test images whose content is not known, as the run did not note it and the file is gone.
        tries: Number of comparisons that are made together; the more, the surer each must be.
    """

    column: str
    images: tuple[PairedImage, ...]
    tested: tuple[int, int]
    relabelled: int = 0
    unknown: int = 0
    tries: int = 1

    @property
    def n(self) -> int:
        """Number of images."""
        return len(self.images)

    @cached_property
    def won(self) -> tuple[PairedImage, ...]:
        """The images that only the second run gets right."""
        return tuple(image for image in self.images if image.is_won)

    @cached_property
    def lost(self) -> tuple[PairedImage, ...]:
        """The images that only the first run gets right."""
        return tuple(image for image in self.images if image.is_lost)

    @property
    def accuracies(self) -> tuple[float, float]:
        """Accuracy of the first and of the second run on these images, as fractions."""
        right = sum(image.first == image.label for image in self.images)
        return right / self.n, (right + len(self.won) - len(self.lost)) / self.n

    @property
    def difference(self) -> float:
        """Accuracy of the second run minus that of the first one."""
        return (len(self.won) - len(self.lost)) / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the difference."""
        return paired_difference(len(self.won), len(self.lost), self.n).pair

    @property
    def p_value(self) -> float:
        """The p-value of McNemar's exact test."""
        return mcnemar_p(len(self.won), len(self.lost))

    @property
    def is_shown(self) -> bool:
        """True if one of the two is shown to be better.

        The interval must leave out zero, and the test must agree: where few images differ the interval alone
        is a little lenient. With several comparisons the test allows for them all together (Bonferroni).
        """
        low, high = self.interval
        return not low <= 0 <= high and self.p_value < SIGNIFICANCE / self.tries


def compare_runs(
    first: RunFolder,
    others: Sequence[RunFolder],
    *,
    names: Sequence[str] = (),
    images_root: Path | None = None,
    control: Control | None = None,
) -> tuple[Mapping[str, RunComparison], ...]:
    """Compare runs with a first one.

    Args:
        first: Finished, with test images.
        others: Likewise, at least one.
        names: What sentences call them, the first one first; without, they are called by their folders.
        images_root: Where their images may be, if they are not where the runs say.
        control: Checked once per file that must be read.

    Returns:
        For each of the others its comparison in each label column that both have, in the order of the first.

    Raises:
        UserError: A run is given twice, is not finished, is damaged or has no test images, or two have no
            test image or no label column in common.
        Cancelled: The person cancelled.
    """
    folders = [first.path, *(other.path for other in others)]
    if len(set(folders)) < len(folders):
        raise UserError("A run is given twice.", mend="Give two different runs.")
    control = control or Control()
    names = names or [folder.name for folder in folders]
    base, *tested = [
        _read(run, name=name, images_root=images_root, control=control)
        for run, name in zip((first, *others), names, strict=True)
    ]
    return tuple(
        {name: replace(found, tries=len(others)) for name, found in _compared(base, other).items()}
        for other in tested
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """The test images of a run.

    Attributes:
        name: Of the run.
        columns: Label column to its evaluation.
        data_sha256: Of the images and labels it was made from; None where that is not known.
        sha256: Content by path, where it is known.
    """

    name: str
    columns: Mapping[str, ColumnEvaluation]
    data_sha256: str | None
    sha256: Mapping[str, str]


def _read(run: RunFolder, *, name: str, images_root: Path | None, control: Control) -> _Tested:
    recipe = read_recipe(run.recipe)
    test = with_stored_predictions(read_run_result(run), run).test
    predictions = test.primary.predictions
    if predictions is None or not test.n:
        raise UserError(
            f"{name} kept no images for testing, so it cannot be compared.",
            mend="Train it again with some images kept for testing.",
        )
    return _Tested(
        name=name,
        columns=_named(test.columns, recipe),
        data_sha256=recipe.data_sha256,
        sha256=read_tested_images(run, recipe, predictions.paths, images_root=images_root, control=control),
    )


def _named(columns: Mapping[str, ColumnEvaluation], recipe: Recipe) -> Mapping[str, ColumnEvaluation]:
    """The columns by name; a single one, which is stored without its name, gets that of the recipe."""
    if len(columns) > 1 or not recipe.label_column:
        return columns
    return {recipe.label_column: next(iter(columns.values()))}


def _compared(first: _Tested, second: _Tested) -> dict[str, RunComparison]:
    return {
        name: _compared_column(name, one, other, first=first, second=second)
        for name, one, other in _columns(first, second)
    }


def _columns(first: _Tested, second: _Tested) -> Iterator[tuple[str, ColumnEvaluation, ColumnEvaluation]]:
    """The label columns that both have; a column without a name is the first one of the other run."""
    common = [name for name in first.columns if name in second.columns]
    for name in common:
        yield name, first.columns[name], second.columns[name]
    if common:
        return
    one, other = next(iter(first.columns)), next(iter(second.columns))
    if DEFAULT_COLUMN not in (one, other):
        raise UserError(
            f"{first.name} and {second.name} have no label column in common: one learned “{one}”, the other "
            f"“{other}”.",
            mend="Compare runs that learned the same column.",
        )
    name = other if one == DEFAULT_COLUMN else one
    yield name, first.columns[one], second.columns[other]


def _compared_column(
    name: str,
    one: ColumnEvaluation,
    other: ColumnEvaluation,
    *,
    first: _Tested,
    second: _Tested,
) -> RunComparison:
    alike = first.data_sha256 is not None and first.data_sha256 == second.data_sha256
    keys = [None if alike else part.sha256 for part in (first, second)]
    answers = [_answers(part, known) for part, known in zip((one, other), keys, strict=True)]
    images, relabelled, shared = [], 0, 0
    for content, of_first in answers[0].items():
        for (path, label, answer), (second_path, second_label, second_answer) in zip(
            of_first, answers[1].get(content, ()), strict=False
        ):
            shared += 1
            if not label or label != second_label:
                relabelled += bool(label or second_label)
                continue
            images.append(
                PairedImage(
                    first_path=path, path=second_path, label=label, first=answer, second=second_answer
                )
            )
    unknown = sum(_unknown(part, known) for part, known in zip((one, other), keys, strict=True))
    if not images:
        raise _nothing_in_common(first, second, shared=shared, unknown=unknown)
    return RunComparison(
        column=name,
        images=tuple(sorted(images, key=lambda image: image.path)),
        tested=(one.metrics.n, other.metrics.n),
        relabelled=relabelled,
        unknown=unknown,
    )


def _answers(
    column: ColumnEvaluation, known: Mapping[str, str] | None
) -> Mapping[str, list[tuple[str, str, str]]]:
    """Path, label and answer of the images of each content, by path; copies of one file come in turn."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    part = column.predictions
    if part is None:
        return found
    rows = zip(part.paths, part.true_indices.tolist(), part.predicted_indices.tolist(), strict=True)
    for path, label, answer in sorted(rows):
        content = path if known is None else known.get(path)
        if content is not None:
            found[content].append((path, part.classes[label] if label >= 0 else "", part.classes[answer]))
    return found


def _unknown(column: ColumnEvaluation, known: Mapping[str, str] | None) -> int:
    paths = column.predictions.paths if column.predictions is not None else ()
    return 0 if known is None else sum(path not in known for path in paths)


def _nothing_in_common(first: _Tested, second: _Tested, *, shared: int, unknown: int) -> UserError:
    names = f"{first.name} and {second.name}"
    if shared:
        return UserError(
            f"The test images that {names} have in common are labelled differently in the two, so they "
            "cannot be judged alike.",
            mend="Train one of them again with the labels of now.",
        )
    if unknown:
        return UserError(
            f"Whether {names} were tested on the same images is not known: they were made by an older "
            "version, and their images are no longer where they were.",
            mend="Put the images back to where they were.",
        )
    return UserError(
        f"{names} were tested on different images: they have no test image in common, so the difference "
        "between their figures may be one between the images.",
        mend=SAME_SPLIT,
    )
