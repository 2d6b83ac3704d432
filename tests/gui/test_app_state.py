import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tlstudio.core.files import projects_dir
from tlstudio.gui.app_state import AppState
from tlstudio.project.recent import recent_projects
from tlstudio.project.store import Project
from tlstudio.specs import settings_to_choose

LONG = 20_000


@pytest.fixture
def failures(app_state):
    """Failures that were shown."""
    failures = []
    app_state.failed.connect(failures.append)
    return failures


def open_and_wait(app_state: AppState, folder: Path, qtbot) -> Path:
    with qtbot.waitSignal(app_state.images_changed, timeout=LONG):
        app_state.open_path(folder)
    return app_state.project.folder


def labels(app_state: AppState) -> dict[str, str | None]:
    return {image.path: image.label() for image in app_state.images()}


def trained(app_state: AppState, qtbot) -> None:
    app_state.train()
    qtbot.waitUntil(lambda: app_state.training is None, timeout=LONG)


def test_a_folder_of_images_gets_one_project_however_often_it_is_opened(app_state, photos, qtbot):
    folder = photos()
    first = open_and_wait(app_state, folder, qtbot)
    assert len(app_state.images()) == 24
    assert app_state.recipe() == settings_to_choose(), "nobody has chosen anything yet"
    app_state.update_recipe({"freeze": "head"})
    assert open_and_wait(app_state, folder, qtbot) == first
    assert app_state.recipe()["freeze"] == "head"
    assert first == projects_dir() / folder.parent.name, "“photos” says nothing, so the folder above names it"


def test_folders_of_the_same_name_get_projects_of_their_own(app_state, photos, qtbot):
    first = open_and_wait(app_state, photos(name="a/leaves"), qtbot)
    second = open_and_wait(app_state, photos(name="b/leaves"), qtbot)
    assert (first.name, second.name) == ("leaves", "leaves 2")


def test_the_division_of_newly_labelled_images_is_shown_after_a_training(app_state, photos, qtbot):
    open_and_wait(app_state, photos(), qtbot)
    project = app_state.project
    split = project.split()
    project.save_split(replace(split, assignment={}))
    app_state.folder.was_read.emit()
    assert {image.split for image in app_state.images()} == {None}
    project.save_split(split)
    trained(app_state, qtbot)
    assert None not in {image.split for image in app_state.images()}


def test_a_sample_that_is_asked_for_twice_is_made_once(app_state, qtbot):
    for _ in range(2):
        app_state.open_sample("digits", title="Handwritten digits")
    assert len(app_state.engine.open_jobs()) == 1
    qtbot.waitUntil(lambda: bool(app_state.images()), timeout=3 * LONG)
    assert app_state.project.name == "Handwritten digits"


def test_a_sample_does_not_replace_what_was_opened_while_it_was_made(app_state, photos, qtbot):
    folder = photos()
    app_state.open_sample("digits", title="Handwritten digits")
    app_state.open_path(folder)
    qtbot.waitUntil(lambda: not app_state.engine.open_jobs() and bool(app_state.images()), timeout=3 * LONG)
    assert app_state.project.images_root == folder


def test_a_zip_file_is_unpacked_once_and_opened(app_state, photos, tmp_path, qtbot):
    archive = Path(shutil.make_archive(str(tmp_path / "Wild bees"), "zip", photos(per_class=2)))
    home = open_and_wait(app_state, archive, qtbot)
    assert app_state.project.name == "Wild bees"
    assert app_state.project.images_root == home / "images"
    assert sorted(labels(app_state)) == sorted(
        f"{name}/photo-00{number}.jpg" for name in ("ants", "bees", "leaves") for number in range(2)
    )
    assert open_and_wait(app_state, archive, qtbot) == home


def test_a_project_is_renamed_open_or_not(app_state, photos, qtbot):
    home = open_and_wait(app_state, photos(name="Flowers"), qtbot)
    qtbot.waitUntil(lambda: bool(recent_projects()))
    with qtbot.waitSignal(app_state.project_renamed):
        app_state.rename_project(home, name=" Wild flowers ")
    assert app_state.project.name == recent_projects()[0].name == "Wild flowers"
    assert app_state.project.folder == home
    app_state.close_project()
    app_state.rename_project(home, name="Meadow")
    assert recent_projects()[0].name == "Meadow"
    with Project(home) as project:
        assert project.name == "Meadow"


def test_a_project_is_opened_by_its_folder_and_remembered(app_state, photos, qtbot):
    home = open_and_wait(app_state, photos(name="Flowers"), qtbot)
    app_state.close_project()
    assert app_state.images() == []
    with qtbot.waitSignal(app_state.project_changed):
        app_state.open_path(home)
    assert app_state.project.name == "Flowers"
    assert recent_projects()[0].name == "Flowers"
    assert recent_projects()[0].images == 24


@pytest.mark.parametrize("name", ["model.onnx", "model.safetensors", "run/recipe.json", "export/card.json"])
def test_models_and_runs_are_opened_on_the_use_page(app_state, tmp_path, qtbot, name):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("{}", encoding="utf-8")
    dropped = file if file.suffix != ".json" else file.parent
    with qtbot.waitSignal(app_state.model_opened) as given:
        app_state.open_path(dropped)
    assert given.args == [str(dropped)]
    assert app_state.project is None


