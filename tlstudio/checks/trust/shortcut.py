"""Shortcuts: is a class given away by something that has nothing to do with what it is?

Two kinds are looked for. Marks, such as a stamp, a label or a scale bar, that many images of one class
have at the same place and few others (`checks.marks`); the classifier itself is then asked whether it
relies on them (`checks.reliance`). And facts of the files, such as their size and compression, which say
how images were made and not what they show. What differs from image to image, such as a background, is not
found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tlstudio.checks.enough import FEW_OF_CLASS
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.marks import Mark, find_marks
from tlstudio.checks.overviews import overviews_of
from tlstudio.checks.pixels import file_of
from tlstudio.checks.reliance import Reliance, reliance_on
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent
from tlstudio.core.wording import count, named
from tlstudio.data.file_facts import FileFacts, read_file_facts
from tlstudio.evaluation.intervals import wilson
from tlstudio.specs.checks.shortcut import SPEC

MOST_OF_CLASS = 60
MOST_IMAGES = 400
MOST_MARKS = 3
MOST_SHOWN = 12
"""Images of a finding."""
GIVEN_AWAY = 0.8
"""Share of pairs of an image of a class and another that are told apart by facts of their files alone (the
area under the ROC curve), from which these give the class away."""
MEND = "Crop or cover it in all images, or take images of all classes in the same way; then train again."


class Shortcut:
    """Looks for marks and for facts of files that give a class away."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        classes = evidence.evaluation.primary.classes
        images = _sample(evidence.dataset, classes)
        if len({image.label() for image in images}) < 2:
            few = f"Fewer than two classes have {FEW_OF_CLASS} images, too few to look for shortcuts."
            return [Finding(check=SPEC.id, severity="ok", message=few)]
        dataset = Dataset.of_folder(evidence.dataset.root, images=images, classes=classes)
        findings = [
            *_about_marks(evidence.of_images(dataset), classes, control=control),
            *_about_files(dataset, classes),
        ]
        return findings or [
            Finding(
                check=SPEC.id,
                severity="ok",
                message="No mark that is the same in many images, and no fact of their files, gives a "
                "class away.",
                numbers={"images": len(images)},
            )
        ]


