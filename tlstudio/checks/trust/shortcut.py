"""Shortcuts: is a class given away by something that has nothing to do with what it is?

Three kinds are looked for. Marks, such as a stamp, a label or a scale bar, that many images of one class
have at the same place and few others (`checks.marks`). Backgrounds, which differ from image to image
(`checks.cues`). The classifier itself is then asked whether it relies on
a mark or a background (`checks.reliance`). And facts of the files, such as their size and compression, which
say how images were made and not what they show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tlstudio.checks.cues import CELLS, Cue, GiveAway, auc, find_give_aways, measure_cues
from tlstudio.checks.enough import FEW_OF_CLASS
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.marks import Mark, find_marks
from tlstudio.checks.overviews import overviews_of
from tlstudio.checks.pixels import Inputs, file_of
from tlstudio.checks.reliance import Reliance, reliance_on, reliance_on_rim
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent
from tlstudio.core.wording import count, named
from tlstudio.data.file_facts import FileFacts, read_file_facts
from tlstudio.data.units import unit_numbers
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.predictions import Predictions
from tlstudio.specs.checks.shortcut import SPEC

MOST_OF_CLASS = 60
MOST_IMAGES = 400
MOST_MARKS = 3
MOST_CUES = 3
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
        of_sample = evidence.of_images(dataset)
        inputs = of_sample.inputs(control=control)
        overviews = overviews_of(inputs.pixels)
        marks = _about_marks(of_sample, inputs, overviews, classes, control=control)
        files = _about_files(dataset, classes)
        known = {str(finding.numbers["class"]) for finding in (*marks, *files)}
        predictions = evidence.held_out_predictions
        cues = _about_cues(
            of_sample, inputs, overviews, classes, known=known, predictions=predictions, control=control
        )
        return [*marks, *cues, *files] or [
            Finding(
                check=SPEC.id,
                severity="ok",
                message="No mark, no background and no fact of their files was found to give a class away.",
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


def _about_marks(
    evidence: Evidence,
    inputs: Inputs,
    overviews: NDArray[np.float32],
    classes: Sequence[str],
    *,
    control: Control,
) -> list[Finding]:
    """The marks in what the classifier sees, and those in margins that are cut away."""
    labels = _labels(evidence.dataset, inputs.paths)
    classify = partial(evidence.classify, control=control)
    findings, seen = [], set()
    for mark in find_marks(overviews, labels)[:MOST_MARKS]:
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
    else:
        meaning, asked = _about_reliance(found, name, what="put into")
        numbers |= asked
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


def _about_reliance(found: Reliance, name: str, *, what: str) -> tuple[str, dict[str, float | int | str]]:
    """Say what the classifier makes of images of other classes with it, in words and in numbers."""
    if not found.n:
        return (
            f"On images of {name} without it, the classifier may be right less often than its figures say.",
            {},
        )
    low, high = (percent(end) for end in wilson(found.with_it, found.n).pair)
    asked = (
        f"{what} {count(found.n, 'image')} of other classes, it makes {found.with_it} of them {name} "
        f"(95 % interval {low} to {high}; {found.without} without it)"
    )
    relies = found.with_it > found.without and wilson(found.with_it, found.n).low > found.without / found.n
    return (
        f"The classifier relies on it: {asked}. On images without it, it is right less often than its "
        "figures say."
        if relies
        else f"That the classifier relies on it is not shown: {asked}. Trained anew, or further, it may."
    ), {"n": found.n, "taken_with_it": found.with_it, "taken_without": found.without}


CUE_WORDS: dict[Cue, tuple[str, str, str]] = {
    "brightness": ("brightness and contrast", "brighter", "darker"),
    "sharpness": ("sharpness and contrast", "sharper", "more blurred"),
}
"""The name of a property, and what images with more and with less of it are."""


def _about_cues(
    evidence: Evidence,
    inputs: Inputs,
    overviews: NDArray[np.float32],
    classes: Sequence[str],
    *,
    known: set[str],
    predictions: Predictions,
    control: Control,
) -> list[Finding]:
    """Look at the classes that are not known to be given away."""
    of_path = {image.path: image for image in evidence.dataset.images}
    images = [of_path[path] for path in inputs.paths]
    labels = _labels(evidence.dataset, inputs.paths)
    found = find_give_aways(
        measure_cues(inputs.pixels, overviews),
        labels,
        units=unit_numbers(images),
        reached=_reached(predictions, classes),
    )
    found = [one for one in found if classes[one.label] not in known]
    if len(classes) == 2:  # what gives one away gives the other away
        found = [] if known else found[:1]
    findings = []
    for one in found[:MOST_CUES]:
        asked = None
        if one.cue == "rim":
            classify = partial(evidence.classify, control=control)
            asked = reliance_on_rim(one.label, inputs.pixels, labels, classify=classify)
        paths = [path for path, label in zip(inputs.paths, labels, strict=True) if label == one.label]
        findings.append(_about_cue(one, classes[one.label], paths, predictions=predictions, found=asked))
    return findings


def _about_cue(
    one: GiveAway, name: str, paths: Sequence[str], *, predictions: Predictions, found: Reliance | None
) -> Finding:
    reached = _reached(predictions, predictions.classes).get(predictions.classes.index(name))
    held_out = int((predictions.true_indices == predictions.classes.index(name)).sum())
    numbers: dict[str, float | int | str] = {"class": name, "cue": one.cue, "guessed": one.guessed}
    pairs = f"told from others in {percent(one.guessed)} of pairs"
    of_classifier = ""
    if reached is not None:
        numbers |= {"reached": reached, "held_out": held_out}
        of_classifier = (
            f" The classifier, which sees all, tells {percent(reached)} apart ({count(held_out, 'image')} of "
            f"{name} that it did not learn from)."
        )
    if one.by_middle is not None and found is not None:
        outer, middle = percent(1 / CELLS), percent(one.by_middle)
        meaning, asked = _about_reliance(found, name, what="put around the middles of")
        return Finding(
            check=SPEC.id,
            severity="warning",
            message=f"Shortcut: the background gives “{name}” away. By their outer {outer} on each "
            f"side alone, its images are {pairs}, by their middle in {middle}.{of_classifier}",
            meaning=meaning,
            mend=f"Take images of {name} on the backgrounds of the others, or cut all images closer; then "
            "train again.",
            numbers={**numbers, "by_middle": one.by_middle, **asked},
            paths=tuple(paths[:MOST_SHOWN]),
        )
    what, more, less = CUE_WORDS[one.cue]
    # Of images that a texture fills, such as fabrics, this may be what the class is.
    return Finding(
        check=SPEC.id,
        severity="note",
        message=f"The {what} of the background alone tell “{name}” from others: its images are "
        f"{more if one.more else less} there, and {pairs} by that.{of_classifier}",
        meaning=f"If that is how {name} looks, all is well. If its images were only made in another way, the "
        "classifier may have learned that, and does worse on images that were all made alike.",
        mend="If so, take images of all classes in the same way, and train again.",
        numbers=numbers,
        paths=tuple(paths[:MOST_SHOWN]),
    )


def _reached(predictions: Predictions, classes: Sequence[str]) -> dict[int, float]:
    """The AUC that the classifier reaches for each class with enough images that it did not learn from."""
    found = {}
    for label, name in enumerate(classes):
        if name in predictions.classes:
            column = predictions.classes.index(name)
            inside = predictions.true_indices == column
            if FEW_OF_CLASS <= inside.sum() < len(inside):
                found[label] = auc(predictions.probabilities[:, column], inside)
    return found


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