def test_what_cannot_be_opened_is_explained(app_state, tmp_path, failures):
    single = tmp_path / "photo.jpg"
    single.touch()
    app_state.open_path(single)
    app_state.open_path(tmp_path / "gone")
    app_state.open_project(tmp_path)
    assert [failure.what.split(" ")[-1] for failure in failures] == ["file.", "there.", f"{tmp_path}."]
    assert all(failure.mend for failure in failures)
    assert app_state.project is None


def test_a_projects_folder_that_cannot_be_made_is_explained(
    app_state, photos, tmp_path, failures, monkeypatch
):
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("TLSTUDIO_PROJECTS", str(blocked))
    app_state.open_path(photos())
    assert len(failures) == 1
    assert app_state.project is None


def test_a_label_is_on_disk_when_the_call_returns_and_undo_takes_it_back(opened):
    path = opened.images()[0].path
    opened.edits.set_label([path], class_name="wasps")
    with Project(opened.project.folder) as again:
        assert {item.path: item.label() for item in again.images()}[path] == "wasps"
    assert labels(opened)[path] == "wasps"
    assert opened.image(path).label() == "wasps"
    opened.edits.undo()
    assert labels(opened)[path] == "ants"


def test_many_labels_at_once(opened):
    everything = [image.path for image in opened.images()]
    opened.edits.set_label(everything, class_name="insects")
    assert set(labels(opened).values()) == {"insects"}
    opened.edits.undo()
    assert set(labels(opened).values()) == {"ants", "bees", "leaves"}


def test_classes_are_added_renamed_and_refused(opened, qtbot, failures):
    opened.edits.add_class("wasps")
    assert "wasps" in opened.project.classes()
    opened.edits.rename_class("ants", "bees")
    assert set(labels(opened).values()) == {"bees", "leaves"}
    opened.edits.add_class("  ")
    assert failures[0].what == "A class needs a name."


def test_a_new_split_is_drawn(opened, qtbot):
    with qtbot.waitSignal(opened.images_changed, timeout=LONG):
        opened.divide(validation=0.5, test=0.0, seed=1)
    sides = [image.split for image in opened.images()]
    assert (sides.count("train"), sides.count("validation"), sides.count("test")) == (12, 12, 0)


def test_what_belongs_to_a_strategy_is_replaced_and_not_merged(opened):
    opened.update_recipe({"strategy_options": {"strength": 0.5}, "inputs": {"unlabelled": "/there"}})
    opened.update_recipe({"strategy_options": {"rounds": 3}, "inputs": {}})
    assert opened.recipe() == {"strategy_options": {"rounds": 3}, "inputs": {}}


def test_recipe_changes_are_merged_part_by_part_and_kept(opened):
    opened.update_recipe({"head": {"kind": "hidden"}, "epochs": 3})
    opened.update_recipe({"head": {"dropout": 0.5}})
    with Project(opened.project.folder) as again:
        assert again.draft() == {"head": {"kind": "hidden", "dropout": 0.5}, "epochs": 3}


def test_training_creates_a_run_and_emits_signals(opened, qtbot):
    opened.update_recipe({"epochs": 2})
    changes = []
    opened.training_changed.connect(lambda: changes.append(opened.training is not None))
    trained(opened, qtbot)
    assert changes == [True, False]
    assert opened.run.path.name == "run-1"
    assert opened.run.finished
    qtbot.waitUntil(lambda: recent_projects()[0].best is not None)
    trained(opened, qtbot)
    assert [run.path.name for run in opened.runs()] == ["run-1", "run-2"]


def test_only_one_training_at_a_time(opened, qtbot):
    opened.train()
    first = opened.training
    opened.train()
    assert opened.training is first
    qtbot.waitUntil(lambda: opened.training is None, timeout=LONG)
    assert len(opened.runs()) == 1


def test_a_run_locked_by_another_window_is_explained(opened, qtbot, failures):
    trained(opened, qtbot)
    run = opened.run
    with run.lock():
        opened.resume(run)
        qtbot.waitUntil(lambda: bool(failures), timeout=LONG)
    assert "Another tlstudio is working on the run" in failures[0].what
    assert opened.training is None


def test_threads_come_from_the_settings_unless_the_recipe_sets_them(opened, qtbot):
    opened.threads = 3
    opened.train()
    assert opened.training.request.arguments["recipe"]["threads"] == 3
    qtbot.waitUntil(lambda: opened.training is None, timeout=LONG)
    opened.update_recipe({"threads": 1})
    opened.train()
    assert opened.training.request.arguments["recipe"]["threads"] == 1
    qtbot.waitUntil(lambda: opened.training is None, timeout=LONG)


def test_images_that_moved_are_found_again_with_their_labels(opened, photos, qtbot):
    path = opened.images()[0].path
    opened.edits.set_label([path], class_name="wasps")
    moved = photos(name="elsewhere")
    with qtbot.waitSignal(opened.images_changed, timeout=LONG):
        opened.move_images(moved)
    assert opened.project.images_root == moved
    assert labels(opened)[path] == "wasps"
