"""The head that a backbone was pretrained with, of which this app uses only the features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tlstudio.models.catalogue import BackboneInfo, is_packaged, package_weights
from tlstudio.models.weights import read_weights_file

_WEIGHT, _BIAS = "_fc.weight", "_fc.bias"


def source_head(info: BackboneInfo) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Read the head that tells the kinds of things of the images that a backbone was pretrained on.

    Args:
        info: Of the backbone.

    Returns:
        Weights [K, F] and biases [K]; None where they do not come with the weights.

    Raises:
        UserError: The weights file is damaged.
    """
    file = package_weights(info) if is_packaged(info) else None
    if file is None:
        return None
    state = read_weights_file(file)
    if _WEIGHT not in state or _BIAS not in state:
        return None
    return state[_WEIGHT].double().numpy(), state[_BIAS].double().numpy()
