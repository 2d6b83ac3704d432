"""Measures how well facts about files tell classes apart, without a look at what the images show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tlstudio.checks.enough import FEW_OF_CLASS
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image
from tlstudio.data.file_facts import read_file_facts
from tlstudio.data.near.look import LookFacts
from tlstudio.data.photo_date import photo_camera, photo_date
from tlstudio.data.units import unit_numbers

MOST_IMAGES = 2000
"""Images of which headers are read; of more, these are drawn."""
MOST_REMEMBERED = 50_000
FOLDS = 5
BY_FILE, BY_LOOK = 0.8, 0.9
"""Share of pairs of an image of the class and another from which on a fact gives it away. On six sets, no
fact of files tells a class in more than .60, no fact of looks in more than .75; but a class may really
be brighter than others, so more is asked of looks."""

Table = NDArray[np.float64]
_remembered: dict[str, tuple[float, ...]] = {}
"""Facts of the files that this process has read, by their content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactKind:
    """A kind of facts.

    Attributes:
        words: What gives the class away.
        columns: Of the table of facts.
        enough: Share of pairs told apart from which on it does.
    """

    words: str
    columns: tuple[int, ...]
    enough: float


FACT_KINDS = (
    FactKind(words="the size of its images", columns=(0, 1, 2), enough=BY_FILE),
    FactKind(words="the format of its files", columns=(3, 4), enough=BY_FILE),
    FactKind(words="the compression of its files", columns=(5,), enough=BY_FILE),
    FactKind(words="the camera", columns=(6,), enough=BY_FILE),
    FactKind(words="the day on which its photos were taken", columns=(7,), enough=BY_LOOK),
    FactKind(words="the brightness of its images", columns=(8, 9), enough=BY_LOOK),
    FactKind(words="the border of its images", columns=(10, 11), enough=BY_LOOK),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAway:
    """A class that a fact gives away.

    Attributes:
        name: The class.
        kind: What gives it away.
        guessed: Share of pairs of one of its images and another that are told apart: the area under the ROC
            curve, of images that had no part in the rule.
        found: How many of its images the rule finds.
        others_right: How many of the other images it rightly takes for others.
        others: Number of other images.
        paths: Images of the class that were looked at.
    """

    name: str
    kind: FactKind
    guessed: float
    found: int
    others_right: int
    others: int
    paths: tuple[str, ...]


def find_given_away(dataset: Dataset, looks: Mapping[str, LookFacts], *, control: Control) -> list[GivenAway]:
    """Find the classes that facts give away, the surest first; each once.

    Args:
        dataset: Its labelled images count.
        looks: Facts about how images look, by path; images without are passed over.
        control: Checked once per image and class.

    Raises:
        Cancelled: The person cancelled.
    """
    images = [image for image in dataset.labelled() if image.path in looks]
    if len(images) > MOST_IMAGES:
        chosen = np.random.default_rng(0).choice(len(images), MOST_IMAGES, replace=False)
        images = [images[place] for place in sorted(chosen.tolist())]
    labels = np.array([image.label() or "" for image in images])
    large = [name for name, number in zip(*np.unique(labels, return_counts=True), strict=True)]
    large = [name for name in large if FEW_OF_CLASS <= (labels == name).sum() <= len(labels) - FEW_OF_CLASS]
    if not large:
        return []
    table = _table(images, dataset, looks, control)
    units = np.array(unit_numbers(images))
    found = []
    for name in large:
        control.check()
        is_class = labels == name
        of_class = [
            _given_away(str(name), kind, table[:, kind.columns], images, is_class, units)
            for kind in FACT_KINDS
        ]
        surest = max(filter(None, of_class), key=lambda one: one.guessed, default=None)
        if surest is not None:
            found.append(surest)
    return sorted(found, key=lambda one: -one.guessed)


def _given_away(
    name: str,
    kind: FactKind,
    table: Table,
    images: Sequence[Image],
    is_class: NDArray[np.bool_],
    units: NDArray[np.int64],
) -> GivenAway | None:
    """Ask a small tree which images are of a class, each unseen; None where too few are told."""
    # scikit-learn takes a second to import.
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    fewest = min(len(set(units[is_class])), len(set(units[~is_class])))
    if fewest < FOLDS or (table == table[0]).all():
        return None
    tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=3, random_state=0)
    seen = tree.fit(table, is_class).predict_proba(table)[:, 1]
    if roc_auc_score(is_class, seen) < kind.enough:
        return None  # not even of what it has seen
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    scores = cross_val_predict(tree, table, is_class, groups=units, cv=folds, method="predict_proba")[:, 1]
    guessed = float(roc_auc_score(is_class, scores))
    if guessed < kind.enough:
        return None
    is_taken = scores > is_class.mean()  # likelier than any image is
    return GivenAway(
        name=name,
        kind=kind,
        guessed=guessed,
        found=int((is_taken & is_class).sum()),
        others_right=int((~is_taken & ~is_class).sum()),
        others=int((~is_class).sum()),
        paths=tuple(image.path for image, is_in in zip(images, is_class, strict=True) if is_in),
    )


def _table(
    images: Sequence[Image], dataset: Dataset, looks: Mapping[str, LookFacts], control: Control
) -> Table:
    """The facts of images as numbers: [N, 12]."""
    roots = {source.id: source.root for source in dataset.sources}
    if len(_remembered) > MOST_REMEMBERED:
        _remembered.clear()
    rows = []
    for image in images:
        control.check()
        if image.sha256 not in _remembered:
            _remembered[image.sha256] = _file_facts(roots[image.source] / image.path)
        look = looks[image.path]
        of_look = (look.brightness, look.contrast, look.border, look.border_contrast)
        rows.append((*_remembered[image.sha256], *of_look))
    return np.array(rows, dtype=np.float64)


def _file_facts(file: Path) -> tuple[float, ...]:
    """The facts of a file as numbers, -1 for what it does not say; equal names have equal numbers."""
    facts = read_file_facts(file)
    if facts is None:
        return (-1.0,) * 8
    day = photo_date(file)
    return (
        float(facts.width),
        float(facts.height),
        facts.width / max(facts.height, 1),
        float(sum(facts.format.encode())),
        float(sum(facts.mode.encode())),
        -1.0 if facts.compression is None else facts.compression,
        float(sum(place * byte for place, byte in enumerate(photo_camera(file).encode(), start=1))),
        float(datetime.fromisoformat(day).toordinal()) if day else -1.0,
    )
