"""The contract that every check keeps, whatever it looks for."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

import pytest

from tests.checks.made import (
    dataset,
    epoch,
    evaluation,
    image,
    images,
    pretraining,
    scored_labels,
    strategy,
    teacher,
)
from tests.conftest import TrainedRun
from tests.evaluation.test_enough import CURVE
from tlstudio.checks.data_facts import DataFacts
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import PACKAGES, check_of, run_checks
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.finding import SEVERITIES, finding_from_values
from tlstudio.core.types import ProblemFile, Split
from tlstudio.data.scan import scan_folder
from tlstudio.evaluation.comparisons import Comparisons
from tlstudio.evaluation.left_out import LeftOut
from tlstudio.project.run_images import KnownImage
from tlstudio.project.runs import RunFolder
from tlstudio.specs import CHECKS
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import CheckSpec

DATA = {
    "no images": dataset(),
    "one class": dataset(*images(cat=20)),
    "unlabelled": dataset(image("x.jpg"), image("y.jpg")),
    "sound": dataset(*images(cat=30, dog=30)),
    "poor": dataset(
        *images(cat=100, dog=2),
        image("dog/copy.jpg", sha256="cat/0.jpg"),
        image("cat/copy.jpg", sha256="cat/1.jpg", size=(3, 400)),
        image("Cat/other.jpg"),
        problems=(ProblemFile(path="cat/x", code="truncated", reason="r.", mend="m."),),
        empty=("emu",),
    ),
}
HISTORY = {
    "trained": [epoch(number=0, best=1, train_accuracy=None), epoch(number=1, best=1)],
    "trained without validation": [epoch(correct=0, n=0, validation_loss=None)],
    "trained on one class": [replace(epoch(correct=20), confusion=((20,),))],
    "trained in vain": [epoch(train_accuracy=1.0, correct=0, validation_loss=9.0)],
}
SPLIT = Split(assignment={"cat/0.jpg": "train"}, seed=0, validation_fraction=0, test_fraction=0)
EVALUATIONS = {
    "no test images": evaluation([], []),
    "one image": evaluation([0], [0]),
    "one class in the classifier": evaluation([0] * 5, [0] * 5, classes=("a",), sure=1.0),
    "good": evaluation([0, 1, 2] * 40, [0, 1, 2] * 40),
    "all wrong": evaluation([0, 1, 2] * 4, [1, 2, 0] * 4, sure=1.0),
    "without predictions": replace(
        GOOD := evaluation([0, 1, 2], [0, 1, 0], subset="validation"),
        columns={"label": replace(GOOD.primary, predictions=None)},
    ),
}
SEEN = KnownImage(path="a.jpg", split="train", sha256="s", near_hash="")
LEFT_OUT = {
    "a folder of new images": LeftOut(compared=9, known=9),
    "a folder of images seen before": LeftOut(same={"x": SEEN}, alike={"y": SEEN}, compared=9, known=9),
    "a folder with other things": LeftOut(unlabelled=("l",), unknown={"fly": ("f",)}, unusable=2, known=9),
}
COMPARISONS = {
    "pretraining helped": Comparisons(pretraining=pretraining(0.9, 0.5)),
    "pretraining harmed": Comparisons(pretraining=pretraining(0.3, 0.6)),
    "the start was kept": Comparisons(strategy=strategy(0.7, 0.6, start_returned=True)),
    "the strategy was kept": Comparisons(strategy=strategy(0.7, 0.9)),
    "the student is as good": Comparisons(teacher=teacher(0.8, 0.8)),
    "the student is worse": Comparisons(teacher=teacher(0.6, 0.8)),
}
CURVES = {
    "more images help": CURVE,
    "more images add nothing": replace(CURVE, gain=(0.0, 0.002), expected=CURVE.now, weak_class=""),
    "stages learned": replace(CURVE, stages_learned=True),
}
EVIDENCE = {
    "nothing": Evidence(),
    **{name: Evidence(dataset=part) for name, part in DATA.items()},
    **{f"{name}, looked at": Evidence(dataset=part, data_facts=DataFacts()) for name, part in DATA.items()},
    **{name: Evidence(dataset=DATA["sound"], history=part) for name, part in HISTORY.items()},
    **{name: Evidence(evaluation=part) for name, part in EVALUATIONS.items()},
    **{name: Evidence(evaluation=EVALUATIONS["good"], left_out=part) for name, part in LEFT_OUT.items()},
    **{
        name: Evidence(evaluation=EVALUATIONS["good"], comparisons=part) for name, part in COMPARISONS.items()
    },
    **{
        f"{number} wrong labels": Evidence(
            evaluation=EVALUATIONS["good"], label_scores=scored_labels(wrong=number)
        )
        for number in (0, 2)
    },
    **{name: Evidence(evaluation=EVALUATIONS["good"], learning_curve=part) for name, part in CURVES.items()},
    "a folder of images": Evidence(dataset=DATA["sound"], evaluation=EVALUATIONS["good"], left_out=LeftOut()),
    "all at once": Evidence(
        dataset=DATA["sound"], history=HISTORY["trained"], evaluation=EVALUATIONS["good"], split=SPLIT
    ),
}


@pytest.mark.parametrize("spec", list(CHECKS), ids=lambda spec: spec.id)
def test_each_check_has_its_place_and_says_what_it_needs(spec: CheckSpec):
    assert callable(check_of(spec).examine)
    assert spec.needs
    assert spec.summary.endswith(".")


@pytest.mark.parametrize("subject", list(PACKAGES))
def test_each_implementation_has_a_spec(subject: str):
    folder = import_module(PACKAGES[subject])
    modules = {info.name for info in iter_modules(folder.__path__)}
    assert modules == {spec.module_name for spec in CHECKS if spec.subject == subject}


@pytest.fixture(scope="module")
def run_evidence(trained_run: TrainedRun) -> Evidence:
    """A finished run with its images."""
    return Evidence(run=RunFolder(trained_run.run), dataset=scan_folder(trained_run.images))


@pytest.mark.parametrize("spec", list(CHECKS), ids=lambda spec: spec.id)
def test_findings_are_plain_and_whole(spec: CheckSpec, run_evidence: Evidence, tiny_backbones: None):
    by_features = Evidence(dataset=run_evidence.dataset, data_facts=DataFacts(recipe=Recipe()))
    evidences = {
        **EVIDENCE,
        "a finished run with its images": run_evidence,
        "images with features": by_features,
    }
    sufficient = [
        name for name, evidence in evidences.items() if all(evidence.has(part) for part in spec.needs)
    ]
    assert sufficient, "no evidence is made here that this check could examine"
    for name in sufficient:
        findings = check_of(spec).examine(evidences[name], control=Control())
        assert findings, f"a check that ran has something to say about {name}"
        for finding in findings:
            where = f"{finding} about {name}"
            assert finding.check == spec.id, where
            assert finding.severity in SEVERITIES, where
            assert finding.message.endswith("."), where
            assert finding.mend or not finding.is_warning, where
            assert finding_from_values(json.loads(json.dumps(finding.as_values()))) == finding, where


@pytest.mark.parametrize("subject", list(PACKAGES))
def test_a_cancelled_run_of_the_checks_ends(subject):
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        run_checks(EVIDENCE["trained"], subject=subject, control=control)


def test_without_evidence_nothing_is_said():
    assert [run_checks(Evidence(), subject=subject) for subject in PACKAGES] == [[], []]
