import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tlstudio.data.decode import decode_rgb
from tlstudio.data.preprocessing import normalise, to_input
from tlstudio.export import readback
from tlstudio.models.classifier import Classifier


@pytest.fixture
def job(image_folder: Path, classifier: Classifier, tmp_path: Path) -> dict[str, object]:
    """Three images as files and prepared; the test adds format and model."""
    files = sorted(image_folder.rglob("*.png"))[:3]
    images = torch.stack([to_input(decode_rgb(file).pixels, classifier.preprocessing) for file in files])
    np.save(tmp_path / "inputs.npy", normalise(images, classifier.preprocessing).numpy())
    return {"images": [str(file) for file in files], "inputs": str(tmp_path / "inputs.npy")}


@pytest.mark.parametrize(("kind", "format_id"), [("onnx_export", "onnx"), ("tensor_export", "onnx-tensor")])
def test_classes_come_first_then_one_line_per_image(
    kind: str,
    format_id: str,
    job: dict[str, object],
    request: pytest.FixtureRequest,
    classifier: Classifier,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    job |= {"format": format_id, "model": str(request.getfixturevalue(kind).file)}
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(job)))
    readback.main()
    classes, *rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert classes == [["label", list(classifier.classes)]]
    expected = [
        classifier.probabilities(to_input(decode_rgb(Path(file)).pixels, classifier.preprocessing)[None])[0]
        for file in job["images"]
    ]
    assert [unknown for _, unknown in rows] == [None] * 3
    np.testing.assert_allclose(
        [probabilities for probabilities, _ in rows], torch.stack(expected).numpy(), atol=1e-5
    )


@pytest.mark.parametrize(
    ("kind", "format_id"),
    [("onnx_export", "onnx"), ("tensor_export", "onnx-tensor"), ("portable_export", "portable")],
)
def test_reading_back_imports_neither_torch_nor_the_exporter(
    kind: str, format_id: str, job: dict[str, object], request: pytest.FixtureRequest
) -> None:
    job |= {"format": format_id, "model": str(request.getfixturevalue(kind).file)}
    code = (
        "import sys, tlstudio.export.readback; tlstudio.export.readback.main();"
        "print([name for name in ('torch', 'timm', 'onnx') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(job), capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"
