import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tlstudio.data.decode import decode_rgb
from tlstudio.data.preprocessing import normalise, to_input
from tlstudio.export import readback
from tlstudio.models.classifier import Classifier


@pytest.mark.parametrize("kind", ["onnx_export", "tensor_export"])
def test_one_line_per_image(
    kind: str,
    request: pytest.FixtureRequest,
    image_folder: Path,
    classifier: Classifier,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = sorted(image_folder.rglob("*.png"))[:3]
    batch = np.stack([to_input(decode_rgb(file).pixels, classifier.preprocessing) for file in files])
    tensors = [normalise(classifier_input(image), classifier.preprocessing).numpy() for image in batch]
    np.save(tmp_path / "inputs.npy", np.concatenate(tensors))
    job = {
        "model": str(request.getfixturevalue(kind).file),
        "images": [str(file) for file in files],
        "inputs": str(tmp_path / "inputs.npy"),
    }
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(job)))
    readback.main()
    lines = capsys.readouterr().out.splitlines()
    expected = np.concatenate([classifier.probabilities(classifier_input(image)).numpy() for image in batch])
    np.testing.assert_allclose([json.loads(line) for line in lines], expected, atol=1e-5)


def classifier_input(image: np.ndarray):
    import torch

    return torch.from_numpy(image)[None]


def test_it_is_the_exported_file_alone_that_answers() -> None:
    code = (
        "import sys, tlstudio.export.readback;"
        "print([name for name in ('torch', 'timm', 'onnx') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
