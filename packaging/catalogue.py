"""Measure the backbones of the catalogue and write `tlstudio/models/catalogue.json`.

Run from the repository: `PYTHONPATH=. python packaging/catalogue.py`. Nothing is downloaded: sizes come
from the models' shapes, so a download is said to be "about" so many megabytes.
"""

from __future__ import annotations

import json
from typing import Any

import timm
import torch

from tlstudio.core.files import write_json
from tlstudio.models.backbones import SOURCES
from tlstudio.models.catalogue import NUMBERS, WORDS, BackboneInfo, package_weights
from tlstudio.models.timm_models import recorded_size

# Trained at 518 pixels, which takes over five times as long; see the backbone's summary.
OTHER_INPUT_SIZES = {"vit_small_patch14_dinov2": 224}


def measure(backbone_id: str) -> dict[str, Any]:
    """The numbers of one backbone."""
    words = WORDS[backbone_id]
    info = BackboneInfo(
        **{"id": backbone_id, "extra": None, **words},
        parameters=0,
        input_size=OTHER_INPUT_SIZES.get(backbone_id, recorded_size(words["timm_name"])),
        feature_size=0,
        download_bytes=0,
        stages=(),
    )
    backbone = SOURCES.get(info.source).build(info, weights_file=None)
    size = backbone.preprocessing.input_size
    with torch.inference_mode():
        features = backbone(torch.zeros(1, 3, size, size))
    return {
        "input_size": size,
        "feature_size": features.shape[1],
        "download_bytes": _file_bytes(info),
        "stages": {
            name: sum(tensor.numel() for tensor in backbone.stage(name).parameters())
            for name in backbone.stage_names
        },
    }


def _file_bytes(info: BackboneInfo) -> int:
    packaged = package_weights(info)
    if packaged is not None:
        return packaged.stat().st_size
    with torch.device("meta"):
        model = timm.create_model(info.timm_name, pretrained=False)
    return sum(tensor.nbytes for tensor in model.state_dict().values())


def main() -> None:
    """Write the data file and show what is in it."""
    numbers = {backbone_id: measure(backbone_id) for backbone_id in WORDS}
    write_json(NUMBERS, numbers)
    print(
        json.dumps(
            {key: {**value, "stages": len(value["stages"])} for key, value in numbers.items()}, indent=1
        )
    )


if __name__ == "__main__":
    main()
