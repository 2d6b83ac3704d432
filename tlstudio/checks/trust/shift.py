"""Images of another kind: do those of another folder differ from the ones that the run is measured on?

From the classifier's features of an image it is guessed from which of the two sets it is (see
`evaluation.two_sample`). The run's own images are those that it kept for testing and checking: it has not
learned them by heart, so they differ from new ones of the same kind by chance only. As many of each class are
drawn from both sets, so that another mix of classes is not taken for other images; the mix is compared apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, mannwhitneyu

from tlstudio.checks.appearance import PROPERTIES
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent
from tlstudio.core.wording import count
from tlstudio.evaluation.metric_values import Metrics
from tlstudio.evaluation.two_sample import Difference, matched_rows, permuted_difference
from tlstudio.specs.checks.shift import SPEC
from tlstudio.specs.strategies.adapt import SPEC as ADAPT

SURE = 0.01
"""Largest p-value of a difference: of a hundred folders of the same kind, one would be flagged."""
PLAIN = 0.65
"""Share of images whose set is guessed, from which a difference is a warning: with many images,
chance is ruled out for differences that nobody would see."""
IN_WORDS = 0.65
"""A property is named if, of an image of each set, the same one has more of it so often."""
MOST_WORDS = 4
FEWEST_PAIRS = 10
"""Images of each set below which nothing but a difference in all of them would show."""
MIX_POINTS = 0.1
"""Difference of a class's share that is worth a sentence."""
SEED = 0

Table = Mapping[str, NDArray[np.float64]]


