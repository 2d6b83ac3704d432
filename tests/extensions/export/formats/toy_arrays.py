"""A format that is not ONNX: the weights of the tests' tiny backbone as arrays, computed with by NumPy."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tlstudio.core.answer_rules import answer_rules_from
from tlstudio.core.ask_below import AskBelow
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.inference.predictor import ModelOutput, PredictorInput

if TYPE_CHECKING:
    from tlstudio.models.classifier import Classifier


class ToyPredictor:
    """See `Predictor`."""

    takes: PredictorInput = "prepared"
    values = None
    ask_below: Mapping[str, AskBelow] = {}
    class_sets: Mapping[str, Any] = {}

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = arrays
        self.rules = answer_rules_from(json.loads(str(arrays["rules"])))
        names, sizes = arrays["columns"], arrays["sizes"]
        classes = np.split(arrays["classes"], np.cumsum(sizes)[:-1])
        self.columns = tuple(
            LabelColumn(name=str(name), classes=tuple(map(str, own)))
            for name, own in zip(names, classes, strict=True)
        )

    def output(self, image: NDArray[Any]) -> ModelOutput:
        x = image.astype(np.float64)
        for number, stride in enumerate(self._arrays["strides"]):
            kernel, offset = self._arrays[f"kernel{number}"], self._arrays[f"offset{number}"]
            windows = sliding_window_view(np.pad(x, ((0, 0), (1, 1), (1, 1))), (3, 3), axis=(1, 2))
            x = np.einsum("chwij,ocij->ohw", windows[:, ::stride, ::stride], kernel)
            x = np.maximum(x + offset[:, None, None], 0)
        logits = self._arrays["weight"] @ x.mean(axis=(1, 2)) + self._arrays["bias"]
        parts = np.split(np.exp(logits - logits.max()), np.cumsum(self._arrays["sizes"])[:-1])
        unknown = self._unknown(x.mean(axis=(1, 2))) if "anchors" in self._arrays else None
        return ModelOutput(
            probabilities=np.concatenate([part / part.sum() for part in parts]), unknown=unknown
        )

    def _unknown(self, feature: NDArray[np.float64]) -> float:
        """Of the distance to the nearest images alone, the only one that this format knows."""
        direction = feature / np.linalg.norm(feature)
        nearest = np.sort(self._arrays["images"] @ direction)[-5:]
        low, threshold, far = self._arrays["anchors"]
        beyond = (1 - nearest.mean()) * self._arrays["weight_of_images"] - threshold
        logit = np.log(9) * (beyond / (far - threshold) if beyond > 0 else beyond / (threshold - low))
        return float(1 / (1 + np.exp(-logit)))


class ToyFormat:
    """See `ExportFormat`; each stage must be a 3 × 3 convolution, BatchNorm and ReLU."""

    def write(self, classifier: Classifier, out: Path, *, card: Mapping[str, Any]) -> None:
        columns = classifier.columns
        arrays: dict[str, Any] = {"classes": np.array([name for one in columns for name in one.classes])}
        arrays |= {"columns": np.array([one.name for one in columns]), "sizes": np.array(classifier.sizes)}
        stages = [classifier.backbone.stage(name) for name in classifier.backbone.stage_names]
        for number, (convolution, norm, _) in enumerate(stages):
            scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach()
            arrays[f"kernel{number}"] = (convolution.weight.detach() * scale[:, None, None, None]).numpy()
            arrays[f"offset{number}"] = (norm.bias - norm.running_mean * scale).detach().numpy()
        arrays["strides"] = np.array([convolution.stride[0] for convolution, _, _ in stages])
        layers = [head.linear for head in classifier.heads]
        arrays |= {"weight": np.concatenate([layer.weight.detach().numpy() for layer in layers])}
        arrays |= {"bias": np.concatenate([layer.bias.detach().numpy() for layer in layers])}
        arrays |= {"rules": np.array(json.dumps(classifier.rules.as_values()))}
        if classifier.unknown is not None:
            if list(classifier.unknown.distances) != ["neighbours"] or classifier.untrained is not None:
                raise UserError("This format cannot say when an image is odd.", mend="Take another.")
            arrays |= {"images": classifier.unknown.distances["neighbours"].images.numpy()}
            arrays |= {"anchors": classifier.unknown.anchors.numpy()}
            arrays |= {"weight_of_images": classifier.unknown.weights.numpy()[0]}
        with out.open("wb") as file:
            np.savez(file, **arrays)

    def open(self, path: Path) -> ToyPredictor:
        try:
            with np.load(io.BytesIO(path.read_bytes())) as arrays:
                return ToyPredictor(dict(arrays))
        except Exception as error:
            raise UserError(f"{path} is missing or damaged.", mend="Copy it again.") from error


IMPLEMENTATION = ToyFormat()
