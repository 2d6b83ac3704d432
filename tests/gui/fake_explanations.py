"""Made-up explanations of predictions, for the stand-in of the engine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tlstudio.operations.context import Context

IMAGES = (".jpg", ".jpeg", ".png")


def explain_image(arguments: Any, context: Context) -> dict:
    picture = arguments.run / "looked.png"
    shutil.copy(arguments.image, picture)
    return {
        "picture": str(picture),
        "class": "bees",
        "probability": 0.9,
        "without": 0.2,
        "elsewhere": 0.88,
        "is_flat": False,
    }


def related_images(arguments: Any, context: Context) -> dict:
    root: Path = arguments.images_root
    files = [file for file in sorted(root.rglob("*")) if file.suffix in IMAGES and file != arguments.image]
    images = [{"path": file.relative_to(root).as_posix(), "label": file.parent.name} for file in files]
    return {
        "images_root": str(root),
        "learned": len(images),
        "similar": [{**image, "similarity": 0.9 - number / 50} for number, image in enumerate(images[:6])],
        "pulled": [{**image, "pull": 0.5 - number / 10} for number, image in enumerate(images[:3])],
        "class": "bees",
        "against": arguments.against or "wasps",
        "explained": 0.99,
    }
