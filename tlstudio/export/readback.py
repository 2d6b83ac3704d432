"""Read an exported model back in a process of its own: `python -m tlstudio.export.readback`.

Reads JSON from standard input, `{"model": PATH, "images": [PATH, …], "inputs": FILE.npy}`, and writes one
line of JSON per image: its probabilities. `inputs` holds the same images prepared, for a model that wants
them so.
Imports no torch: what answers here is the exported file alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlstudio.data.decode import decode_rgb
from tlstudio.export.predictor import open_model


def answers(job: dict[str, Any]) -> Iterator[NDArray[np.float64]]:
    """The probabilities [K] of each image of the job."""
    model = open_model(Path(job["model"]))
    if model.metadata.takes == "tensor":
        for value in np.load(job["inputs"]):
            yield model.run(value[np.newaxis])[0]
    else:
        for image in job["images"]:
            yield model.probabilities(decode_rgb(Path(image)).pixels)


def main() -> None:
    """Answer the job of standard input on standard output."""
    job = json.load(sys.stdin)
    for probabilities in answers(job):
        sys.stdout.write(json.dumps(probabilities.tolist()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
