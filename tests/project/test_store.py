"""The project file keeps labels, splits and drafts, and never loses one."""

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from tlstudio.core.dataset import DataNote, Dataset, Image, LabelColumn, Source, labels_of, shared_labels
from tlstudio.core.errors import UserError
from tlstudio.core.types import ProblemFile, Split
from tlstudio.project.store import ANSWERED, Project, ProjectImage


def image(path: str, class_name: str | None) -> Image:
    return Image(
        path=path, sha256=path.ljust(64, "0"), labels=labels_of(class_name), width=4, height=3, notes=("a",)
    )


def dataset(*images: Image, problems: tuple[ProblemFile, ...] = ()) -> Dataset:
    classes = dict.fromkeys(image.label() for image in images if image.label())
    return Dataset.of_folder(Path("/x"), images=images, problems=problems, classes=classes)


def as_in_project(image: Image) -> ProjectImage:
    return ProjectImage(**{field.name: getattr(image, field.name) for field in fields(image)})


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p", name="Leaves", images_root=tmp_path) as made:
        made.apply_scan(dataset(image("a/1", "a"), image("b/2", "b"), image("3", None)))
        yield made


def labels(project: Project) -> dict[str, str | None]:
    return {image.path: image.label() for image in project.images()}


def test_a_saved_scan_is_read_back_unchanged(project, tmp_path):
    problem = ProblemFile(path="x", code="c", reason="r", mend="m")
    project.apply_scan(dataset(image("a/1", "a"), problems=(problem,)))
    assert project.images() == [as_in_project(image("a/1", "a"))]
    assert project.problems() == [problem]
    assert project.name == "Leaves"
    assert project.images_root == tmp_path


def test_a_note_that_was_answered_offers_nothing_else_until_it_is_asked_again(project):
    note = DataNote(code="division", message="Taken as a division.", mend="If not: X.", choices=("top",))
    project.apply_scan(replace(dataset(image("a/1", "a")), notes=(note,)))
    assert project.dataset().notes == (note,)
    project.save_answer("division")
    (answered,) = project.dataset().notes
    assert answered == replace(note, mend=ANSWERED, choices=())
    assert project.scan_notes() == (note,)
    project.forget_answers()
    assert project.dataset().notes == (note,)


def test_labels_of_a_person_survive_a_new_scan_and_reopening(project):
    project.set_label(["3", "a/1"], class_name="c")
    project.apply_scan(dataset(image("a/1", "a"), image("3", None), image("b/4", "b")))
    with Project(project.folder) as again:
        assert labels(again) == {"3": "c", "a/1": "c", "b/4": "b"}
        assert again.classes() == ["a", "b", "c"]


def test_images_that_were_absent_come_back_with_label_and_split(project):
    project.set_label(["3", "a/1"], class_name="c")
    split = Split(assignment={"3": "test", "a/1": "train"}, seed=3, validation_fraction=0, test_fraction=0.5)
    project.save_split(split)
    unreadable = ProblemFile(path="3", code="unreadable", reason="r", mend="m")
    project.apply_scan(dataset(image("b/2", "b"), problems=(unreadable,)))
    assert labels(project) == {"b/2": "b"}
    project.apply_scan(dataset(image("b/2", "b")))  # away for two scans
    project.rename_class("c", new="d")
    project.apply_scan(dataset(image("a/1", "a"), image("b/2", "b"), image("3", None)))
    assert labels(project) == {"3": "d", "a/1": "d", "b/2": "b"}
    assert project.split() == split
    assert sorted(project.undo()) == ["3", "a/1"]  # the name
    assert sorted(project.undo()) == ["3", "a/1"]  # the labels
    assert labels(project) == {"3": None, "a/1": "a", "b/2": "b"}


def test_undo_applies_to_absent_images(project):
    project.set_label(["3"], class_name="c")
    project.apply_scan(dataset(image("a/1", "a")))
    assert project.undo() == ["3"]
    project.apply_scan(dataset(image("a/1", "a"), image("3", None)))
    assert labels(project)["3"] is None


def test_undo_reverts_whole_steps_in_reverse_order(project):
    before = labels(project)
    project.set_label(["3", "a/1"], class_name="c")
    project.set_label(["b/2"], class_name=None)
    assert project.undo() == ["b/2"]
    assert sorted(project.undo()) == ["3", "a/1"]
    assert labels(project) == before
    assert project.undo() == []


def test_renaming_a_class_keeps_its_images_and_merges_with_a_taken_name(project):
    project.rename_class("a", new="z")
    assert labels(project)["a/1"] == "z"
    project.rename_class("z", new="b")
    assert labels(project)["a/1"] == "b"
    assert project.classes() == ["b"]
    project.apply_scan(dataset(image("a/1", "a"), image("b/2", "b")))
    assert labels(project)["a/1"] == "b", "the folder said nothing new, so the rename stays"


def test_the_split_is_kept_when_images_are_added(project):
    split = Split(
        assignment={"a/1": "train", "b/2": "test"},
        seed=3,
        validation_fraction=0.1,
        test_fraction=0.2,
        notes=("n",),
    )
    project.save_split(split)
    project.apply_scan(dataset(image("a/1", "a"), image("b/2", "b"), image("b/9", "b")))
    assert project.split() == split


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be read" * 30])
def test_a_damaged_project_is_one_user_error(tmp_path, content):
    (tmp_path / "project.sqlite").write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        Project(tmp_path)


