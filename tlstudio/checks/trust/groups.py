"""Groups of images: is the classifier right as often for each value of a column of the table beside them?

Groups differ in their classes, too, and some classes are harder. So what is right in a group is compared
with what is right among all images of the same classes, and the images of each class are dealt out to the
groups at random to learn what chance does (a permutation test within classes). The statistic is that of
the worst group, which takes into account that it was looked for.

Where the last layer alone learned, it is also fitted again without each group in turn
(`checks.left_out_groups`): this tells what to expect of a group that was not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tlstudio.checks.enough import FEW_OF_CLASS
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent
from tlstudio.core.types import Interval
from tlstudio.data.layout.table_beside import load_table
from tlstudio.data.naming import natural_key
from tlstudio.data.tables.further_columns import offered_columns
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.predictions import Predictions
from tlstudio.specs.checks.groups import SPEC
from tlstudio.specs.cross_validated import can_be_cross_validated

if TYPE_CHECKING:  # most checks need no torch
    from tlstudio.checks.left_out_groups import LeftOutGroups

SURE = 0.01
"""Largest p-value at which a group is called worse; shared among the columns."""
PERMUTATIONS = 999
MOST_GROUPS = 50
"""Groups of a column above which it is no property that images share."""
MOST_LISTED = 4
FEWEST_LEFT_OUT = 40
"""Images from which on groups are left out; of 40, the interval of 80 % is 25 points wide."""
SPLIT_GROUPS = "group"
"""Name of the groups that stay on one side of the split."""
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Number of images of one group that are right."""

    name: str
    right: int
    n: int

    @property
    def accuracy(self) -> float:
        return self.right / self.n

    @property
    def interval(self) -> Interval:
        return wilson(self.right, self.n)

    @property
    def words(self) -> str:
        low, high = (percent(end) for end in self.interval.pair)
        return f"{percent(self.accuracy)} of {self.n} right (95 % interval {low} to {high})"


