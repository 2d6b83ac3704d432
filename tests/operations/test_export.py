"""Exporting a run."""

import shutil
from pathlib import Path

from tlstudio.core.types import Parity
from tlstudio.export.export import ExportResult


def test_an_exported_run_whose_images_were_moved_predicts_as_the_run_does(trained_run, do, tmp_path):
    run = Path(shutil.copytree(trained_run.run, tmp_path / "run-2"))
    recipe = (run / "recipe.json").read_text(encoding="utf-8")
    (run / "recipe.json").write_text(
        recipe.replace(str(trained_run.images), "/no/longer/here"), encoding="utf-8"
    )
    out = tmp_path / "model.onnx"
    value = do("export", run=run, format="onnx", out=out, images_root=trained_run.images)
    assert set(value) == {"file", "bytes", "parity"}
    assert value["bytes"] == out.stat().st_size
    assert value["parity"]["same_class"] == value["parity"]["n"] == 32
    images = sorted((trained_run.images / "leaves").iterdir())[:3]

    def classes(model: Path) -> list[str]:
        return [row["class"] for row in do("predict", model=model, paths=images)["predictions"]]

    assert classes(run / "checkpoints" / "best.safetensors") == classes(run)
    assert classes(out) == classes(run)


def test_the_format_and_the_place_of_the_images_are_passed_on(trained_run, do, tmp_path, monkeypatch):
    passed = {}

    def export_run(run, *, format_id, out, images_root, **rest):
        passed.update(run=run.path, format_id=format_id, images_root=images_root)
        return ExportResult(file=out, bytes=4, parity=Parity(n=5, same_class=5, max_abs_difference=0.0))

    monkeypatch.setattr("tlstudio.operations.export.export_run", export_run)
    out = tmp_path / "m.onnx"
    value = do("export", run=trained_run.run, out=out, images_root=tmp_path, format="onnx-tensor")
    assert passed == {"run": trained_run.run, "format_id": "onnx-tensor", "images_root": tmp_path}
    parity = {"n": 5, "same_class": 5, "max_abs_difference": 0.0}
    assert value == {"file": str(out), "bytes": 4, "parity": parity}
