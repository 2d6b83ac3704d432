"""The metadata of an exported ONNX file: written as `metadata_props` and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tlstudio.core.errors import UserError
from tlstudio.core.text_files import parse_json
from tlstudio.core.typed_values import read_classes, read_value
from tlstudio.core.types import Preprocessing, preprocessing_from_values

FORMAT_VERSION = 1

ModelInput = Literal["image", "tensor"]
"""A decoded image of any size, or images already resized and normalised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMetadata:
    """Everything needed to use a model without this program.

    Attributes:
        takes: The input of the graph.
        classes: Class names in the order of the probabilities.
        preprocessing: Inside the graph if that takes an "image"; to be done before if it takes a "tensor".
        card: The model card, plain JSON values.
    """

    takes: ModelInput
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    card: Mapping[str, Any]

    def as_strings(self) -> dict[str, str]:
        """The metadata as names and strings, as ONNX stores them."""
        return {
            "tlstudio_format": str(FORMAT_VERSION),
            "input": self.takes,
            "classes": json.dumps(self.classes, ensure_ascii=False),
            "preprocessing": json.dumps(self.preprocessing.as_values()),
            "card": json.dumps(dict(self.card), ensure_ascii=False),
        }


def read_metadata(strings: Mapping[str, str], *, source: str) -> ModelMetadata:
    """Read what `ModelMetadata.as_strings` wrote.

    Args:
        strings: From the file.
        source: Path of the file, named in errors.

    Raises:
        UserError: The file is not an export of this program, was written by a newer version, or is damaged.
    """
    if "tlstudio_format" not in strings:
        raise UserError(
            f"{source} was not exported by tlstudio: its class names and preprocessing are unknown.",
            mend="Give a model that “tlstudio export” wrote, or the folder of a run.",
        )
    try:
        if int(strings["tlstudio_format"]) > FORMAT_VERSION:
            raise UserError(f"{source} was exported by a newer tlstudio.", mend="Update tlstudio.")
        return _parsed(strings)
    except (KeyError, ValueError) as error:
        raise UserError(
            f"What {source} says about its classes and preprocessing is damaged.",
            mend="Export the model again.",
        ) from error


def _parsed(strings: Mapping[str, str]) -> ModelMetadata:
    classes = read_classes(parse_json(strings["classes"]))
    if not classes:
        raise ValueError("no classes")
    return ModelMetadata(
        takes="tensor" if strings["input"] == "tensor" else "image",
        classes=classes,
        preprocessing=preprocessing_from_values(parse_json(strings["preprocessing"])),
        card=read_value(Mapping[str, Any], parse_json(strings["card"])),
    )
