"""Backbones that other installed packages bring."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from tlstudio.core.errors import UserError
from tlstudio.models.backbones import load_backbone, preprocessing_of
from tlstudio.models.catalogue import availability, backbone_info, catalog, pack_problems
from tlstudio.models.packs import installed_packs
from tlstudio.models.timm_models import build_model

NAME = "test_efficientnet"
"""A network of a few thousand weights that timm has for tests."""

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a package named owls with one backbone; further values replace what it says."""

    def forget() -> None:
        installed_packs.cache_clear()
        catalog.cache_clear()

    def make(code: str | None = None, **values: Any) -> Path:
        folder = tmp_path / "site" / "owls"
        folder.mkdir(parents=True)
        torch.manual_seed(3)
        model = build_model(NAME)
        weights = folder / "owls.safetensors"
        save_file(model.state_dict(), weights)
        backbone = load_backbone_stages(model)
        described = {
            "id": "owls",
            "title": "Owls at night",
            "architecture": NAME,
            "weights": "owls.safetensors",
            "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
            "licence": "CC-BY-NC-4.0",
            "pretrained_on": "40 000 photos of owls",
            "summary": "Knows owls.",
            "input_size": 160,
            "feature_size": model.num_features,
            "stages": backbone,
            **values,
        }
        (folder / "__init__.py").write_text(
            code or f"BACKBONES = [{json.dumps(described)}]\n".replace("null", "None")
        )
        info = tmp_path / "site" / "owls-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: owls\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[tlstudio.backbones]\nowls = owls:BACKBONES\n")
        monkeypatch.syspath_prepend(tmp_path / "site")
        monkeypatch.delitem(__import__("sys").modules, "owls", raising=False)
        forget()
        return weights

    yield make
    monkeypatch.undo()
    __import__("sys").modules.pop("owls", None)
    forget()


def load_backbone_stages(model: torch.nn.Module) -> dict[str, int]:
    """The stages that a timm model is cut into."""
    from tlstudio.models.cuts import cut_model

    return {
        name: sum(tensor.numel() for tensor in stage.parameters()) for name, stage in cut_model(model).stages
    }


def test_a_pack_is_in_the_catalogue_and_its_backbone_has_its_weights(install: Install):
    weights = install()
    info = backbone_info("owls")
    assert installed_packs().problems == ()
    assert availability(info).state == "embedded"
    assert (info.licence, info.package, info.download_bytes) == (
        "CC-BY-NC-4.0",
        "owls",
        weights.stat().st_size,
    )
    backbone = load_backbone("owls")
    torch.manual_seed(3)
    model = build_model(NAME)
    x = torch.randn(1, 3, 160, 160)
    with torch.inference_mode():
        torch.testing.assert_close(backbone(x), model(x))


def test_a_pack_sets_its_own_preprocessing(install: Install):
    install(preprocessing={"mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6]})
    own = preprocessing_of("owls")
    assert (own.mean, own.std, own.input_size) == ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6), 160)
    assert load_backbone("owls").preprocessing == own


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"weights": "gone.safetensors"}, "gone.safetensors is not there"),
        ({"title": 3}, "owls"),
        ({"stages": {}}, "stages are not named"),
        ({"input_size": 0}, "sizes are not positive"),
    ],
)
def test_a_faulty_backbone_is_left_out_and_named(install: Install, values: dict[str, Any], words: str):
    install(**values)
    assert "owls" not in {info.id for info in catalog()}
    (problem,) = installed_packs().problems
    assert words in problem


@pytest.mark.parametrize("code", ["BACKBONES = 3", "raise RuntimeError('no')", "x = 1"])
def test_a_package_that_fails_stops_nobody(install: Install, code: str):
    install(code)
    assert "efficientnet_lite0" in {info.id for info in catalog()}
    assert len(installed_packs().problems) == 1


def test_weights_of_another_hash_are_refused(install: Install):
    weights = install()
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match="damaged"):
        load_backbone("owls")


def test_wrong_stages_and_wrong_preprocessing_are_refused(install: Install):
    install(stages={"all": 3}, preprocessing={"mean": 7})
    with pytest.raises(UserError, match="other stages"):
        load_backbone("owls")
    with pytest.raises(UserError, match="preprocessing"):
        preprocessing_of("owls")


def test_the_built_in_backbones_cannot_be_replaced(install: Install):
    install(id="efficientnet_lite0")
    assert backbone_info("efficientnet_lite0").package == ""
    assert any("efficientnet_lite0" in problem for problem in pack_problems())
