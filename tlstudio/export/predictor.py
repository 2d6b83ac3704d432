"""Use an exported model: onnxruntime alone, no torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, StageProgress, StageStarted
from tlstudio.core.types import PredictedImage
from tlstudio.data.decode import UnreadableImageError, decode_rgb
from tlstudio.export.metadata import ModelMetadata, read_metadata

MODEL_FILE = "model.onnx"
"""Its name inside a portable folder."""


class ExportedModel:
    """An exported model, ready to answer.

    Args:
        session: Of onnxruntime.
        metadata: Of the file.

    Attributes:
        metadata: Of the file.
    """

    def __init__(self, session: onnxruntime.InferenceSession, metadata: ModelMetadata) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name
        self.metadata = metadata

    @property
    def classes(self) -> tuple[str, ...]:
        """Names in the order of the probabilities."""
        return self.metadata.classes

    def probabilities(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The answer for one decoded image.

        Args:
            pixels: uint8 [H, W, 3], RGB, upright, any size.

        Returns:
            Probabilities [K].
        """
        row: NDArray[np.float64] = self.run(pixels)[0]
        return row

    def predict(
        self, files: Sequence[Path], *, run_id: str, emit: Emit, control: Control
    ) -> Iterator[PredictedImage]:
        """Answers for image files, one at a time; a file that cannot be used is an answer with `error` set.

        Args:
            files: Image files.
            run_id: Written into events.
            emit: Told how far it is.
            control: To cancel.

        Raises:
            Cancelled: The person cancelled.
        """
        emit(StageStarted(run_id=run_id, stage="predict", title="Asking the model", total=len(files)))
        for done, file in enumerate(files, start=1):
            control.check()
            try:
                answer = self.probabilities(decode_rgb(file).pixels)
            except UnreadableImageError as error:
                yield PredictedImage(path=str(file), error=f"{error.reason} {error.mend}")
            else:
                named = dict(zip(self.classes, answer.tolist(), strict=True))
                yield PredictedImage(path=str(file), probabilities=named)
            emit(StageProgress(run_id=run_id, stage="predict", done=done, total=len(files)))

    def run(self, value: NDArray[Any]) -> NDArray[np.float64]:
        """The answer for whatever the graph takes.

        Args:
            value: uint8 [H, W, 3] for a model of whole images, else float32 [N, 3, S, S], normalised.

        Returns:
            Probabilities [N, K]; N is 1 for a whole image.
        """
        answer: NDArray[np.float32] = self._session.run(None, {self._input: value})[0]
        return answer.astype(np.float64)


def is_exported(path: Path) -> bool:
    """Whether a path is meant as an exported model: named .onnx, or a folder that holds one."""
    return path.suffix.lower() == ".onnx" or (path / MODEL_FILE).is_file()


def load_exported(path: Path) -> ExportedModel:
    """Open an exported model that takes whole images.

    Args:
        path: An .onnx file, or a portable folder.

    Raises:
        UserError: Not there, damaged, not exported by this program, or made for prepared images.
    """
    model = open_model(path)
    if model.metadata.takes != "image":
        raise UserError(
            f"{path} takes prepared images only, so it cannot be used on image files.",
            mend="Export again with the format “onnx”, or give the folder of the run.",
        )
    return model


def open_model(path: Path) -> ExportedModel:
    """Open an exported model of any kind; the rules of `load_exported` apply otherwise."""
    file = path / MODEL_FILE if path.is_dir() else path
    if not file.is_file():
        raise UserError(
            f"There is no exported model at {path}.",
            mend="Give an .onnx file or a portable folder written by “tlstudio export”.",
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no base of their own
        raise UserError(
            f"{file} is damaged or not an ONNX model.", mend="Copy it again from where it was made."
        ) from error
    strings = session.get_modelmeta().custom_metadata_map
    return ExportedModel(session, read_metadata(strings, source=str(file)))
