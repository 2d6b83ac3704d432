"""The contract that every export format keeps, and toy formats that join without another edit."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conftest import Once
from tests.export.conftest import (  # noqa: F401
    image_folder,
    session_classifier,
    session_run,
    tell_classes_apart,
)
from tests.extensions.using import extended
from tests.models.scored import with_score
from tests.training.tiny import tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.events import ignore
from tlstudio.core.types import Parity
from tlstudio.data.decode import decode_rgb
from tlstudio.data.preprocessing import to_input
from tlstudio.export.card import build_card
from tlstudio.export.formats import export_format
from tlstudio.export.opening import is_exported, open_exported
from tlstudio.export.parity import check_parity
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.models.unknown import unknown_scorer_from
from tlstudio.specs import EXPORTS
from tlstudio.specs.recipe import HeadSettings
from tlstudio.specs.spec import ExportSpec

CLASSES = ("ants", "bees & <wasps>", "Grashüpfer")
SHIPPED = EXPORTS.ids()
TOYS = ("toy-arrays",)


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    """The toy formats are known here and in processes that are started."""
    with pytest.MonkeyPatch.context() as patch, extended(patch):
        yield


@pytest.fixture(autouse=True)
def _quick(request: pytest.FixtureRequest) -> None:
    """Shipped formats are read back by a forked process, but for the test of a fresh one."""
    if "spec" not in request.fixturenames or "fresh" in request.node.name:
        return
    if request.getfixturevalue("spec").id in SHIPPED:
        request.getfixturevalue("quick_readback")


@pytest.fixture(scope="module", params=[*SHIPPED, *TOYS])
def spec(request: pytest.FixtureRequest) -> ExportSpec:
    return EXPORTS.get(request.param)


@pytest.fixture(scope="module")
def images(image_folder: Path) -> list[Path]:  # noqa: F811
    return sorted(image_folder.rglob("*.png"))[::3]


@pytest.fixture(scope="module")
def classifier(images: list[Path]) -> Classifier:
    """A tiny one whose predictions differ from image to image."""
    backbone = tiny_backbone()
    head = build_head(HeadSettings(dropout=0.0), feature_size=24, classes_count=3)
    classifier = Classifier(backbone=backbone, head=head, classes=CLASSES).eval()
    tell_classes_apart(classifier, images)
    return classifier


def test_the_images_get_different_predictions(classifier: Classifier, images: list[Path]):
    """Otherwise parity would prove nothing."""
    inputs = [to_input(decode_rgb(image).pixels, classifier.preprocessing) for image in images]
    probabilities = classifier.probabilities(torch.stack(inputs))
    assert set(probabilities.argmax(dim=1).tolist()) == {0, 1, 2}


@pytest.fixture(scope="module")
def card(session_run, session_classifier: Classifier) -> dict[str, Any]:  # noqa: F811
    return build_card(session_run, session_classifier)


@pytest.fixture(scope="module")
def exported(spec: ExportSpec, classifier: Classifier, card: dict[str, Any], once: Once) -> Path:
    name = f"model{spec.suffix}"
    made = once(
        f"contract-{spec.id}",
        lambda folder: export_format(spec).write(classifier, folder / name, card=card),
    )
    return made / name


def _check(exported: Path, classifier: Classifier, images: list[Path], spec: ExportSpec) -> Parity:
    return check_parity(exported, classifier, images, spec=spec, run_id="", emit=ignore, control=Control())


def test_the_toy_formats_are_found_by_their_files_alone():
    assert not set(TOYS) & set(SHIPPED)
    assert set(EXPORTS.ids()) >= {*SHIPPED, *TOYS}


def test_exactly_one_format_is_the_default():
    assert [spec.default for spec in EXPORTS].count(True) == 1


def test_an_export_read_back_in_a_fresh_process_predicts_the_same(
    spec: ExportSpec, exported: Path, classifier: Classifier, images: list[Path]
):
    parity = _check(exported, classifier, images, spec)
    assert parity.n == parity.same_class == len(images)
    assert parity.max_abs_difference <= spec.tolerance


def test_an_export_is_recognised_and_opened_by_its_path(
    spec: ExportSpec, exported: Path, classifier: Classifier
):
    assert spec.matches(exported)
    assert is_exported(exported)
    predictor = export_format(spec).open(exported)
    assert predictor.columns == classifier.columns
    if predictor.takes == "decoded":
        assert open_exported(exported).columns == classifier.columns
    else:
        with pytest.raises(UserError, match="prepared images only"):
            open_exported(exported)


def test_class_names_in_another_order_are_refused(
    spec: ExportSpec, exported: Path, classifier: Classifier, images: list[Path]
):
    reversed_names = Classifier(
        backbone=classifier.backbone, head=classifier.head, classes=classifier.classes[::-1]
    ).eval()
    with pytest.raises(UserError, match="not in the same order"):
        _check(exported, reversed_names, images, spec)


def test_probabilities_in_another_order_are_refused(
    spec: ExportSpec, exported: Path, classifier: Classifier, images: list[Path]
):
    with pytest.raises(UserError, match="does not give the same answers"):
        _check(exported, _changed(classifier, lambda rows: rows.flip(0)), images, spec)


def test_changed_weights_are_refused(
    spec: ExportSpec, exported: Path, classifier: Classifier, images: list[Path]
):
    def change(rows: torch.Tensor) -> torch.Tensor:
        return rows + torch.tensor([1.0, 0.0, 0.0]).view(3, *[1] * (rows.ndim - 1)) * rows.abs().mean()

    with pytest.raises(UserError, match="does not give the same answers"):
        _check(exported, _changed(classifier, change), images, spec)


def _changed(classifier: Classifier, change: Any) -> Classifier:
    """A copy whose head has other weights and biases."""
    head = copy.deepcopy(classifier.head)
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.copy_(change(parameter))
    return Classifier(backbone=classifier.backbone, head=head, classes=classifier.classes).eval()


def test_a_truncated_export_is_refused(
    spec: ExportSpec, exported: Path, classifier: Classifier, images: list[Path], tmp_path: Path
):
    copied = tmp_path / exported.name
    shutil.copytree(exported, copied) if exported.is_dir() else shutil.copy(exported, copied)
    for file in [copied] if copied.is_file() else sorted(copied.iterdir()):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(UserError):
        export_format(spec).open(copied)
    with pytest.raises(UserError, match="could not be read back"):
        _check(copied, classifier, images[:2], spec)


def test_a_missing_export_is_a_user_error(spec: ExportSpec, tmp_path: Path):
    with pytest.raises(UserError):
        export_format(spec).open(tmp_path / f"missing{spec.suffix}")


@pytest.fixture(scope="module")
def two_answers(classifier: Classifier) -> Classifier:
    """The same with a further label column whose answers differ as well."""
    torch.manual_seed(1)
    further = build_head(HeadSettings(dropout=0.0), feature_size=24, classes_count=2)
    own = classifier.head.linear
    with torch.no_grad():
        further.set_linear(own.weight[:2].flip(0) * 2, own.bias[:2].flip(0) * 2)
    health = LabelColumn(name="health, of it", classes=("ill", "wéll"))
    return Classifier(
        backbone=classifier.backbone,
        head=classifier.head,
        classes=classifier.classes,
        column="species",
        further=[(health, further)],
    ).eval()


def test_an_export_of_two_label_columns_gives_both_answers(
    spec: ExportSpec, two_answers: Classifier, card: dict[str, Any], images: list[Path], tmp_path: Path
):
    out = tmp_path / f"model{spec.suffix}"
    export_format(spec).write(two_answers, out, card=card)
    parity = _check(out, two_answers, images, spec)
    assert parity.n == parity.same_class == len(images)
    assert export_format(spec).open(out).columns == two_answers.columns
    swapped = copy.deepcopy(two_answers)
    linear = swapped.heads[1].linear
    swapped.heads[1].set_linear(linear.weight.detach().flip(0), linear.bias.detach().flip(0))
    with pytest.raises(UserError, match="does not give the same answers"):
        _check(out, swapped, images, spec)
    alone = Classifier(
        backbone=two_answers.backbone, head=two_answers.head, classes=two_answers.classes
    ).eval()
    with pytest.raises(UserError, match="its classes are not those of the run"):
        _check(out, alone, images, spec)


@pytest.fixture(scope="module")
def scored(classifier: Classifier, images: list[Path]) -> Classifier:
    """The same with an unknown score, by the nearest of its own images."""
    inputs = [to_input(decode_rgb(image).pixels, classifier.preprocessing) for image in images]
    return with_score(classifier, torch.stack(inputs), by_classes=False)


def test_an_export_gives_the_unknown_score_or_is_refused(
    spec: ExportSpec, scored: Classifier, card: dict[str, Any], images: list[Path], tmp_path: Path
):
    inputs = torch.stack([to_input(decode_rgb(image).pixels, scored.preprocessing) for image in images])
    scores = scored.outputs(inputs)[1]
    assert scores is not None
    assert float(scores.max() - scores.min()) > 0.1, "parity would prove nothing"
    out = tmp_path / f"model{spec.suffix}"
    export_format(spec).write(scored, out, card=card)
    assert export_format(spec).open(out).rules == scored.rules
    parity = _check(out, scored, images, spec)
    assert parity.n == parity.same_class == len(images)
    assert scored.unknown is not None
    assert scored.rules.unknown is not None
    moved = {**scored.unknown.state_dict(), "anchors": scored.unknown.anchors * 1.05}
    shifted = copy.deepcopy(scored)
    shifted.set_unknown(unknown_scorer_from(moved), record=scored.rules.unknown, untrained=None)
    with pytest.raises(UserError, match="unknown scores differ"):
        _check(out, shifted, images, spec)
    silent = Classifier(backbone=scored.backbone, head=scored.head, classes=scored.classes).eval()
    with pytest.raises(UserError, match="how unlike the training images"):
        _check(out, silent, images, spec)
