"""The whole way on sample images, with the tiny backbone and a stand-in for the export."""

from pathlib import Path

from tlstudio.core.types import Parity
from tlstudio.export.export import ExportResult


def test_the_demo_makes_everything_and_continues_where_it_stopped(do, tmp_path, monkeypatch, photos):
    images = photos()

    def quick_export(run, *, format_id, out, **rest):
        assert run.finished
        out.write_bytes(format_id.encode())
        return ExportResult(file=out, bytes=4, parity=Parity(n=32, same_class=32, max_abs_difference=0.0))

    monkeypatch.setattr("tlstudio.operations.sample.make_sample", lambda sample_id, out, **rest: images)
    monkeypatch.setattr("tlstudio.operations.export.export_run", quick_export)
    value = do("demo", out=tmp_path / "demo")
    assert set(value) == {"images", "run", "model", "report", "train", "export"}
    for key in ("images", "run", "model", "report"):
        assert Path(value[key]).exists(), key
    assert Path(value["model"]).read_bytes() == b"onnx"
    assert value["export"]["parity"]["n"] == 32
    trained = (Path(value["run"]) / "metrics.json").stat().st_mtime_ns
    Path(value["report"]).unlink()
    again = do("demo", out=tmp_path / "demo")
    assert again["train"] == value["train"]
    assert (Path(value["run"]) / "metrics.json").stat().st_mtime_ns == trained
    assert Path(again["report"]).exists()