class Shift:
    """Compares the images of the folder with those that the run kept for testing and checking."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        predictions = evidence.evaluation.primary.predictions
        own = evidence.held_out_images
        assert predictions is not None, "the spec asks for predictions"
        if own is None:
            return [_unknown("The images that this run was tested on are no longer where they were")]
        part = predictions.labelled()
        labels = [part.classes[index] for index in part.true_indices]
        index = {name: number for number, name in enumerate(part.classes)}
        here = [path for path, label in own.labels.items() if label in index]
        own_labels = [own.labels[path] for path in here]
        rows, own_rows = matched_rows(
            [index[label] for label in labels], [index[label] for label in own_labels], seed=SEED
        )
        mix = _mix(labels, own_labels)
        if len(rows) < FEWEST_PAIRS:
            few = f"Only {count(len(rows), 'image')} could be compared with images of the same class"
            return [_unknown(f"{few} that this run was tested on"), *mix]
        shown = [part.paths[row] for row in rows]
        compared = (
            evidence.of_images(_some(evidence.dataset, shown)),
            evidence.of_images(own.dataset([here[row] for row in own_rows])),
        )
        features = [torch.from_numpy(one.features(control=control).values) for one in compared]
        difference = permuted_difference(
            features[0], features[1], strata=[index[labels[row]] for row in rows], seed=SEED
        )
        words, numbers = _words(*(one.appearance(control=control) for one in compared))
        return [_judge(difference, evidence, words=words, numbers=numbers), *mix]


def _some(dataset: Dataset, paths: Sequence[str]) -> Dataset:
    by_path = {image.path: image for image in dataset.images}
    return Dataset.of_folder(dataset.root, images=[by_path[path] for path in paths], classes=dataset.classes)


def _unknown(reason: str) -> Finding:
    return Finding(
        check=SPEC.id,
        severity="note",
        message=f"{reason}, so it is not known whether these are of the same kind.",
        meaning="Go by the figures of this folder for images like these.",
    )


def _words(there: Table, here: Table) -> tuple[list[str], dict[str, float]]:
    """The properties that differ, in words, the most different first; and the means of both sets."""
    found: list[tuple[float, str]] = []
    numbers = {}
    for one in PROPERTIES:
        first, second = there[one.id], here[one.id]
        if np.isnan(first).any() or np.isnan(second).any():
            continue
        tested = mannwhitneyu(first, second)
        share = float(tested.statistic) / (len(first) * len(second))
        if tested.pvalue <= SURE / len(PROPERTIES) and max(share, 1 - share) >= IN_WORDS:
            found.append((abs(share - 0.5), one.more if share > 0.5 else one.less))
            numbers[one.id] = float(np.median(first))
            numbers[f"own_{one.id}"] = float(np.median(second))
    return [word for _, word in sorted(found, reverse=True)[:MOST_WORDS]], numbers


def _judge(
    difference: Difference, evidence: Evidence, *, words: Sequence[str], numbers: Mapping[str, float]
) -> Finding:
    low, high = (percent(end) for end in difference.interval.pair)
    guessed = (
        f"from an image alone, its set is guessed for {percent(difference.accuracy)} of {difference.n} "
        "images, "
        f"95 % interval {low} to {high}; 50 % is chance"
    )
    p_value = difference.p_value if difference.p_value is not None else 1.0
    figures: dict[str, float | int | str] = {
        "guessed": difference.accuracy,
        "low": difference.interval.low,
        "high": difference.interval.high,
        "p_value": p_value,
        "n": difference.n,
    }
    properties = f"they are {', '.join(words[:-1])}{' and ' if len(words) > 1 else ''}{''.join(words[-1:])}"
    if p_value > SURE:
        return Finding(
            check=SPEC.id,
            severity="note" if words else "ok",
            message="No difference is shown between what the classifier sees in these images and in those "
            "that it was tested on"
            f"{f', although {properties}' if words else ''} ({guessed}).",
            numbers={**figures, **numbers},
        )
    differ = properties
    if not words:
        differ = "in what they show or in how they were taken, not in brightness, colour, sharpness or size"
    is_plain = difference.accuracy >= PLAIN
    meaning, mend = _consequence(evidence)
    return Finding(
        check=SPEC.id,
        severity="warning" if is_plain else "note",
        message=f"These images differ {'' if is_plain else 'a little '}from those that it was tested on: "
        f"{differ} ({guessed}).",
        meaning=meaning,
        mend=mend if is_plain else "",
        numbers={**figures, **numbers},
    )


def _consequence(evidence: Evidence) -> tuple[str, str]:
    """The meaning of a difference for the decision, and the mend."""
    there = evidence.evaluation.primary.metrics
    own = evidence.own_evaluation
    learn = f"Train with some images like these, or use “{ADAPT.title}”."
    if own is None or own.primary.metrics.interval is None or there.interval is None:
        return "Figures of its own images say little about images like these.", learn
    before = own.primary.metrics
    figures = f"{_figure(there)} are right here, {_figure(before)} of its own {own.images}"
    if before.interval is not None and there.interval.high < before.interval.low:
        return f"It does worse on images like these: {figures}.", f"Go by the figures of this folder. {learn}"
    return (
        f"That it does worse on images like these is not shown: {figures}.",
        "Go by the figures of this folder for images like these.",
    )


def _figure(metrics: Metrics) -> str:
    accuracy, interval = metrics.accuracy, metrics.interval
    assert accuracy is not None
    assert interval is not None
    low, high = (percent(end) for end in interval.pair)
    return f"{percent(accuracy)} of {metrics.n} (95 % interval {low} to {high})"


def _mix(labels: Sequence[str], own_labels: Sequence[str]) -> list[Finding]:
    """A finding if the classes come in other shares than among the run's own images."""
    there, here = Counter(labels), Counter(own_labels)
    names = sorted({*there, *here})
    if len(names) < 2 or not labels or not own_labels:
        return []
    counts = [[part[name] for name in names] for part in (there, here)]
    if chi2_contingency(counts).pvalue > SURE:
        return []
    shares = {name: (there[name] / len(labels), here[name] / len(own_labels)) for name in names}
    name, (first, second) = max(shares.items(), key=lambda entry: abs(entry[1][0] - entry[1][1]))
    if abs(first - second) < MIX_POINTS:
        return []
    return [
        Finding(
            check=SPEC.id,
            severity="note",
            message=f"The classes come in other shares than among its own images: {percent(first)} of these "
            f"are {name}, {percent(second)} there.",
            meaning="Part of a difference in accuracy comes from that; compare the figures of each class.",
            numbers={"class": name, "share": first, "own_share": second},
        )
    ]


IMPLEMENTATION = Shift()
