"""Predict with an ONNX file that this program exported: onnxruntime alone, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tlstudio.core.answer_rules import AnswerRules
from tlstudio.core.ask_below import AskBelow
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError, is_out_of_memory
from tlstudio.core.values import ValueWindow
from tlstudio.evaluation.class_sets import ClassSets
from tlstudio.export.onnx.metadata import ModelMetadata, read_metadata
from tlstudio.inference.predictor import ModelOutput, PredictorInput


class OnnxPredictor:
    """An opened ONNX file. See `Predictor`.

    Args:
        session: Of onnxruntime.
        metadata: Read from the file.
    """

    def __init__(self, session: onnxruntime.InferenceSession, metadata: ModelMetadata) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name
        self.metadata = metadata

    @property
    def columns(self) -> tuple[LabelColumn, ...]:
        """See `Predictor.columns`."""
        return self.metadata.columns

    @property
    def rules(self) -> AnswerRules:
        """See `Predictor.rules`."""
        return self.metadata.rules

    @property
    def takes(self) -> PredictorInput:
        """The kind of image that the graph takes: decoded, or prepared when it does no preprocessing."""
        return "decoded" if self.metadata.takes == "image" else "prepared"

    @property
    def values(self) -> tuple[ValueWindow, ...] | None:
        """See `Predictor.values`; exports of earlier versions have none."""
        return self.metadata.preprocessing.values

    @property
    def ask_below(self) -> Mapping[str, AskBelow]:
        """See `Predictor.ask_below`; exports of earlier versions have none."""
        return self.metadata.ask_below

    @property
    def class_sets(self) -> Mapping[str, ClassSets]:
        """See `Predictor.class_sets`; exports of earlier versions have none."""
        return self.metadata.class_sets

    def output(self, image: NDArray[Any]) -> ModelOutput:
        """See `Predictor.output`."""
        value = image if self.takes == "decoded" else image[np.newaxis]
        try:
            rows = self._session.run(None, {self._input: value})
        except Exception as error:  # onnxruntime's errors have no base class of their own
            if is_out_of_memory(error):
                raise
            raise UserError(
                "The exported model cannot compute this image: its file is damaged, or was changed.",
                mend="Export the model again, or copy it again from where it was made.",
            ) from error
        values = [np.asarray(row, dtype=np.float64).reshape(-1) for row in rows]
        unknown = float(values.pop()[0]) if self.rules.unknown is not None else None
        return ModelOutput(probabilities=np.concatenate(values), unknown=unknown)


def open_onnx(file: Path) -> OnnxPredictor:
    """Open an ONNX file that this program exported.

    Raises:
        UserError: Not there, damaged, not exported by this program, or changed since.
    """
    if not file.is_file():
        raise UserError(
            f"There is no exported model at {file}.",
            mend="Give an .onnx file or a portable folder written by “tlstudio export”.",
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no base class of their own
        raise UserError(
            f"{file} is damaged or not an ONNX model.", mend="Copy it again from where it was made."
        ) from error
    properties = session.get_modelmeta().custom_metadata_map
    metadata = read_metadata(properties, source=str(file))
    if not _fits(session, metadata):
        raise UserError(
            f"The model in {file} does not fit what the file says about it; another program changed it.",
            mend="Export the model again.",
        )
    return OnnxPredictor(session, metadata)


def _fits(session: onnxruntime.InferenceSession, metadata: ModelMetadata) -> bool:
    """Return whether the graph takes what the metadata say, and gives the outputs that they promise."""
    taken, given = session.get_inputs(), session.get_outputs()
    expected = [("tensor(uint8)", 3)] if metadata.takes == "image" else [("tensor(float)", 4)]
    fits_input = [(one.type, len(one.shape)) for one in taken] == expected
    sizes = [len(column.classes) for column in metadata.columns] + [1] * (metadata.rules.unknown is not None)
    return fits_input and [one.shape[1] for one in given if len(one.shape) == 2] == sizes
