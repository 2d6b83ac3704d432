"""Figures of a run, on its own test images and on another folder."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import draw_photo
from tests.operations.conftest import CHEAP
from tlstudio.core.ask_below import AskBelow
from tlstudio.core.errors import UserError
from tlstudio.data.splits import read_split
from tlstudio.evaluation.asking import read_rules
from tlstudio.evaluation.predictions import read_predictions_csv
from tlstudio.project.runs import RunFolder


def test_a_run_without_test_images_says_what_to_do(photos, do, tmp_path):
    do("train", folder=photos(), run=tmp_path / "run", recipe={**CHEAP, "split": {"test": 0}})
    with pytest.raises(UserError, match="no images for testing") as caught:
        do("evaluate", run=tmp_path / "run")
    assert "labelled images" in caught.value.mend


def test_damaged_figures_are_reported(trained_run, do, tmp_path):
    run = shutil.copytree(trained_run.run, tmp_path / "run")
    (run / "metrics.json").write_text('{"a": 1}')
    with pytest.raises(UserError, match="is damaged"):
        do("evaluate", run=run)


def found(value, check):
    return [finding for finding in value["findings"] if finding["check"] == check]


def test_classes_the_model_does_not_know_are_left_out_and_named(trained_run, photos, do):
    root = photos(classes=("ants", "bees", "wasps"), per_class=5, seed=3)
    value = do("evaluate", run=trained_run.run, images=root)
    assert value["n"] == 10
    (predictions,) = read_predictions_csv(Path(value["predictions"])).values()
    assert {path.split("/")[0] for path in predictions.paths} == {"ants", "bees"}
    (unknown,) = found(value, "uncounted-images")
    assert "wasps (5)" in unknown["message"]
    assert "ants" not in unknown["message"].split(".")[0]
    assert len(unknown["paths"]) == value["left_out"]["unknown_class"] == 5


def test_loose_images_and_unusable_files_are_named_and_never_a_class(trained_run, photos, do):
    root = photos(classes=("ants", "bees"), per_class=5, seed=3)
    good = (root / "ants" / "photo-000.jpg").read_bytes()
    (root / "loose.jpg").write_bytes(draw_bytes(seed=77))
    (root / "ants" / "cut.jpg").write_bytes(good[: len(good) // 3])
    (root / "bees" / "text.jpg").write_text("hello")
    value = do("evaluate", run=trained_run.run, images=root)
    assert value["n"] == 10
    assert value["left_out"] == {
        "same_file": 0,
        "same_picture": 0,
        "unlabelled": 1,
        "unknown_class": 0,
        "unusable": 2,
    }
    (loose,) = found(value, "uncounted-images")
    assert loose["paths"] == ["loose.jpg"]
    unusable = found(value, "unreadable")
    assert sorted(path for finding in unusable for path in finding["paths"]) == [
        "ants/cut.jpg",
        "bees/text.jpg",
    ]
    assert not any("None" in finding["message"].split() for finding in value["findings"])


def draw_bytes(*, seed: int) -> bytes:
    data = io.BytesIO()
    draw_photo(0, width=80, height=60, seed=seed).save(data, format="JPEG")
    return data.getvalue()


def test_class_names_are_compared_in_one_form(trained_run, photos, do, tmp_path, monkeypatch):
    """A Mac writes é as two signs where Linux writes one."""
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    do(
        "train",
        folder=photos(classes=(composed, "bees"), per_class=8),
        run=tmp_path / "run",
        recipe=CHEAP,
    )
    value = do(
        "evaluate",
        run=tmp_path / "run",
        images=photos(classes=(decomposed, "bees"), per_class=3, seed=5, name="other"),
    )
    assert value["n"] == 6
    assert value["left_out"]["unknown_class"] == 0


def seen_in(trained_run) -> set[str]:
    split = read_split(trained_run.run / "split.csv")
    return {*split.paths("train"), *split.paths("validation")}


def test_the_folder_it_was_trained_on_measures_its_test_images_only(trained_run, do):
    value = do("evaluate", run=trained_run.run, images=trained_run.images)
    own = do("evaluate", run=trained_run.run)
    assert (value["n"], value["confusion"]) == (own["n"], own["confusion"])
    (seen,) = found(value, "seen-images")
    assert set(seen["paths"]) == seen_in(trained_run)
    assert value["left_out"]["same_file"] == len(seen_in(trained_run))
    assert f"it learned from {trained_run.result['images']['train']} and was chosen by" in seen["message"]


def copied(trained_run, to: Path, *, again: bool) -> Path:
    """The training and validation images under other names, perhaps saved again, and one new image."""
    for number, path in enumerate(sorted(seen_in(trained_run))):
        target = to / path.split("/")[0] / f"new-{number}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        if again:
            with Image.open(trained_run.images / path) as image:
                image.save(target.with_suffix(".png"))
        else:
            shutil.copy(trained_run.images / path, target)
    (to / "ants" / "fresh.jpg").write_bytes(draw_bytes(seed=123))
    return to


@pytest.mark.parametrize(("again", "reason"), [(False, "same_file"), (True, "same_picture")])
def test_copies_of_training_images_are_recognised(trained_run, do, tmp_path, again, reason):
    folder = copied(trained_run, tmp_path / "copies", again=again)
    value = do("evaluate", run=trained_run.run, images=folder)
    assert value["n"] == 1
    assert value["left_out"][reason] == len(seen_in(trained_run))
    (predictions,) = read_predictions_csv(Path(value["predictions"])).values()
    assert predictions.paths == ("ants/fresh.jpg",)


def test_a_folder_of_nothing_else_is_refused(trained_run, do, tmp_path):
    folder = copied(trained_run, tmp_path / "copies", again=False)
    (folder / "ants" / "fresh.jpg").unlink()
    with pytest.raises(UserError, match="had a part in the training") as caught:
        do("evaluate", run=trained_run.run, images=folder)
    assert caught.value.mend


def older_run(trained_run, to: Path) -> Path:
    """The run as a version left it that noted no images."""
    run = Path(shutil.copytree(trained_run.run, to))
    (run / "images.csv").unlink()
    return run


def test_images_of_an_older_run_are_compared_while_they_are_there(trained_run, do, tmp_path):
    run = older_run(trained_run, tmp_path / "run")
    value = do("evaluate", run=run, images=trained_run.images)
    assert value["left_out"]["same_file"] == len(seen_in(trained_run))
    assert len(found(value, "seen-images")) == 1


def test_an_older_run_whose_images_are_gone_cannot_be_checked(trained_run, photos, do, tmp_path):
    run = older_run(trained_run, tmp_path / "run")
    for file in (run / "recipe.json", run / "environment.json"):
        values = json.loads(file.read_text(encoding="utf-8"))
        gone = {key: str(tmp_path / "gone") for key in ("images_root", "images") if key in values}
        file.write_text(json.dumps({**values, **gone}), encoding="utf-8")
    value = do("evaluate", run=run, images=photos(per_class=3, seed=7))
    assert value["n"] == 9
    (seen,) = found(value, "seen-images")
    assert seen["severity"] == "warning"
    assert "cannot be checked" in seen["message"]


def test_no_class_the_model_knows_is_an_error(trained_run, photos, do):
    with pytest.raises(UserError, match="ants, bees, leaves"):
        do("evaluate", run=trained_run.run, images=photos(classes=("wasps", "flies"), per_class=2))


def test_the_runs_own_test_images_give_the_runs_figures(trained_run, do, tmp_path):
    """The test images, in a folder of their own, are classified as at the end of training."""
    for path in read_split(trained_run.run / "split.csv").paths("test"):
        (tmp_path / "test" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(trained_run.images / path, tmp_path / "test" / path)
    again = do("evaluate", run=trained_run.run, images=tmp_path / "test")
    stored = do("evaluate", run=trained_run.run)
    assert again["confusion"] == stored["confusion"]
    assert again["n"] == stored["n"] > 0


def test_predictions_are_kept_in_a_file_per_folder(trained_run, photos, do):
    one, other = photos(per_class=3, seed=7), photos(per_class=2, seed=9, name="other")
    value = do("evaluate", run=trained_run.run, images=one)
    file = Path(value["predictions"])
    (predictions,) = read_predictions_csv(file).values()
    assert value["n"] == len(predictions.paths) == 9
    assert sum(map(sum, value["confusion"])) == 9
    again = do("evaluate", run=trained_run.run, images=other)
    assert again["n"] == 6
    assert file.exists()
    assert again["predictions"] != str(file)


def test_findings_of_the_checks_come_with_the_figures(trained_run, photos, do):
    keys = {"check", "severity", "message", "numbers", "paths"}
    own = do("evaluate", run=trained_run.run)
    folder = do("evaluate", run=trained_run.run, images=photos(per_class=3, seed=9))
    for value in (own, folder):
        assert all(set(finding) == keys for finding in value["findings"])
        few = next(finding for finding in value["findings"] if finding["check"] == "too-few-tests")
        assert few["numbers"]["n"] == value["n"]
        assert few["message"].endswith("(Data → Split), or collect more."), "the mend ends the message"


def test_how_the_folders_were_understood_and_values_of_another_kind_are_said(trained_run, photos, do):
    root = photos(classes=("ants", "bees"), per_class=5, seed=3)
    for name in ("ants", "bees"):
        deep = np.asarray(draw_photo(0, width=60, height=50, seed=5).convert("L")).astype(np.uint16) * 100
        Image.fromarray(deep).save(root / name / "deep.png")
    (root / "photos").mkdir()
    for name in ("ants", "bees"):
        (root / name).rename(root / "photos" / name)
    value = do("evaluate", run=trained_run.run, images=root)
    (note,) = found(value, "folders-and-tables")
    assert "Everything lies in “photos”" in note["message"]
    (unseen,) = found(value, "unseen-values")
    assert unseen["message"].startswith("2 images have values of a kind that it was not trained on")


def tabled(root: Path) -> Path:
    """A folder with a table whose column “label” says something else than the classes."""
    files = sorted(root.rglob("*.jpg"))
    rows = [
        f"{file.relative_to(root)},{'yes' if n % 2 else 'no'},{file.parent.name}"
        for n, file in enumerate(files)
    ]
    (root / "labels.csv").write_text("\n".join(["image,label,animal", *rows]))
    return root


def test_the_column_that_was_learned_is_the_one_that_is_judged(photos, do, tmp_path):
    recipe = {**CHEAP, "label_column": "animal"}
    do("train", folder=tabled(photos(per_class=8)), run=tmp_path / "run", recipe=recipe)
    for root in (
        tabled(photos(name="new", per_class=6, seed=5)),
        photos(name="folders", per_class=6, seed=6),
    ):
        figures = do("evaluate", run=tmp_path / "run", images=root)
        assert figures["classes"] == ["ants", "bees", "leaves"]
        assert (figures["n"], figures["left_out"]["unlabelled"]) == (18, 0)


def test_unknown_classes_of_a_further_column_are_told(photos, do, tmp_path):
    recipe = {**CHEAP, "strategy": "multi-task", "label_column": "animal", "inputs": {"columns": "label"}}
    do("train", folder=tabled(photos(per_class=8)), run=tmp_path / "run", recipe=recipe)
    root = tabled(photos(name="new", per_class=6, seed=5))
    table = (root / "labels.csv").read_text().replace(",no,", ",perhaps,", 2)
    (root / "labels.csv").write_text(table)
    figures = do("evaluate", run=tmp_path / "run", images=root)
    (unknown,) = found(figures, "uncounted-images")
    assert "column “label” 2 images" in unknown["message"]
    assert figures["columns"]["label"]["n"] == 16


def test_a_threshold_is_chosen_for_a_wish_or_set_by_hand_and_kept(trained_run, do, tmp_path):
    run = RunFolder(shutil.copytree(trained_run.run, tmp_path / "run"))
    value = do("evaluate", run=run.path, ask_below=0.6)
    assert value["asking"]["threshold"] == 0.6
    assert value["asking"]["wish"] is None
    assert value["asking"]["n"] == value["n"]
    rules = read_rules(run)
    assert rules is not None
    assert rules.thresholds == {"label": AskBelow(0.6)}
    with pytest.raises(UserError, match="cannot show that 99 %") as caught:
        do("evaluate", run=run.path, right=0.999)
    assert "Wish for less" in caught.value.mend
    assert read_rules(run) == rules, "what was kept stays"
    chosen = do("evaluate", run=run.path, right=0.4)["asking"]
    assert chosen["wish"] == 0.4
    assert do("evaluate", run=run.path)["asking"] == chosen
    own = do("evaluate", run=run.path, right=0.4, per_class=True)["asking"]
    assert own["threshold"] == chosen["threshold"]
    assert own["classes"]
    assert read_rules(run).thresholds["label"].classes.keys() == own["classes"].keys()


def test_a_run_of_a_version_without_thresholds_has_none(trained_run, do, tmp_path):
    run = RunFolder(shutil.copytree(trained_run.run, tmp_path / "run"))
    run.asking.unlink(missing_ok=True)
    assert do("evaluate", run=run.path)["asking"] is None
