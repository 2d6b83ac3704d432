"""Only words with weights of CLIP from a file: recognised, trained, exported, all without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional

from tests.models.tiny_clip import NAME, forget_tiny_clip, tiny_clip
from tlstudio.data.decode import decode_rgb
from tlstudio.data.preprocessing import normalise, to_input
from tlstudio.evaluation.comparisons import StrategyComparison, read_comparisons
from tlstudio.models.backbones import preprocessing_of
from tlstudio.models.backbones.clip import describe
from tlstudio.models.classifier import load_classifier
from tlstudio.models.words.text_tower import load_text_tower
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import read_recipe

pytestmark = pytest.mark.usefixtures("no_network", "quick_readback")
ID = f"clip:{NAME}"
STEPS = 40


@pytest.fixture
def weights(tmp_path: Path) -> Iterator[Path]:
    yield tiny_clip(tmp_path)
    forget_tiny_clip()
    describe.cache_clear()


def teach(weights: Path, root: Path) -> None:
    """Teach a CLIP model which words go with which photos, as CLIP is pretrained."""
    tower, preprocessing = load_text_tower(ID, weights_file=weights), preprocessing_of(ID)
    model: Any = tower.model
    names = sorted(folder.name for folder in root.iterdir())
    files = [(file, label) for label, name in enumerate(names) for file in sorted((root / name).iterdir())]
    pixels = torch.stack([to_input(decode_rgb(file).pixels, preprocessing) for file, _ in files])
    images, labels = normalise(pixels, preprocessing), torch.tensor([label for _, label in files])
    tokens = tower.tokenizer([f"a {name}" for name in names])
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(STEPS):
        cosines = model.encode_image(images, normalize=True) @ model.encode_text(tokens, normalize=True).T
        logits = model.logit_scale.exp() * cosines
        optimiser.zero_grad()
        functional.cross_entropy(logits, labels).backward()
        optimiser.step()
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, weights)


def comparison(run: Path) -> StrategyComparison:
    found = read_comparisons(RunFolder(run)).strategy
    assert found is not None
    return found


def test_words_that_a_model_has_learned_are_kept_and_export(call, photos, weights: Path, tmp_path: Path):
    root, run = photos(per_class=8), tmp_path / "run"
    teach(weights, root)
    code, result, error = call(
        *("train", root, "--run", run, "--backbone", "clip", "--weights", weights),
        *("--strategy", "zero-shot", "--classes", "leaves: a leaf", "--json"),
    )
    assert code == 0, error
    assert not comparison(run).start_returned
    assert result["test"]["accuracy"] == 1.0
    assert read_recipe(RunFolder(run).recipe).backbone.id == ID
    head = load_classifier(RunFolder(run).best_checkpoint).head
    assert head.settings.kind == "linear"
    # The direction of each row is that of the words; only its length depends on the labels.
    tower = load_text_tower(ID, weights_file=weights)
    words = functional.normalize(tower.embed(["bees", "a bees", "a photo of a bees"]).mean(0), dim=0)
    torch.testing.assert_close(
        functional.normalize(head.linear.weight[1], dim=0), words, atol=1e-5, rtol=1e-4
    )

    file = tmp_path / "model.onnx"
    code, made, error = call("export", run, "--format", "onnx", "--out", file, "--json")
    assert code == 0, error
    assert made["parity"]["same_class"] == made["parity"]["n"] > 0
    code, answers, error = call("predict", file, root / "bees", "--json")
    assert code == 0, error
    assert {answer["class"] for answer in answers} == {"bees"}


def test_words_that_a_model_does_not_know_return_the_plain_head(call, photos, weights: Path, tmp_path: Path):
    run = tmp_path / "run"
    code, _, error = call(
        *("train", photos(per_class=8), "--run", run, "--backbone", ID, "--weights", weights),
        *("--strategy", "zero-shot", "--json"),
    )
    assert code == 0, error
    assert comparison(run).start_returned
    assert comparison(run).sentence in error


def test_weights_without_the_backbone_say_what_to_name(call, photos, weights: Path, tmp_path: Path):
    code, _, error = call("train", photos(per_class=2), "--run", tmp_path / "run", "--weights", weights)
    assert code == 2
    assert "name the backbone “clip”" in error
