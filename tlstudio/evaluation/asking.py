"""The probability below which an answer is left to a person, and its choice.

The threshold is chosen on images that the classifier had not learned from and that are not its test images,
so that the test images show what it is worth. Importing this module loads neither numpy nor torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING, Any

from tlstudio.core.ask_below import AskBelow
from tlstudio.core.errors import UserError
from tlstudio.core.files import write_json
from tlstudio.core.typed_values import read_dataclass, read_value
from tlstudio.core.types import Interval
from tlstudio.evaluation.class_sets import ClassSets, choose_sets
from tlstudio.evaluation.intervals import wilson
from tlstudio.project.runs import RunFolder

if TYPE_CHECKING:  # imports numpy
    from tlstudio.evaluation.predictions import Predictions

USUAL_WISH = 0.95
"""Share of the answers that should be right, where nobody wished for another."""
STEPS = 1000
"""Steps of a threshold from 0 to 1; it is shown with this precision, so it is chosen with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Counts of answers and of right ones, where a person is asked below a threshold.

    Attributes:
        n: Number of images.
        answered: How many are answered.
        right: How many of these are right.
        wrong_asked: How many of the others would have been answered wrongly.
    """

    n: int
    answered: int
    right: int
    wrong_asked: int = 0

    @property
    def asked(self) -> int:
        """Number of images that are left to a person."""
        return self.n - self.answered

    @property
    def accuracy(self) -> float | None:
        """Share of the answers that are right; None where nothing is answered."""
        return self.right / self.answered if self.answered else None

    @property
    def interval(self) -> Interval:
        """Its 95 % interval."""
        return wilson(self.right, self.answered)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRule:
    """A threshold of one class, for the images that are taken for it.

    Attributes:
        threshold: A person is asked where the probability of the class is lower.
        found: What it gave on the images that it was chosen by, those taken for this class.
    """

    threshold: float
    found: Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingRule:
    """A threshold and how it was found.

    Attributes:
        threshold: A person is asked where the probability of the class is lower; 0 never asks.
        wish: Share of the answers that should be right; None where a person set the threshold.
        found: What it gave on the images that it was chosen by.
        classes: Class to a threshold of its own, where enough answers were this class to choose one by.
    """

    threshold: float
    wish: float | None
    found: Answered
    classes: Mapping[str, ClassRule] = field(default_factory=dict)

    @property
    def below(self) -> AskBelow:
        """The thresholds of the column."""
        return AskBelow(self.threshold, {name: own.threshold for name, own in self.classes.items()})

    def check(self) -> None:
        """Raise ValueError for values that no rule has."""
        found = self.found
        if self.wish is not None and not 0 < self.wish < 1:
            raise ValueError("a wish that is no share")
        for counts in (found, *(own.found for own in self.classes.values())):
            if not 0 <= counts.right <= counts.answered <= counts.n:
                raise ValueError("more right than answered")
        self.below.check()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingRules:
    """The rule of each label column; of a column without one, answers are given however unsure they are.

    Attributes:
        columns: Name of the column to its rule.
        sets: Name of the column to the classes that are named for an image; where each class has enough
            images to choose them by.
    """

    columns: Mapping[str, AskingRule] = field(default_factory=dict)
    sets: Mapping[str, ClassSets] = field(default_factory=dict)

    @property
    def thresholds(self) -> dict[str, AskBelow]:
        """The thresholds of each column that has any."""
        return {name: rule.below for name, rule in self.columns.items()}


def choose_rule(predictions: Predictions, *, wish: float = USUAL_WISH) -> AskingRule | None:
    """Choose the lowest threshold with which a wished share of the answers is right.

    One more wrong answer is counted than there was, as in conformal prediction: the best of many thresholds
    on a few images would promise too much. So it takes at least 1 / (1 - wish) - 1 images that are all right:
    19 for 95 %.

    Args:
        predictions: Of images that the classifier did not learn from; unlabelled ones do not count.
        wish: Share of the answers that should be right, above 0 and below 1.

    Returns:
        The rule; None where no threshold fulfils the wish.
    """
    part = predictions.labelled()
    if not part.paths:
        return None
    order = (-part.confidence).argsort(kind="stable")
    confidence = part.confidence[order].tolist()
    right = (part.predicted_indices == part.true_indices)[order].cumsum().tolist()
    chosen = None
    for number, sure in enumerate(confidence, 1):
        is_last_of_equal = number == len(confidence) or confidence[number] < sure
        wrong = number - right[number - 1]
        if is_last_of_equal and wrong + 1 <= (1 - wish) * (number + 1) + 1e-9:
            chosen = number
    if chosen is None:
        return None
    threshold = 0.0
    if chosen < len(confidence):
        middle = (confidence[chosen - 1] + confidence[chosen]) / 2
        threshold = min(ceil(middle * STEPS) / STEPS, confidence[chosen - 1])
    return AskingRule(threshold=threshold, wish=wish, found=answered_at(part, AskBelow(threshold)))


def fewest_answers(wish: float) -> int:
    """The smallest number of answers, all of them right, by which a threshold can be chosen.

    Args:
        wish: See `choose_rule`.
    """
    return ceil(1 / (1 - wish) - 1 - 1e-9)


def with_class_rules(rule: AskingRule, predictions: Predictions) -> AskingRule:
    """The rule with a threshold for each class that has enough answers, chosen for the same wish.

    The answers that are a class are judged alone, as `choose_rule` judges all. A class that has too few of
    them, or too many wrong ones, keeps the overall threshold.

    Args:
        rule: With a wish.
        predictions: That it was chosen by.
    """
    part, own = predictions.labelled(), {}
    assert rule.wish is not None
    for index, name in enumerate(part.classes):
        is_taken = part.predicted_indices == index
        found = choose_rule(part.where(is_taken), wish=rule.wish) if is_taken.any() else None
        if found is not None:
            own[name] = ClassRule(threshold=found.threshold, found=found.found)
    below = AskBelow(rule.threshold, {name: one.threshold for name, one in own.items()})
    return replace(rule, classes=own, found=answered_at(part, below))


def answered_at(predictions: Predictions, below: AskBelow) -> Answered:
    """Count what is answered where a person is asked below thresholds.

    Args:
        predictions: Unlabelled images do not count.
        below: Probabilities of the class.
    """
    import numpy as np

    part = predictions.labelled()
    if not part.paths:
        return Answered(n=0, answered=0, right=0)
    is_right = part.predicted_indices == part.true_indices
    thresholds = np.array([below.of(name) for name in part.classes])
    is_answered = part.confidence >= thresholds[part.predicted_indices]
    return Answered(
        n=len(part.paths),
        answered=int(is_answered.sum()),
        right=int((is_right & is_answered).sum()),
        wrong_asked=int((~is_right & ~is_answered).sum()),
    )


def choose_rules(unseen: Mapping[str, Predictions], *, wish: float = USUAL_WISH) -> AskingRules:
    """Choose the rule and the class sets of each label column, where there are any.

    Args:
        unseen: Predictions by label column, see `unseen_predictions`.
        wish: See `choose_rule`.
    """
    found = {name: choose_rule(part, wish=wish) for name, part in unseen.items()}
    sets = {name: choose_sets(part) for name, part in unseen.items()}
    return AskingRules(
        columns={name: rule for name, rule in found.items() if rule is not None},
        sets={name: own for name, own in sets.items() if own is not None},
    )


def asking_json(rule: AskingRule, found: Answered) -> dict[str, Any]:
    """A rule and what it gives, as in `evaluate --json`."""
    return {
        "threshold": rule.threshold,
        **(
            {"classes": {name: _class_json(own) for name, own in rule.classes.items()}}
            if rule.classes
            else {}
        ),
        "wish": rule.wish,
        "n": found.n,
        "answered": found.answered,
        "right": found.right,
        "accuracy": found.accuracy,
        "interval": list(found.interval.pair),
    }


def below_from(asking: Mapping[str, Any]) -> AskBelow:
    """Read the thresholds from what `asking_json` gave.

    Raises:
        ValueError: They are damaged.
    """
    classes = read_value(Mapping[str, Mapping[str, Any]], asking.get("classes") or {})
    below = AskBelow(
        read_value(float, asking.get("threshold")),
        {name: read_value(float, own.get("threshold")) for name, own in classes.items()},
    )
    below.check()
    return below


def _class_json(own: ClassRule) -> dict[str, Any]:
    found = own.found
    return {
        "threshold": own.threshold,
        "n": found.n,
        "answered": found.answered,
        "right": found.right,
        "interval": list(found.interval.pair),
    }


def read_rules(run: RunFolder) -> AskingRules | None:
    """Read the rules of a run; None of runs of versions that had none.

    Raises:
        UserError: The file is damaged.
    """
    if not run.asking.exists():
        return None
    values: Any = run.read_json(run.asking)
    try:
        rules: AskingRules = read_dataclass(AskingRules, values)
        for rule in rules.columns.values():
            rule.check()
        for sets in rules.sets.values():
            sets.check()
    except ValueError as error:
        raise UserError(
            f"{run.asking} is damaged.", mend="Delete it; then no answer is left to a person any more."
        ) from error
    return rules


def write_rules(run: RunFolder, rules: AskingRules) -> None:
    """Write the rules of a run; its predictions and exports follow them from now on."""
    write_json(run.asking, asdict(rules))