def _sample(dataset: Dataset, classes: Sequence[str]) -> list[Image]:
    """Images of the classes that have enough, as many of each as are looked at."""
    most = max(min(MOST_OF_CLASS, MOST_IMAGES // max(len(classes), 1)), FEW_OF_CLASS)
    taken: list[Image] = []
    for name, images in dataset.by_class().items():
        if name in classes and len(images) >= FEW_OF_CLASS:
            rows = np.random.default_rng(0).permutation(len(images))[:most]
            taken += [images[row] for row in sorted(rows)]
    return taken


def _labels(dataset: Dataset, paths: Sequence[str]) -> NDArray[np.int64]:
    of_path = {image.path: dataset.classes.index(image.label() or "") for image in dataset.images}
    return np.array([of_path[path] for path in paths], dtype=np.int64)


def _about_marks(evidence: Evidence, classes: Sequence[str], *, control: Control) -> list[Finding]:
    """The marks in what the classifier sees, and those in margins that are cut away."""
    inputs = evidence.inputs(control=control)
    labels = _labels(evidence.dataset, inputs.paths)
    classify = partial(evidence.classify, control=control)
    findings, seen = [], set()
    for mark in find_marks(overviews_of(inputs.pixels), labels)[:MOST_MARKS]:
        seen.add(mark.label)
        found = reliance_on(mark, inputs.pixels, labels, classify=classify)
        findings.append(_about_mark(mark, classes[mark.label], inputs.paths, labels, found))
    whole = evidence.overviews(control=control)
    if whole is not None:
        of_whole = _labels(evidence.dataset, whole.paths)
        marks = find_marks(whole.values, of_whole)[:MOST_MARKS]
        findings += [
            _about_mark(mark, classes[mark.label], whole.paths, of_whole, None)
            for mark in marks
            if mark.label not in seen
        ]
    return findings


def _about_mark(
    mark: Mark, name: str, paths: Sequence[str], labels: NDArray[np.int64], found: Reliance | None
) -> Finding:
    own = int((labels == mark.label).sum())
    others = len(labels) - own
    numbers: dict[str, float | int | str] = {
        "class": name,
        "place": mark.words,
        "share": mark.share,
        "others_share": mark.others,
        "images": own,
        "others": others,
    }
    mend = MEND
    if found is None:
        meaning = (
            "The classifier does not see it: it lies in the margin that is cut away before. But the images "
            "of "
            f"{name} were made in another way than the others, and what else differs may be learned."
        )
        mend = "Find out where the mark comes from, and take images of all classes in the same way."
    elif not found.n:
        meaning = (
            f"On images of {name} without it, the classifier may be right less often than its figures say."
        )
    else:
        low, high = (percent(end) for end in wilson(found.with_it, found.n).pair)
        asked = (
            f"put into {count(found.n, 'image')} of other classes, it makes {found.with_it} of them {name} "
            f"(95 % interval {low} to {high}; {found.without} without it)"
        )
        relies = (
            found.with_it > found.without and wilson(found.with_it, found.n).low > found.without / found.n
        )
        numbers |= {"n": found.n, "taken_with_it": found.with_it, "taken_without": found.without}
        meaning = (
            f"The classifier relies on it: {asked}. On images without it, it is right less often than its "
            "figures "
            "say."
            if relies
            else f"That the classifier relies on it is not shown: {asked}. Trained anew, or further, it may."
        )
    return Finding(
        check=SPEC.id,
        severity="warning",
        message=f"Shortcut: the same mark is at the {mark.words} of {percent(mark.share)} of {own} images of "
        f"“{name}” and of {percent(mark.others)} of {others} others.",
        meaning=meaning,
        mend=mend,
        numbers=numbers,
        paths=tuple(paths[row] for row in mark.rows[:MOST_SHOWN]),
    )


def _about_files(dataset: Dataset, classes: Sequence[str]) -> list[Finding]:
    """A finding if the facts of files give classes away."""
    # scikit-learn takes a second to import; trainings on few images do without.
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    labels = _labels(dataset, [image.path for image in dataset.images])
    facts = [read_file_facts(file_of(image, dataset)) for image in dataset.images]
    table = np.array([_numbers_of(one) for one in facts])
    guessed = {}
    for label in np.unique(labels):
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=3, random_state=0)
        scores = cross_val_predict(tree, table, labels == label, cv=folds, method="predict_proba")[:, 1]
        guessed[int(label)] = float(roc_auc_score(labels == label, scores))
    given_away = sorted((label for label in guessed if guessed[label] >= GIVEN_AWAY), key=guessed.__getitem__)
    if not given_away:
        return []
    first = given_away[-1]
    name, is_class = classes[first], labels == first
    known = [(one, is_in) for one, is_in in zip(facts, is_class, strict=True) if one is not None]
    differ = _difference_of(
        [one for one, is_in in known if is_in], [one for one, is_in in known if not is_in]
    )
    also = [classes[label] for label in reversed(given_away[:-1])]
    return [
        Finding(
            check=SPEC.id,
            severity="warning",
            message=f"Shortcut: the files give “{name}” away, without a look at what they show{differ}."
            f"{f' The same holds for {named(also)}.' if also else ''}",
            meaning="These images were made in another way than the others, and a classifier may learn "
            "that in place "
            "of what they show. How good it is on images that were all made alike is not known.",
            mend="Save the images of all classes in the same size and format, best from originals that "
            "were taken "
            "in the same way, and train again.",
            numbers={"class": name, "guessed": guessed[first], "n": len(labels)},
            paths=tuple(dataset.images[row].path for row in is_class.nonzero()[0][:MOST_SHOWN]),
        )
    ]


def _numbers_of(facts: FileFacts | None) -> tuple[float, ...]:
    """A file's facts as numbers; -1 where it has none."""
    if facts is None:
        return (-1.0,) * 6
    return (
        float(facts.width),
        float(facts.height),
        facts.width / max(facts.height, 1),
        -1.0 if facts.compression is None else facts.compression,
        float(sum(facts.format.encode())),  # equal names have equal numbers
        float(sum(facts.mode.encode())),
    )


FACTS: tuple[Callable[[FileFacts], str], ...] = (
    lambda one: f"have {one.width} × {one.height} pixels",
    lambda one: f"are {one.format} files",
    lambda one: f"have colours of the kind {one.mode}",
    lambda one: (
        "are not compressed like a photo"
        if one.compression is None
        else f"are compressed with a mean step of {one.compression:.0f}"
    ),
)
"""Facts of a file in words, to follow "of its images"."""


def _difference_of(inside: Sequence[FileFacts], outside: Sequence[FileFacts]) -> str:
    """The fact that most of a class's files have and fewest others, in words."""
    best: tuple[float, str] = (0.0, "")
    for fact in FACTS:
        own, other = (Counter(map(fact, part)) for part in (inside, outside))
        if own:
            words, number = own.most_common(1)[0]
            shares = number / len(inside), other[words] / max(len(outside), 1)
            said = f": {percent(shares[0])} of its images {words}, {percent(shares[1])} of the others"
            best = max(best, (shares[0] - shares[1], said))
    return best[1]


IMPLEMENTATION = Shortcut()
