"""What travels inside an exported ONNX file besides the network, and how it is read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tlstudio.core.errors import UserError
from tlstudio.core.types import Preprocessing

FORMAT_VERSION = 1

ModelInput = Literal["image", "tensor"]
"""A decoded image of any size, or images already resized and normalised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMetadata:
    """Everything needed to use a model without this program.

    Attributes:
        takes: What the graph wants as input.
        classes: In the order of the probabilities.
        preprocessing: What the graph does itself ("image"), or what is to be done before ("tensor").
        card: The model card, plain JSON values.
    """

    takes: ModelInput
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    card: Mapping[str, Any]

    def as_strings(self) -> dict[str, str]:
        """As `metadata_props` of ONNX."""
        return {
            "tlstudio_format": str(FORMAT_VERSION),
            "input": self.takes,
            "classes": json.dumps(self.classes, ensure_ascii=False),
            "preprocessing": json.dumps(asdict(self.preprocessing)),
            "card": json.dumps(dict(self.card), ensure_ascii=False),
        }


def read_metadata(strings: Mapping[str, str], *, source: str) -> ModelMetadata:
    """Read back what `ModelMetadata.as_strings` gave.

    Args:
        strings: Of the file.
        source: Named in errors.

    Raises:
        UserError: Not an export of this program, or of a newer version.
    """
    if "tlstudio_format" not in strings:
        raise UserError(
            f"{source} was not exported by tlstudio: its class names and preprocessing are unknown.",
            mend="Give a model that “tlstudio export” wrote, or the folder of a run.",
        )
    if int(strings["tlstudio_format"]) > FORMAT_VERSION:
        raise UserError(f"{source} was exported by a newer tlstudio.", mend="Update tlstudio.")
    preprocessing = json.loads(strings["preprocessing"])
    return ModelMetadata(
        takes="tensor" if strings["input"] == "tensor" else "image",
        classes=tuple(json.loads(strings["classes"])),
        preprocessing=Preprocessing(
            **{
                **preprocessing,
                "mean": tuple(preprocessing["mean"]),
                "std": tuple(preprocessing["std"]),
            }
        ),
        card=json.loads(strings["card"]),
    )
