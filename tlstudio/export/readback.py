"""Reads an export back in a process of its own: `python -m tlstudio.export.readback`.

Standard input is one JSON object, `{"format": ID, "model": PATH, "images": [PATH, …], "inputs": FILE.npy}`;
`inputs` holds the same images prepared, float32 [N, 3, S, S], for a model that takes them so. Standard output
is lines of JSON: the name and the classes of each label column, then one image per line, its probabilities
and its unknown score: `[[p, …], u]`, u null where the model gives none.

Nothing but the format's own `open` touches the export, and torch is not imported for it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tlstudio.data.decode import decode_rgb
from tlstudio.export.formats import export_format
from tlstudio.inference.predictor import ModelOutput, Predictor
from tlstudio.specs import EXPORTS


def outputs(predictor: Predictor, job: dict[str, Any]) -> Iterator[ModelOutput]:
    """Yield the output for each image of the job."""
    if predictor.takes == "prepared":
        yield from map(predictor.output, np.load(job["inputs"]))
    else:
        for image in job["images"]:
            yield predictor.output(decode_rgb(Path(image), values=predictor.values).pixels)


def main() -> None:
    """Read the job from standard input and run it."""
    job = json.load(sys.stdin)
    predictor = export_format(EXPORTS.get(job["format"])).open(Path(job["model"]))
    _write_line([[column.name, list(column.classes)] for column in predictor.columns])
    for output in outputs(predictor, job):
        _write_line([output.probabilities.tolist(), output.unknown])


def _write_line(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
