"""Says in words what explains a prediction; the window and the command line use the same sentences.

Importing this module loads neither numpy nor torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlstudio.core.percent import percent

MATTERS = 0.1
"""Least further fall of a probability, where it looked against elsewhere, that shows that a map holds."""


def looked_words(found: Mapping[str, Any]) -> str:
    """Say where a classifier looked, and whether covering that part shows that it matters.

    Args:
        found: What the operation `explain-image` returned.
    """
    name = f"“{found['class']}”"
    if found["is_flat"]:
        return f"No part of the image speaks for {name}."
    before, without, elsewhere = (percent(found[key]) for key in ("probability", "without", "elsewhere"))
    fact = (
        f"Bright parts spoke for {name}. Without the brightest quarter it is {without} sure of it instead of "
        f"{before}, without the darkest quarter {elsewhere}."
    )
    if found["elsewhere"] - found["without"] >= MATTERS:
        return f"{fact} So the bright parts do matter."
    return f"{fact} That differs little, so this map alone explains nothing."


def similar_words(found: Mapping[str, Any]) -> str:
    """Say what similar training images are.

    Args:
        found: What the operation `related-images` returned.
    """
    labels = [image["label"] for image in found["similar"]]
    if not labels:
        return "No training image is like this one."
    same = sum(label == found["class"] for label in labels)
    return (
        f"The training images most like this one, as the backbone sees them: {same} of these {len(labels)} "
        f"are labelled {found['class']}."
    )


def pulled_words(found: Mapping[str, Any]) -> str:
    """Say which training images pulled a prediction to its class.

    Args:
        found: What the operation `related-images` returned.
    """
    if not found["pulled"]:
        return (
            "Which training images pulled it there cannot be told: that is known only of a linear head that "
            "was fitted to the training images as they are."
        )
    return (
        f"The training images that pulled it to {found['class']} and away from {found['against']}, each with "
        "its share of that pull. If a label among them is wrong, correct it and train again."
    )
