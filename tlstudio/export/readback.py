"""Reads an export back in a process of its own: `python -m tlstudio.export.readback`.

Standard input is one JSON object, `{"format": ID, "model": PATH, "images": [PATH, …], "inputs": FILE.npy}`;
`inputs` holds the same images prepared, float32 [N, 3, S, S], for a model that takes them so. Standard output
is lines of JSON: the name and the classes of each label column, then the probabilities of one image per line.

Nothing but the format's own `open` touches the export, and torch is not imported for it.
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
from tlstudio.export.formats import export_format
from tlstudio.inference.predictor import Predictor
from tlstudio.specs import EXPORTS


def predictions(predictor: Predictor, job: dict[str, Any]) -> Iterator[NDArray[np.float64]]:
    """Yield the probabilities [K] of each image of the job."""
    if predictor.takes == "prepared":
        yield from map(predictor.probabilities, np.load(job["inputs"]))
    else:
        for image in job["images"]:
            yield predictor.probabilities(decode_rgb(Path(image), values=predictor.values).pixels)


def main() -> None:
    """Read the job from standard input and run it."""
    job = json.load(sys.stdin)
    predictor = export_format(EXPORTS.get(job["format"])).open(Path(job["model"]))
    _write_line([[column.name, list(column.classes)] for column in predictor.columns])
    for probabilities in predictions(predictor, job):
        _write_line(probabilities.tolist())


def _write_line(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
