"""The classifier (backbone, head, preprocessing and class names) and the single file it is saved in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from tlstudio import __version__
from tlstudio.core.errors import UserError
from tlstudio.core.text_files import parse_json
from tlstudio.core.typed_values import read_classes
from tlstudio.core.types import Preprocessing, preprocessing_from_values
from tlstudio.data.preprocessing import normalise
from tlstudio.models.backbones import load_backbone
from tlstudio.models.heads import Head, build_head
from tlstudio.models.stages import Backbone
from tlstudio.models.tensor_files import read_tensors, save_tensors
from tlstudio.specs.recipe import HeadSettings

FORMAT = "tlstudio-classifier"
FORMAT_VERSION = 1

COPY_AGAIN = "Copy it again from where it was made; a run’s own is made again when the training is resumed."


class Classifier(nn.Module):
    """Backbone, head, preprocessing and class names: the model that is trained, saved and exported.

    Args:
        backbone: Cut into stages.
        head: With one output per class, in the order of `classes`.
        classes: Class names.
        preprocessing: How images are prepared; None takes the backbone's own.

    Raises:
        ValueError: The number of outputs is not the number of classes.
    """

    def __init__(
        self,
        *,
        backbone: Backbone,
        head: Head,
        classes: Sequence[str],
        preprocessing: Preprocessing | None = None,
    ) -> None:
        super().__init__()
        if head.linear.out_features != len(classes):
            raise ValueError(f"{head.linear.out_features} outputs for {len(classes)} classes")
        self.backbone = backbone
        self.head = head
        self.classes: tuple[str, ...] = tuple(classes)
        self.preprocessing = preprocessing or backbone.preprocessing

    def forward(self, x: Tensor) -> Tensor:
        """Compute logits of decoded and resized images, which are normalised here.

        Args:
            x: uint8 [N, 3, S, S], RGB.

        Returns:
            Logits, float [N, K], in the order of `classes`.
        """
        logits: Tensor = self.head(self.backbone(normalise(x, self.preprocessing)))
        return logits

    @torch.inference_mode()
    def probabilities(self, x: Tensor) -> Tensor:
        """Compute probabilities of uint8 [N, 3, S, S] images: float64 [N, K], rows summing to 1.

        Call `eval()` before.
        """
        # The formula of `evaluation.objective`, which lies above this layer.
        logits: Tensor = self(x)
        return logits.double().softmax(dim=1)

    def save(self, path: Path) -> None:
        """Write one safetensors file that is sufficient to load it; moved in place when complete.

        Raises:
            OSError: The disk is full or not writable.
        """
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in self.state_dict().items()}
        save_tensors(path, tensors, metadata=self._metadata())

    def _metadata(self) -> dict[str, str]:
        return {
            "format": FORMAT,
            "format_version": str(FORMAT_VERSION),
            "tlstudio_version": __version__,
            "backbone": self.backbone.id,
            "classes": json.dumps(self.classes, ensure_ascii=False),
            "preprocessing": json.dumps(self.preprocessing.as_values()),
            "head": self.head.settings.model_dump_json(),
        }


def load_classifier(path: Path) -> Classifier:
    """Load a classifier that `Classifier.save` wrote; needs neither a network nor a weights package.

    Args:
        path: The file.

    Returns:
        The classifier in eval mode, on the CPU.

    Raises:
        UserError: Missing, damaged, not a classifier of tlstudio, or written by a newer version.
    """
    metadata, tensors = _read(path)
    if metadata.get("format") != FORMAT:
        raise UserError(f"{path} is not a classifier of tlstudio.", mend="Give a file that tlstudio saved.")
    try:
        if int(metadata["format_version"]) > FORMAT_VERSION:
            raise UserError(
                f"{path} was written by a newer tlstudio ({metadata.get('tlstudio_version', 'unknown')}).",
                mend="Update tlstudio.",
            )
        classes = read_classes(parse_json(metadata["classes"]))
        settings = HeadSettings.model_validate_json(metadata["head"])
        preprocessing = preprocessing_from_values(parse_json(metadata["preprocessing"]))
        backbone_id = metadata["backbone"]
        if not classes:
            raise ValueError("no classes")
    except (KeyError, ValueError) as error:  # pydantic's errors are ValueErrors too
        raise UserError(
            f"What {path} says about its classes and preprocessing is damaged.", mend=COPY_AGAIN
        ) from error
    backbone = load_backbone(backbone_id, pretrained=False)
    classifier = Classifier(
        backbone=backbone,
        head=build_head(settings, feature_size=backbone.feature_size, classes_count=len(classes)),
        classes=classes,
        preprocessing=preprocessing,
    )
    try:
        classifier.load_state_dict(tensors)
    except RuntimeError as error:
        raise UserError(
            f"The weights in {path} do not fit its backbone {backbone.id}.",
            mend="Use the tlstudio version that wrote it, named in the file's record.",
        ) from error
    return classifier.eval()


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    if not path.is_file():
        raise UserError(f"The file {path} is not there.", mend="Check the name and the folder.")
    try:
        return read_tensors(path)
    except ValueError as error:
        raise UserError(
            f"{path} is damaged or not a safetensors file.",
            mend=COPY_AGAIN,
        ) from error
