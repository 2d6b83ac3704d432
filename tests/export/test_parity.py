from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from tlstudio.core.control import Control
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, ignore
from tlstudio.core.types import Parity, Preprocessing, Split
from tlstudio.data.decode import decode_rgb
from tlstudio.data.splits import read_split
from tlstudio.export import parity
from tlstudio.export.onnx.predictor import open_onnx
from tlstudio.export.parity import check_parity, choose_images
from tlstudio.models.classifier import Classifier
from tlstudio.specs import EXPORTS


def _check(exported: Path, classifier: Classifier, images: list[Path], **options) -> Parity:
    settings = {"spec": EXPORTS.get("onnx"), "run_id": "job", "emit": ignore, "control": Control(), **options}
    return check_parity(exported, classifier, images, **settings)


def test_images_are_chosen_from_the_test_split_first_and_in_many_sizes(
    session_run, image_folder: Path
) -> None:
    split = read_split(session_run.split)
    chosen = choose_images(split, root=image_folder, wanted=12)
    sides = [split.assignment[path.relative_to(image_folder).as_posix()] for path in chosen]
    assert sides == sorted(sides, key=["test", "validation", "train"].index)
    assert sides.count("test") >= 5
    sizes = {decode_rgb(path).pixels.shape for path in chosen}
    assert len(sizes) == 12
    everything = choose_images(split, root=image_folder, wanted=1000)
    assert len(everything) == len(set(everything)) == 42


def test_missing_images_are_not_chosen(image_folder: Path) -> None:
    there = next(image_folder.rglob("*.png")).relative_to(image_folder).as_posix()
    split = Split(
        assignment={there: "train", "bolts/gone.png": "test"},
        seed=0,
        validation_fraction=0,
        test_fraction=0.5,
    )
    assert choose_images(split, root=image_folder) == [image_folder / there]


@pytest.mark.parametrize("kind", ["onnx_export", "tensor_export", "portable_export"])
def test_every_export_was_checked_on_32_images(kind: str, request: pytest.FixtureRequest) -> None:
    parity = request.getfixturevalue(kind).parity
    assert parity.n == parity.same_class == 32
    assert parity.max_abs_difference < 1e-5


def test_images_get_different_predictions(classifier: Classifier, onnx_export, image_folder: Path) -> None:
    # Parity on images that all get the same prediction would prove nothing.
    model = open_onnx(onnx_export.file)
    rows = np.array([model.output(decode_rgb(f).pixels).probabilities for f in image_folder.rglob("*.png")])
    assert len(set(rows.argmax(axis=1))) == 3
    assert rows.std(axis=0).min() > 0.05


def _tampered(file: Path, out: Path, change: float) -> Path:
    model = onnx.load(file)
    for tensor in model.graph.initializer:
        if tensor.name.endswith("linear.bias"):
            bias = numpy_helper.to_array(tensor) + np.array([change, 0, 0], np.float32)
            tensor.CopyFrom(numpy_helper.from_array(bias, tensor.name))
            onnx.save(model, out)
            return out
    raise AssertionError("the head's bias was not found")


def test_a_classifier_that_gives_no_probabilities_is_refused(
    classifier: Classifier, onnx_export, image_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = sorted(image_folder.rglob("*.png"))[:2]
    monkeypatch.setattr(Classifier, "outputs", lambda *_: (torch.full((1, 3), float("nan")), None))
    with pytest.raises(UserError, match="gives no probabilities"):
        _check(onnx_export.file, classifier, images)


def test_a_probability_that_is_not_a_number_is_not_the_same(
    classifier: Classifier, onnx_export, image_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = sorted(image_folder.rglob("*.png"))[:2]
    answers = [[["label", list(classifier.classes)]], *[[[float("nan")] * 3, None]] * 2]
    monkeypatch.setattr(parity, "_read_back", lambda *_, **__: (line for line in answers))
    with pytest.raises(UserError, match="does not give the same answers"):
        _check(onnx_export.file, classifier, images)


@pytest.mark.parametrize("change", [0.02, 50, float("nan")])
def test_tampered_weights_are_refused(
    change: float, classifier: Classifier, onnx_export, image_folder: Path, tmp_path: Path
) -> None:
    images = sorted(image_folder.rglob("*.png"))[:6]
    other = _tampered(onnx_export.file, tmp_path / "other.onnx", change)
    with pytest.raises(UserError, match="does not give the same answers"):
        _check(other, classifier, images)
    assert _check(_tampered(other, other, -change) if change == 50 else onnx_export.file, classifier, images)


def test_progress_is_emitted_and_unreadable_images_are_left_out(
    classifier: Classifier, onnx_export, image_folder: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    images = [broken, *sorted(image_folder.rglob("*.png"))[:3]]
    events: list[Event] = []
    assert _check(onnx_export.file, classifier, images, emit=events.append).n == 3
    assert [event.done for event in events if isinstance(event, StageProgress)] == [1, 2, 3]
    with pytest.raises(UserError, match="no image to check"):
        _check(onnx_export.file, classifier, [broken])


def test_a_truncated_model_is_an_error(
    classifier: Classifier, onnx_export, image_folder: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.onnx"
    cut.write_bytes(onnx_export.file.read_bytes()[:1000])
    with pytest.raises(UserError, match="could not be read back"):
        _check(cut, classifier, sorted(image_folder.rglob("*.png"))[:2])


def test_cancelled_while_reading_back(classifier: Classifier, onnx_export, image_folder: Path) -> None:
    control = Control()

    def cancel(event: Event) -> None:
        if isinstance(event, StageProgress):
            control.cancel()

    with pytest.raises(Cancelled):
        _check(
            onnx_export.file,
            classifier,
            sorted(image_folder.rglob("*.png"))[:4],
            emit=cancel,
            control=control,
        )


class Undecided:
    """A classifier that gives every image the same probabilities, 0.51 and 0.49."""

    columns = (LabelColumn(classes=("a", "b")),)
    sizes = (2,)
    preprocessing = Preprocessing()

    def outputs(self, images: torch.Tensor) -> tuple[torch.Tensor, None]:
        return torch.tensor([[0.51, 0.49]], dtype=torch.float64).expand(len(images), 2), None


@pytest.mark.parametrize(
    ("probabilities", "tolerance", "accepted"),
    [
        ([0.52, 0.48], 0.05, True),
        ([0.49, 0.51], 0.05, True),  # another class, but the two are nearer than the tolerance
        ([0.499, 0.501], 0.012, False),  # near enough, but the classifier tells the two classes apart
        ([0.40, 0.60], 0.05, False),
        ([0.52, 0.48], 0.005, False),
    ],
)
def test_another_class_is_accepted_only_where_the_classifier_is_undecided(
    probabilities: list[float],
    tolerance: float,
    accepted: bool,
    image_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read_back(exported: Path, files: list[Path], **_: object) -> Iterator[list[Any]]:
        yield [["label", ["a", "b"]]]
        yield from [[probabilities, None]] * len(files)

    monkeypatch.setattr(parity, "_read_back", read_back)
    spec = EXPORTS.get("onnx").model_copy(update={"tolerance": tolerance})
    images = sorted(image_folder.rglob("*.png"))[:2]
    with nullcontext() if accepted else pytest.raises(UserError, match="does not give the same answers"):
        result = _check(Path("model"), Undecided(), images, spec=spec)
        assert (result.n, result.same_class) == (2, 2 if probabilities[0] > 0.5 else 0)
