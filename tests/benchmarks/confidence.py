"""The worth of confidence on real images: the threshold of "ask a person", a temperature, the calibration.

Usage: python tests/benchmarks/confidence.py [--sets trash6,clothes] [--seeds 0,1,2,3,4] [--strategy ID]
       [--freeze STAGE] [--wish 0.95] [--data FOLDER]

Trains one run per seed and prints one line for each: the threshold chosen for the wished share of right
answers, what is answered of the test images, how much of it is right with its interval, and whether the wish
lies within it; and the class sets. Then the factor for the logits that the images without the test images
would ask for, with the log loss and the calibration error of the test images before and after.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tlstudio.core.control import Control  # noqa: E402 - works without being installed
from tlstudio.core.events import ignore  # noqa: E402
from tlstudio.data.scan import scan_folder  # noqa: E402
from tlstudio.evaluation.asking import Answered, answered_at, choose_rule  # noqa: E402
from tlstudio.evaluation.calibration import expected_calibration_error  # noqa: E402
from tlstudio.evaluation.class_sets import choose_sets, sets_json  # noqa: E402
from tlstudio.evaluation.predictions import Predictions  # noqa: E402
from tlstudio.evaluation.run_result import read_whole_result  # noqa: E402
from tlstudio.evaluation.unseen import unseen_predictions  # noqa: E402
from tlstudio.project.runs import RunFolder  # noqa: E402
from tlstudio.specs.recipe import build_recipe  # noqa: E402
from tlstudio.training.head.temperature import factor_for  # noqa: E402
from tlstudio.training.run.run import train_run  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default="trash6,clothes")
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--strategy", default="linear-probe")
    parser.add_argument("--freeze", default="head")
    parser.add_argument("--recipe", default="{}", help="more settings, as JSON")
    parser.add_argument("--wish", type=float, default=0.95)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    asked = parser.parse_args()
    values = {**json.loads(asked.recipe), "strategy": asked.strategy, "freeze": asked.freeze}
    with tempfile.TemporaryDirectory() as work:
        os.environ.setdefault("TLSTUDIO_CACHE", work)
        for name in asked.sets.split(","):
            print(name)
            dataset, found = scan_folder(asked.data / name), []
            for seed in map(int, asked.seeds.split(",")):
                run = RunFolder(Path(tempfile.mkdtemp(dir=work)) / "run")
                recipe = build_recipe({**values, "seed": seed})
                train_run(dataset, run, recipe, emit=ignore, control=Control())
                answered = measure(run, seed=seed, wish=asked.wish)
                found += [] if answered is None else [answered]
            if found:
                print_sum(found, wish=asked.wish)


def measure(run: RunFolder, *, seed: int, wish: float) -> Answered | None:
    """Print what a run's confidence is worth.

    Returns:
        What is answered of its test images; None where no threshold fulfils the wish.
    """
    result = read_whole_result(run)
    (unseen,) = unseen_predictions(run, result.validation).values()
    test = result.test.primary.predictions
    assert test is not None
    rule, answered = choose_rule(unseen, wish=wish), None
    words = "no threshold fulfils the wish"
    if rule is not None:
        answered = answered_at(test, rule.below)
        low, high = answered.interval.pair
        words = (
            f"below {rule.threshold:.3f}: {answered.answered} of {answered.n} answered, "
            f"{answered.right} right ({low:.2f}–{high:.2f}){'' if low <= wish <= high else ' OUTSIDE'}"
        )
    sets = choose_sets(unseen)
    if sets is not None and (given := sets_json(sets, test)) is not None:
        words += (
            f"; {given['mean_size']:.2f} classes named, with the true one {given['held']} of {given['n']}"
        )
    factor = float(
        factor_for(
            torch.from_numpy(np.log(np.maximum(unseen.probabilities, 1e-15))),
            torch.from_numpy(unseen.true_indices),
        )
    )
    before, after = _judged(test, test.probabilities), _judged(test, _sharpened(test.probabilities, factor))
    print(
        f"  seed {seed}: {accuracy_of(test):.3f} right; {words}; by {len(unseen.paths)} images the factor "
        f"{factor:.2f}: log loss {before[0]:.3f} → {after[0]:.3f}, ECE {before[1]:.3f} → {after[1]:.3f}",
        flush=True,
    )
    return answered


def accuracy_of(test: Predictions) -> float:
    """Share of the test images that are right."""
    return float((test.predicted_indices == test.true_indices).mean())


def _judged(part: Predictions, probabilities: NDArray[np.float64]) -> tuple[float, float]:
    """Log loss and calibration error of probabilities for the images of `part`."""
    of_true = probabilities[np.arange(len(part.paths)), part.true_indices]
    right = probabilities.argmax(axis=1) == part.true_indices
    error = expected_calibration_error(probabilities.max(axis=1), right)
    return float(-np.log(np.maximum(of_true, 1e-15)).mean()), error


def _sharpened(probabilities: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """The probabilities with logits times a factor."""
    logits = factor * np.log(np.maximum(probabilities, 1e-15))
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def print_sum(found: list[Answered], *, wish: float) -> None:
    """Print what is answered over all seeds."""
    answered, right = sum(one.answered for one in found), sum(one.right for one in found)
    within = sum(one.interval.low <= wish <= one.interval.high for one in found)
    share = statistics.mean(one.answered / one.n for one in found)
    print(
        f"  together: {share:.0%} answered, {right} of {answered} right ({right / max(answered, 1):.1%}); "
        f"the wish lies within the interval in {within} of {len(found)}"
    )


if __name__ == "__main__":
    main()
