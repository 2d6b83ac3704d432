"""The metadata of an exported ONNX file: written as `metadata_props` and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tlstudio.core.answer_rules import AnswerRules, answer_rules_from
from tlstudio.core.ask_below import AskBelow
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.text_files import parse_json
from tlstudio.core.typed_values import read_classes, read_value
from tlstudio.core.types import Preprocessing, preprocessing_from_values
from tlstudio.evaluation.asking import below_from
from tlstudio.evaluation.class_sets import ClassSets

FORMAT_VERSION = 4
"""Version 2 has several label columns, version 3 an unknown score, version 4 one with the doubt between
classes; each is written only where needed."""
UNKNOWN_OUTPUT = "unknown"
"""The last output of the graph, where there is an unknown score: float32 [batch, 1]."""

ModelInput = Literal["image", "tensor"]
"""A decoded image of any size, or images already resized and normalised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMetadata:
    """Everything needed to use a model without this program.

    Attributes:
        takes: The input of the graph.
        columns: The label columns with their classes in the order of the probabilities; one output each.
        preprocessing: Inside the graph if that takes an "image"; to be done before if it takes a "tensor".
        card: The model card, plain JSON values.
        rules: How answers are to be taken; with a rule for the unknown score the graph has that output.
    """

    takes: ModelInput
    columns: tuple[LabelColumn, ...]
    preprocessing: Preprocessing
    card: Mapping[str, Any]
    rules: AnswerRules = field(default_factory=AnswerRules)

    @property
    def ask_below(self) -> dict[str, AskBelow]:
        """Label column to the probabilities below which a person is asked, as the card says.

        Raises:
            ValueError: What the card says of it is damaged.
        """
        rules = read_value(Mapping[str, Mapping[str, Any]], self.card.get("asking") or {})
        return {name: below_from(rule) for name, rule in rules.items()}

    @property
    def class_sets(self) -> dict[str, ClassSets]:
        """Label column to the classes that are named for an image, as the card says.

        Raises:
            ValueError: What the card says of it is damaged.
        """
        sets: dict[str, ClassSets] = read_value(Mapping[str, ClassSets], self.card.get("class_sets") or {})
        for own in sets.values():
            own.check()
        return sets

    def as_strings(self) -> dict[str, str]:
        """The metadata as names and strings, as ONNX stores them."""
        strings = {
            "tlstudio_format": "1",
            "input": self.takes,
            "classes": json.dumps(self.columns[0].classes, ensure_ascii=False),
            "preprocessing": json.dumps(self.preprocessing.as_values()),
            "card": json.dumps(dict(self.card), ensure_ascii=False),
        }
        if rules := self.rules.as_values():
            strings |= {"tlstudio_format": str(self.rules.format_version), "answer_rules": json.dumps(rules)}
        if len(self.columns) == 1:
            return strings
        described = [
            {"name": column.name, "classes": column.classes, "output": output_name(column, number)}
            for number, column in enumerate(self.columns)
        ]
        columns = json.dumps(described, ensure_ascii=False)
        return {
            **strings,
            "tlstudio_format": str(max(int(strings["tlstudio_format"]), 2)),
            "columns": columns,
        }


def output_name(column: LabelColumn, number: int) -> str:
    """The name of the graph's output for a label column.

    Args:
        column: Which one.
        number: Its place; 0 is the first one, whose output is named as that of a model of one column.
    """
    return f"probabilities_{column.name}" if number else "probabilities"


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
    columns = [
        LabelColumn(name=read_value(str, values.get("name")), classes=read_classes(values.get("classes")))
        for values in read_value(tuple[Mapping[str, Any], ...], parse_json(strings.get("columns", "[]")))
    ]
    if columns and (columns[0].classes != classes or not all(column.classes for column in columns)):
        raise ValueError("other classes in the first label column")
    metadata = ModelMetadata(
        takes="tensor" if strings["input"] == "tensor" else "image",
        columns=tuple(columns) or (LabelColumn(classes=classes),),
        preprocessing=preprocessing_from_values(parse_json(strings["preprocessing"])),
        card=read_value(Mapping[str, Any], parse_json(strings["card"])),
        rules=answer_rules_from(parse_json(strings.get("answer_rules", "{}"))),
    )
    _ = metadata.ask_below, metadata.class_sets  # raise where they are damaged
    return metadata
