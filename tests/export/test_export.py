import json
import shutil
from pathlib import Path

import onnx
import pytest

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageStarted, WarningRaised
from tlstudio.core.types import Parity, Split
from tlstudio.export import parity
from tlstudio.export.export import export_run
from tlstudio.export.onnx import files
from tlstudio.project.run_exports import exports_file, list_exports
from tlstudio.project.runs import RunFolder
from tlstudio.specs import EXPORTS


def _write_copies_of(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a model made before, so that a test need not trace the network again."""
    monkeypatch.setattr(files, "write_image_model", lambda made, out, *, card: shutil.copy(file, out))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, onnx_export) -> None:
    _write_copies_of(onnx_export.file, monkeypatch)


@pytest.mark.usefixtures("quick")
def test_an_export_is_in_place_and_listed_in_the_run(run: RunFolder, tmp_path: Path) -> None:
    out = tmp_path / "new" / "model.onnx"
    events: list[Event] = []
    result = export_run(run, format_id="onnx", out=out, run_id="job", emit=events.append)
    assert result.file == out
    assert result.bytes == out.stat().st_size > 100_000
    assert [file.name for file in out.parent.iterdir()] == ["model.onnx"]
    assert [event.stage for event in events if isinstance(event, StageStarted)] == ["export", "parity"]
    assert not [event for event in events if isinstance(event, WarningRaised)]
    again = export_run(run, format_id="onnx", out=out)
    other = export_run(run, format_id="onnx", out=run.exports / "model.onnx")
    stored = json.loads((run.exports / "exports.json").read_text(encoding="utf-8"))
    assert stored[1]["file"] == "exports/model.onnx"  # the run may be moved
    listed = list_exports(run)
    assert [entry.file for entry in listed] == [str(again.file), str(other.file)]
    assert listed[0].format == "onnx"
    assert listed[0].parity == Parity(n=32, same_class=32, max_abs_difference=again.parity.max_abs_difference)


def test_an_export_with_other_predictions_leaves_nothing_behind(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, onnx_export
) -> None:
    model = onnx.load(onnx_export.file)
    model.graph.node[-1].CopyFrom(
        onnx.helper.make_node(
            "Softmax", list(model.graph.node[-1].input), list(model.graph.node[-1].output), axis=0
        )
    )
    onnx.save(model, tmp_path / "wrong.onnx")
    _write_copies_of(tmp_path / "wrong.onnx", monkeypatch)
    place = tmp_path / "exports"
    with pytest.raises(UserError, match="does not give the same answers"):
        export_run(run, format_id="onnx", out=place / "model.onnx")
    assert list(place.iterdir()) == []
    place.joinpath("model.onnx").write_bytes(b"an older export")
    with pytest.raises(UserError):
        export_run(run, format_id="onnx", out=place / "model.onnx")
    assert place.joinpath("model.onnx").read_bytes() == b"an older export"
    assert list_exports(run) == []


@pytest.mark.usefixtures("quick")
def test_a_cancelled_export_leaves_nothing_behind(run: RunFolder, tmp_path: Path) -> None:
    control = Control()

    def cancel(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == "parity":
            control.cancel()

    with pytest.raises(Cancelled):
        export_run(run, format_id="onnx", out=tmp_path / "x" / "m.onnx", emit=cancel, control=control)
    assert list((tmp_path / "x").iterdir()) == []


def test_wrong_arguments_are_user_errors(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no export format") as caught:
        export_run(run, format_id="tflite", out=tmp_path / "m")
    assert "onnx-tensor" in caught.value.mend
    with pytest.raises(UserError, match="is a folder"):
        export_run(run, format_id="onnx", out=tmp_path)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="already exists"):
        export_run(run, format_id="portable", out=tmp_path / "precious")
    assert (tmp_path / "precious" / "thesis.txt").exists()
    run.best_checkpoint.unlink()
    with pytest.raises(UserError):
        export_run(run, format_id="onnx", out=tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


def test_an_unfinished_run_is_told_so(tmp_path: Path) -> None:
    started = RunFolder(tmp_path / "started")
    started.create()
    with pytest.raises(UserError) as refused:
        export_run(started, format_id="onnx", out=tmp_path / "model.onnx")
    assert "resume the training" in refused.value.mend


def test_missing_images_are_an_error_with_a_mend(run: RunFolder, tmp_path: Path, image_folder: Path) -> None:
    text = run.recipe.read_text(encoding="utf-8")
    run.recipe.write_text(text.replace(str(image_folder), str(tmp_path / "gone")), encoding="utf-8")
    with pytest.raises(UserError, match="no longer at") as caught:
        export_run(run, format_id="onnx", out=tmp_path / "m.onnx")
    assert "where they are now" in caught.value.mend
    (tmp_path / "gone").mkdir()
    with pytest.raises(UserError, match="no longer at"):
        export_run(run, format_id="onnx", out=tmp_path / "m.onnx")
    with pytest.raises(UserError, match="None of the images of this run is in"):
        export_run(run, format_id="onnx", out=tmp_path / "m.onnx", images_root=tmp_path / "gone")


@pytest.mark.usefixtures("quick")
def test_fewer_images_than_wanted_are_all_used_with_a_warning(
    run: RunFolder, tmp_path: Path, image_folder: Path
) -> None:
    few = shutil.copytree(image_folder, tmp_path / "few")
    for file in sorted(few.rglob("*.png"))[5:]:
        file.unlink()
    events: list[Event] = []
    result = export_run(run, format_id="onnx", out=tmp_path / "m.onnx", images_root=few, emit=events.append)
    assert result.parity.n == 5
    (warning,) = [event for event in events if isinstance(event, WarningRaised)]
    assert "5 images" in warning.message


@pytest.mark.usefixtures("quick")
def test_a_run_that_learned_from_no_image_is_compared_on_those_of_its_folder(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = Split(assignment={}, seed=0, validation_fraction=0.15, test_fraction=0.15)
    monkeypatch.setattr("tlstudio.export.export.read_run_split", lambda run: nothing)
    monkeypatch.setattr(
        "tlstudio.export.export.check_parity",
        lambda out, classifier, images, **_: Parity(
            n=len(images), same_class=len(images), max_abs_difference=0.0
        ),
    )
    assert export_run(run, format_id="onnx", out=tmp_path / "m.onnx").parity.n == 32


@pytest.mark.usefixtures("quick")
def test_an_older_portable_folder_is_replaced_completely(run: RunFolder, tmp_path: Path) -> None:
    out = tmp_path / "folder"
    export_run(run, format_id="portable", out=out)
    (out / "left-over.txt").touch()
    export_run(run, format_id="portable", out=out)
    assert not (out / "left-over.txt").exists()
    assert (out / "predict.py").exists()
    assert {file.name for file in tmp_path.iterdir()} >= {"folder"}
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".export")]


def test_a_damaged_list_of_exports_counts_as_empty(run: RunFolder) -> None:
    run.exports.mkdir()
    exports_file(run).write_text("{not json")
    assert list_exports(run) == []


def test_exports_in_full_precision_promise_three_digits_on_32_images() -> None:
    assert all(EXPORTS.get(format_id).tolerance <= 1e-3 for format_id in ("onnx", "onnx-tensor", "portable"))
    assert parity.WANTED_IMAGES >= 32


@pytest.mark.usefixtures("quick")
def test_a_damaged_list_of_exports_begins_anew_and_is_told(run: RunFolder, tmp_path: Path) -> None:
    exports_file(run).parent.mkdir(exist_ok=True)
    exports_file(run).write_text("[{")
    events: list[Event] = []
    result = export_run(run, format_id="onnx", out=tmp_path / "model.onnx", emit=events.append)
    (warned,) = [event for event in events if isinstance(event, WarningRaised)]
    assert "exports.json could not be read" in warned.message
    assert [entry.file for entry in list_exports(run)] == [str(result.file)]