class Groups:
    """Compares the groups of each column of the table, and those of the split."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        predictions = evidence.held_out_predictions
        columns = _columns(evidence, predictions)
        if not columns:
            message = "No table beside the images names groups of them, so none were compared."
            return [Finding(check=SPEC.id, severity="ok", message=message)]
        findings = []
        for name, values in columns.items():
            control.check()
            findings.append(_judge(name, values, predictions, sure=SURE / len(columns)))
        return findings + _about_new_groups(evidence, columns, control=control)


def _columns(evidence: Evidence, predictions: Predictions) -> dict[str, Mapping[str, str]]:
    """The group of each image by path, for each column that names groups."""
    dataset = evidence.dataset
    labels = {image.path: label for image in dataset.images if (label := image.label()) is not None}
    table = load_table(dataset.root, [image.path for image in dataset.images])
    learned = {column.casefold() for column in evidence.evaluation.columns}
    found: dict[str, Mapping[str, str]] = {
        column.name: column.labels
        for column in offered_columns(table, labels=labels)
        if column.name.casefold() not in learned
    }
    of_split = {image.path: image.group for image in dataset.images if image.group is not None}
    if of_split:
        found.setdefault(SPLIT_GROUPS, of_split)
    counted = set(predictions.paths)
    return {
        name: values
        for name, values in found.items()
        if 2 <= len({value for path, value in values.items() if path in counted}) <= MOST_GROUPS
    }


def _about_new_groups(
    evidence: Evidence, columns: Mapping[str, Mapping[str, str]], *, control: Control
) -> list[Finding]:
    """A finding for each column by whose groups the last layer can be fitted without one of them."""
    if not (evidence.has("own_dataset") and can_be_cross_validated(evidence.recipe)):
        return []  # stages that learned have seen all groups
    classes = evidence.evaluation.primary.classes
    labels = {image.path: image.label() for image in evidence.dataset.images}
    named = {
        name: [path for path in values if labels.get(path) in classes] for name, values in columns.items()
    }
    if max(len(paths) for paths in named.values()) < FEWEST_LEFT_OUT:
        return []
    from tlstudio.checks.left_out_groups import leave_groups_out  # needs torch

    table = evidence.features(control=control)
    row_of = {path: row for row, path in enumerate(table.paths)}
    findings = []
    for name, paths in named.items():
        paths = [path for path in paths if path in row_of]
        names = sorted({columns[name][path] for path in paths}, key=natural_key)
        left_out = leave_groups_out(
            table.values[[row_of[path] for path in paths]],
            np.array([classes.index(labels[path] or "") for path in paths], dtype=np.int64),
            np.array([names.index(columns[name][path]) for path in paths], dtype=np.int64),
            control=control,
        )
        if left_out is not None and len(left_out.right) >= FEWEST_LEFT_OUT:
            findings.append(_about_left_out(name, names, left_out, sure=SURE / len(columns)))
    return findings


def _about_left_out(column: str, names: Sequence[str], found: LeftOutGroups, *, sure: float) -> Finding:
    all_groups = [
        _Group(name=name, right=int(found.right[found.group == one].sum()), n=int((found.group == one).sum()))
        for one, name in enumerate(names)
    ]
    groups = [one for one in all_groups if one.n >= FEW_OF_CLASS]
    unseen = _Group(name="", right=int(found.right.sum()), n=len(found.right))
    dealt = percent(found.dealt)
    numbers: dict[str, float | int | str] = {
        "column": column,
        "unseen": unseen.accuracy,
        "low": unseen.interval.low,
        "high": unseen.interval.high,
        "n": unseen.n,
        "dealt": found.dealt,
        "known": float(found.known.mean()),
        "left_out_p_value": found.p_value,
    }
    for one in groups:
        numbers |= {f"unseen {one.name}": one.accuracy, f"n of {one.name}": one.n}
    worst = min(groups, key=lambda one: one.accuracy, default=None)
    named = f" Lowest: {worst.name}, {worst.words}." if worst is not None else ""
    if worst is not None:
        numbers["worst"] = worst.name
    compared = f"{unseen.words}, when each is left out in turn; {dealt} when as many of all are"
    if found.p_value > sure:
        return Finding(
            check=SPEC.id,
            severity="ok",
            message=f"On a “{column}” that it never saw, a last layer is not shown to do worse: {compared}."
            f"{named}",
            numbers=numbers,
        )
    return Finding(
        check=SPEC.id,
        severity="warning",
        message=f"On a “{column}” that it never saw, a last layer does worse: {compared}.{named}",
        meaning=f"If new images come from another “{column}” than these, expect the lower figure. It was "
        "measured by fitting the last layer again without each group.",
        mend=f"Divide the images by “{column}” (Data → Split), so that the test measures this, and train "
        "with images of more of them.",
        numbers=numbers,
    )


def _judge(column: str, values: Mapping[str, str], predictions: Predictions, *, sure: float) -> Finding:
    rows = np.array([row for row, path in enumerate(predictions.paths) if path in values], dtype=np.int64)
    names = [values[predictions.paths[row]] for row in rows]
    true = predictions.true_indices[rows]
    right = predictions.predicted_indices[rows] == true
    size = Counter(names)
    large = sorted((name for name, n in size.items() if n >= FEW_OF_CLASS), key=natural_key)
    if len(large) < 2:
        return Finding(
            check=SPEC.id,
            severity="note",
            message=f"Fewer than two groups by “{column}” have {FEW_OF_CLASS} images to measure on, so "
            "whether "
            "it is right as often for each is not known.",
            mend="Keep more images for testing (Data → Split), or collect more of each group.",
        )
    index = {name: number for number, name in enumerate(large)}
    group = np.array([index.get(name, -1) for name in names], dtype=np.int64)
    groups = [
        _Group(name=name, right=int(right[group == number].sum()), n=size[name])
        for name, number in index.items()
    ]
    scores = _scores(right, true, group[:, None], groups=len(groups))[:, 0]
    number = int(scores.argmin())
    p_value = _chance_of(float(scores[number]), right, true, group, groups=len(groups))
    numbers: dict[str, float | int | str] = {"column": column, "p_value": p_value}
    for one in groups:
        numbers |= {f"accuracy of {one.name}": one.accuracy, f"n of {one.name}": one.n}
    if p_value > sure:
        lowest = sorted(groups, key=lambda one: one.accuracy)[:MOST_LISTED]
        listed = "; ".join(f"{one.name} {one.words}" for one in lowest)
        return Finding(
            check=SPEC.id,
            severity="ok",
            message=f"By “{column}”, no group is shown to be worse than its classes explain: {listed}.",
            numbers=numbers,
        )
    worst = groups[number]
    others = [one for one in groups if one is not worst]
    rest = _Group(name="", right=sum(one.right for one in others), n=sum(one.n for one in others))
    return Finding(
        check=SPEC.id,
        severity="warning",
        message=f"Worst group by “{column}”: {worst.name}, {worst.words}; the others {rest.words}.",
        meaning=f"The figure over all images hides this. For {worst.name} it is wrong more often than the "
        "classes "
        "of these images explain.",
        mend=f"Do not rely on it for {worst.name} yet: look at the labels of these images, and train with "
        "more "
        "of them.",
        numbers={
            **numbers,
            "worst": worst.name,
            "accuracy": worst.accuracy,
            "low": worst.interval.low,
            "high": worst.interval.high,
            "n": worst.n,
        },
        paths=tuple(predictions.paths[row] for row in rows[(group == number) & ~right]),
    )


def _scores(
    right: NDArray[np.bool_], true: NDArray[np.int64], group: NDArray[np.int64], *, groups: int
) -> NDArray[np.float64]:
    """Compare the right predictions of each group with what its classes let expect.

    Args:
        right: Whether each image is right: [N].
        true: Class of each image: [N].
        group: Group of each image in each of P deals, -1 for none: [N, P].
        groups: G.

    Returns:
        In standard deviations: [G, P].
    """
    expected = np.zeros(len(right))
    for one in np.unique(true):
        expected[true == one] = right[true == one].mean()
    excess, variance = right - expected, expected * (1 - expected)
    scores = np.zeros((groups, group.shape[1]))
    for number in range(groups):
        inside = (group == number).astype(np.float64)
        scores[number] = excess @ inside / np.maximum(np.sqrt(variance @ inside), 1e-9)
    return scores


def _chance_of(
    score: float, right: NDArray[np.bool_], true: NDArray[np.int64], group: NDArray[np.int64], *, groups: int
) -> float:
    """Chance of a worst group as far below its classes if groups made no difference."""
    random = np.random.default_rng(SEED)
    dealt = np.repeat(group[:, None], PERMUTATIONS, axis=1)
    for one in np.unique(true):
        rows = (true == one).nonzero()[0]
        dealt[rows] = random.permuted(dealt[rows], axis=0)
    worst = _scores(right, true, dealt, groups=groups).min(axis=0)
    return float((1 + (worst <= score + 1e-9).sum()) / (1 + PERMUTATIONS))


IMPLEMENTATION = Groups()
