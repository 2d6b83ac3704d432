"""The classifier (backbone, head, preprocessing and class names) and the single file it is saved in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tlstudio import __version__
from tlstudio.core.answer_rules import AnswerRules, UnknownRecord, answer_rules_from
from tlstudio.core.dataset import DEFAULT_COLUMN, LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.text_files import parse_json
from tlstudio.core.typed_values import read_classes, read_value
from tlstudio.core.types import Preprocessing, preprocessing_from_values
from tlstudio.data.preprocessing import normalise
from tlstudio.models.backbones import load_backbone
from tlstudio.models.heads import Head, build_head
from tlstudio.models.stages import Backbone
from tlstudio.models.tensor_files import read_tensors, save_tensors
from tlstudio.models.twin_stages import stages_from, with_twin_stages
from tlstudio.models.unknown import UnknownScorer, unknown_scorer_from
from tlstudio.specs.recipe import HeadSettings

FORMAT = "tlstudio-classifier"
FORMAT_VERSION = 4
"""Version 2 has several label columns, version 3 an unknown score, version 4 one with the doubt between
classes; each is written only where needed."""

UNKNOWN = "unknown."
"""Beginning of the names of the tensors of the unknown score."""
COPY_AGAIN = "Copy it again from where it was made; a run’s own is made again when the training is resumed."


class Classifier(nn.Module):
    """Backbone, head, preprocessing and class names: the model that is trained, saved and exported.

    It may have further label columns, each with a head of its own on the same feature. What it computes is
    then that of all columns side by side, the first one's before the others.

    Args:
        backbone: Cut into stages.
        head: With one output per class, in the order of `classes`.
        classes: Class names.
        preprocessing: How images are prepared; None takes the backbone's own.
        column: Name of the label column.
        further: The further label columns, each with its head.

    Raises:
        ValueError: The number of outputs is not the number of classes, or two columns have one name.
    """

    def __init__(
        self,
        *,
        backbone: Backbone,
        head: Head,
        classes: Sequence[str],
        preprocessing: Preprocessing | None = None,
        column: str = DEFAULT_COLUMN,
        further: Sequence[tuple[LabelColumn, Head]] = (),
    ) -> None:
        super().__init__()
        own = LabelColumn(name=column, classes=tuple(classes))
        for labels, one in ((own, head), *further):
            if one.linear.out_features != len(labels.classes):
                raise ValueError(f"{one.linear.out_features} outputs for {len(labels.classes)} classes")
        self.backbone = backbone
        self.head = head
        self.further = nn.ModuleList(one for _, one in further)
        self.columns: tuple[LabelColumn, ...] = (own, *(labels for labels, _ in further))
        if len({labels.name for labels in self.columns}) < len(self.columns):
            raise ValueError("two label columns of one name")
        self.preprocessing = preprocessing or backbone.preprocessing
        self.rules = AnswerRules()
        self.unknown: UnknownScorer | None = None
        self.untrained: Backbone | None = None

    def set_unknown(
        self, scorer: UnknownScorer, *, record: UnknownRecord, untrained: Backbone | None
    ) -> None:
        """Give the classifier an unknown score.

        Args:
            scorer: Takes the feature of the backbone as it was before the training.
            record: How it was made, and how well it works.
            untrained: The stages that training changed, as they were before, see `stages_from`; None where it
                changed none.
        """
        self.unknown, self.untrained = scorer, untrained
        self.rules = replace(self.rules, unknown=record)

    @property
    def trunk(self) -> Backbone:
        """Everything below the heads: the backbone; with `untrained` stages both give a feature."""
        return self.backbone if self.untrained is None else with_twin_stages(self.backbone, self.untrained)

    def unknown_scores(self, features: Tensor) -> Tensor | None:
        """The unknown score [N, 1] of the trunk's output [N, F or 2 F]; None where there is no such score."""
        if self.unknown is None:
            return None
        scores: Tensor = self.unknown(features[:, -self.backbone.feature_size :])
        return scores

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the first label column."""
        return self.columns[0].classes

    @property
    def heads(self) -> tuple[Head, ...]:
        """The head of each label column."""
        return (self.head, *self.further)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of classes of each label column."""
        return tuple(len(column.classes) for column in self.columns)

    def forward(self, x: Tensor) -> Tensor:
        """Compute logits of decoded and resized images, which are normalised here.

        Args:
            x: uint8 [N, 3, S, S], RGB.

        Returns:
            Logits, float [N, K], in the order of `classes`; K counts the classes of all columns.
        """
        return self.answer(self.backbone(normalise(x, self.preprocessing)))

    def answer(self, features: Tensor) -> Tensor:
        """Compute logits [N, K] of features [N, F], those of all label columns side by side.

        Of the output of a trunk with `untrained` stages [N, 2 F] it takes the trained feature.
        """
        if self.untrained is not None:
            features = features[:, : self.backbone.feature_size]
        logits: Tensor = self.head(features)
        return (
            torch.cat([logits, *(one(features) for one in self.further)], dim=1) if self.further else logits
        )

    @torch.inference_mode()
    def probabilities(self, x: Tensor) -> Tensor:
        """Compute probabilities of uint8 [N, 3, S, S] images: float64 [N, K].

        Those of each label column sum to 1. Call `eval()` before.
        """
        return self._probabilities(self(x))

    @torch.inference_mode()
    def outputs(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Compute probabilities and unknown scores of uint8 [N, 3, S, S] images; call `eval()` before.

        Returns:
            As `probabilities`; float64 [N], None without an unknown score.
        """
        features = self.trunk(normalise(x, self.preprocessing))
        scores = self.unknown_scores(features)
        return self._probabilities(self.answer(features)), None if scores is None else scores[:, 0].double()

    def _probabilities(self, logits: Tensor) -> Tensor:
        # The formula of `evaluation.objective`, which lies above this layer.
        return torch.cat(
            [part.double().softmax(dim=1) for part in torch.split(logits, list(self.sizes), dim=1)], dim=1
        )

    def save(self, path: Path) -> None:
        """Write one safetensors file that is sufficient to load it; moved in place when complete.

        Raises:
            OSError: The disk is full or not writable.
        """
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in self.state_dict().items()}
        save_tensors(path, tensors, metadata=self._metadata())

    def _metadata(self) -> dict[str, str]:
        values = {
            "format": FORMAT,
            "format_version": "1",
            "tlstudio_version": __version__,
            "backbone": self.backbone.id,
            "classes": json.dumps(self.classes, ensure_ascii=False),
            "preprocessing": json.dumps(self.preprocessing.as_values()),
            "head": self.head.settings.model_dump_json(),
        }
        if rules := self.rules.as_values():
            values |= {"format_version": str(self.rules.format_version), "answer_rules": json.dumps(rules)}
        if self.untrained is not None:
            values["untrained"] = self.untrained.stage_names[0]
        if not self.further:
            return values
        heads = [one.settings.model_dump(mode="json") for one in self.heads]
        described = [
            {"name": column.name, "classes": column.classes, "head": settings}
            for column, settings in zip(self.columns, heads, strict=True)
        ]
        return {
            **values,
            "format_version": str(max(int(values["format_version"]), 2)),
            "columns": json.dumps(described, ensure_ascii=False),
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
        rules = answer_rules_from(parse_json(metadata.get("answer_rules", "{}")))
        parts = {name.removeprefix(UNKNOWN): one for name, one in tensors.items() if name.startswith(UNKNOWN)}
        scorer = unknown_scorer_from(parts) if rules.unknown else None
        columns = _read_columns(metadata)
        if columns and columns[0][0].classes != classes:
            raise ValueError("other classes in the first label column")
    except (KeyError, ValueError) as error:  # pydantic's errors are ValueErrors too
        raise UserError(
            f"What {path} says about its classes and preprocessing is damaged.", mend=COPY_AGAIN
        ) from error
    backbone = load_backbone(backbone_id, pretrained=False)
    size = backbone.feature_size
    classifier = Classifier(
        backbone=backbone,
        head=build_head(settings, feature_size=size, classes_count=len(classes)),
        classes=classes,
        preprocessing=preprocessing,
        column=columns[0][0].name if columns else DEFAULT_COLUMN,
        further=[
            (column, build_head(own, feature_size=size, classes_count=len(column.classes)))
            for column, own in columns[1:]
        ],
    )
    try:
        if rules.unknown is not None and scorer is not None:
            first = metadata.get("untrained")
            twin = load_backbone(backbone_id, pretrained=False) if first else None
            classifier.set_unknown(
                scorer, record=rules.unknown, untrained=stages_from(twin, first) if twin and first else None
            )
        classifier.load_state_dict(tensors)
    except (RuntimeError, ValueError) as error:
        raise UserError(
            f"The weights in {path} do not fit its backbone {backbone.id}.",
            mend="Use the tlstudio version that wrote it, named in the file's record.",
        ) from error
    return classifier.eval()


def _read_columns(metadata: Mapping[str, str]) -> list[tuple[LabelColumn, HeadSettings]]:
    """The label columns with the settings of their heads; none of a classifier with one column.

    Raises:
        ValueError: What is written there is damaged.
    """
    found = []
    for values in read_value(tuple[Mapping[str, Any], ...], parse_json(metadata.get("columns", "[]"))):
        column = LabelColumn(
            name=read_value(str, values.get("name")), classes=read_classes(values.get("classes"))
        )
        found.append((column, HeadSettings.model_validate(values.get("head"))))
    if not all(column.classes for column, _ in found):
        raise ValueError("no classes")
    return found


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