def test_a_newer_project_is_refused(project):
    with sqlite3.connect(project.folder / "project.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UserError, match="newer"):
        Project(project.folder)


def test_missing_projects_empty_class_names_and_second_projects_are_refused(project, tmp_path):
    with pytest.raises(UserError, match="no project"):
        Project(tmp_path / "nothing")
    with pytest.raises(UserError, match="name"):
        project.add_class("  ")
    with pytest.raises(UserError, match="already"):
        Project.create(project.folder, name="x", images_root=tmp_path)


def test_a_label_is_on_disk_before_the_call_returns(project):
    code = (
        "import os, signal, sys; from pathlib import Path; from tlstudio.project.store import Project\n"
        "p = Project(Path(sys.argv[1])); p.set_label(['3'], class_name='killed')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(project.folder)], env=dict(os.environ), check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert labels(project)["3"] == "killed"


def test_a_full_disk_is_a_user_error_and_nothing_is_half_saved(project):
    (pages,) = project._connection.execute("PRAGMA page_count").fetchone()
    project._connection.execute(f"PRAGMA max_page_count = {pages}")
    before = labels(project)
    with pytest.raises(UserError, match="full") as raised:
        project.set_label(["3"], class_name="x" * 100_000)
    assert "kept" in raised.value.work
    assert labels(project) == before
    project.set_label(["3"], class_name="y")
    assert labels(project)["3"] == "y"


def test_images_can_be_read_in_parts(project):
    assert [image.path for image in project.images(at_most=2)] == ["3", "a/1"]
    assert [image.path for image in project.images(after="a/1", at_most=2)] == ["b/2"]
    assert project.images_count() == 3
    assert project.problems_count() == 0


def test_split_settings_are_read_without_the_assignment(project):
    assert project.split_settings() is None
    split = Split(assignment={"3": "test"}, seed=3, validation_fraction=0, test_fraction=0.5, notes=("n",))
    project.save_split(split)
    assert project.split_settings() == replace(split, assignment={})


def test_a_path_given_twice_is_labelled_and_undone_once(project):
    project.set_label(["3", "3", "unknown"], class_name="b")
    project.set_label(["a/1"], class_name="b")
    assert project.undo() == ["a/1"]
    assert labels(project) == {"3": "b", "a/1": "a", "b/2": "b"}
    assert project.undo() == ["3"]
    assert labels(project)["3"] is None
    assert project.undo() == []


def test_label_columns_are_independent(project):
    project.set_label(["3", "a/1"], class_name="ill", column="health")
    project.set_label(["3"], class_name="c")
    three = project.image("3")
    assert three.labels == {"label": "c", "health": "ill"}
    assert project.image("b/2").labels == {"label": "b"}
    assert project.classes("health") == ["ill"]
    assert project.classes() == ["a", "b", "c"]
    project.rename_class("ill", new="c", column="health")
    assert project.image("a/1").labels == {"label": "a", "health": "c"}
    columns = project.dataset().columns
    assert [(column.name, column.classes) for column in columns] == [
        ("label", ("a", "b", "c")),
        ("health", ("c",)),
    ]
    assert sorted(project.undo()) == ["3", "a/1"]  # the name
    assert [project.undo(), sorted(project.undo())] == [["3"], ["3", "a/1"]]
    assert labels(project) == {"3": None, "a/1": "a", "b/2": "b"}
    assert project.image("a/1").label("health") is None


def test_a_scan_brings_several_columns_and_leaves_others_alone(project):
    project.set_label(["3"], class_name="ripe", column="state")
    pairs = (("species", "oak"), ("health", "ill"))
    columns = (
        LabelColumn(name="species", classes=("oak",)),
        LabelColumn(name="health", classes=("well", "ill")),
    )
    found = (replace(image("3", None), labels=shared_labels(pairs)), image("a/1", None))
    project.apply_scan(replace(dataset(), columns=columns, images=found))
    assert project.image("3").labels == {**dict(pairs), "state": "ripe"}
    # A folder that no longer says anything about a column that it has takes its label back.
    project.apply_scan(replace(dataset(), columns=columns, images=(image("3", None),)))
    assert project.image("3").labels == {"state": "ripe"}
    assert project.classes("health") == ["well", "ill"]


def test_a_suggestion_is_not_a_label(project):
    project._connection.execute("INSERT INTO labels VALUES ('3', 'label', 'a', 'suggestion', 'now', NULL)")
    assert project.image("3").label() is None
    assert labels(project)["3"] is None


def test_a_renamed_class_stays_renamed_until_the_folder_says_something_new(project):
    project.rename_class("a", new="d")
    project.apply_scan(dataset(image("a/1", "a"), image("a/9", "a")))
    assert labels(project) == {"a/1": "d", "a/9": "d"}
    assert project.classes() == ["d", "b"]
    project.apply_scan(dataset(image("a/1", "e")))
    assert labels(project) == {"a/1": "e"}


def test_the_source_is_the_folder_of_images(project, tmp_path):
    assert project.sources() == [Source(root=tmp_path)]
    project.move_images_root(tmp_path / "elsewhere")
    assert project.dataset().sources == (Source(root=tmp_path / "elsewhere"),)
