import pytest
import torch

from tests.training.tiny import tiny_backbone
from tlstudio.data.preprocessing import normalise
from tlstudio.features import table as features_module
from tlstudio.features.images import RunImage
from tlstudio.features.table import Features
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.specs.recipe import AugmentationSettings, HeadSettings
from tlstudio.training.loop.trainable_model import (
    FeatureTable,
    StandardisedHead,
    TrainableModel,
    TrainingImages,
)


def classifier(**head: object) -> Classifier:
    backbone = tiny_backbone()
    torch.manual_seed(1)
    made = build_head(HeadSettings(**head), feature_size=24, classes_count=3)
    return Classifier(backbone=backbone, head=made, classes=("a", "b", "c"))


def inputs(count: int = 5) -> torch.Tensor:
    return torch.randint(
        0, 256, (count, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )


def test_frozen_and_trainable_stages_together_equal_the_classifier():
    whole = classifier().eval()
    x = normalise(inputs(), whole.preprocessing)
    with torch.inference_mode():
        wanted = whole(inputs())
        for line in (None, "top", "middle"):
            side = TrainableModel(whole, first_trainable=line).eval()
            torch.testing.assert_close(side(whole.backbone.run_stages(x, end=line)), wanted)
        torch.testing.assert_close(TrainableModel(whole, first_trainable="stem").eval()(inputs()), wanted)


def test_only_stages_above_the_line_train_and_batchnorm_statistics_stay():
    whole = classifier()
    side = TrainableModel(whole, first_trainable="top")
    side.train()
    assert whole.head.training
    assert whole.backbone.stage("top").training
    assert not whole.backbone.stage("middle").training
    assert not any(m.training for m in whole.modules() if isinstance(m, torch.nn.BatchNorm2d))
    depths = side.depths()
    assert {name.split(".")[1] for name in depths} == {"backbone", "head"}
    assert {depth for name, depth in depths.items() if "head" in name} == {-1}
    assert {depth for name, depth in depths.items() if "backbone" in name} == {0}
    side.eval()
    assert not any(module.training for module in whole.modules())


def test_depth_counts_from_the_top():
    depths = TrainableModel(classifier(), first_trainable="stem").depths()
    found = {name.split(".")[3]: depth for name, depth in depths.items() if "backbone" in name}
    assert found == {"stem": 2, "middle": 1, "top": 0}


def test_a_folded_head_gives_the_same_scores_for_raw_features():
    features = torch.randn(20, 24) * torch.linspace(0.01, 30, 24) + 7
    features[:, 3] = 2.0
    head = StandardisedHead(
        classifier(kind="hidden", hidden_units=8).head, features=Features.of(features)
    ).eval()
    wanted = head(features)
    head.fold()
    torch.testing.assert_close(head.head(features), wanted, rtol=1e-3, atol=1e-3)


def test_mean_and_deviation_by_blocks_equal_those_of_the_table(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(features_module, "BLOCK", 7)
    table = torch.randn(60, 24) * torch.linspace(0.01, 30, 24) + 7
    table[:, 3] = 2.0
    head = StandardisedHead(classifier(kind="hidden").head, features=Features.of(table))
    torch.testing.assert_close(head.mean, table.mean(dim=0))
    deviation = table.std(dim=0, correction=0)
    floor = 1e-3 * float(table.std(correction=0))
    torch.testing.assert_close(head.deviation, deviation.clamp_min(floor), rtol=1e-4, atol=1e-6)


def images(count: int) -> TrainingImages:
    run_images = tuple(
        RunImage(path=f"{n}", file=None, sha256=f"{n}", label=n % 3)  # type: ignore[arg-type]
        for n in range(count)
    )
    return TrainingImages(
        FeatureTable(images=run_images, features=Features.of(torch.arange(count)[:, None].float())), seed=4
    )


def test_an_epoch_sees_every_image_once_in_an_order_of_its_own():
    data = images(23)
    first, second = data.batches(epoch=1, size=5), data.batches(epoch=2, size=5)
    assert [len(batch) for batch in first] == [5, 5, 5, 5, 3]
    for batches in (first, second):
        assert sorted(index for batch in batches for index in batch) == list(range(23))
    assert first != second
    assert first == images(23).batches(epoch=1, size=5)


def test_labels_stay_with_their_images():
    x, y = images(9).batch([4, 2, 7], epoch=1)
    assert x[:, 0].tolist() == [4, 2, 7]
    assert y.tolist() == [1, 2, 1]


def test_fresh_views_change_from_epoch_to_epoch_and_repeat_exactly():
    class Inputs:
        images = tuple(
            RunImage(path=f"{n}", file=None, sha256=f"{n}", label=0)  # type: ignore[arg-type]
            for n in range(5)
        )
        views = ()

        def read(self, indices: list[int], view_indices: object = None) -> torch.Tensor:
            return inputs()[indices]

    augmentation = AugmentationSettings(crop=0.5)
    data = TrainingImages(Inputs(), seed=0, input_augmentation=augmentation)
    one, _ = data.batch([0, 1, 2, 3, 4], epoch=1)
    again, _ = data.batch([4, 3, 2, 1, 0], epoch=1)
    two, _ = data.batch([0, 1, 2, 3, 4], epoch=2)
    assert torch.equal(one, again.flip(0)), "a view does not depend on the order"
    assert not torch.equal(one, two)
