"""Any command of a person, undone, leaves the project as it was before."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.project.store import Project

FOUND = (("a", "x"), ("b", None))
TABLES = ("labels", "classes", "folder_classes", "left_out", "right_labels", "added", "images")
PATHS = st.lists(st.sampled_from(["a", "b", "/far/c"]), max_size=3)
FILES = st.lists(st.sampled_from([Path("/far/c"), Path("/far/d")]), max_size=2)
NAMES = st.sampled_from(["x", "y", "z"])


class UndoMachine(RuleBasedStateMachine):
    """Remembers the tables before each command."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        root = Path(self._folder.name)
        self.project = Project.create(root / "project", name="model", images_root=root)
        images = [Image(path=path, sha256=path, labels=labels_of(name)) for path, name in FOUND]
        self.project.apply_scan(Dataset.of_folder(root, images=images, classes=["x"]))
        self.before: list[dict[str, list[tuple[object, ...]]]] = []

    def teardown(self) -> None:
        self.project.close()
        self._folder.cleanup()

    def tables(self) -> dict[str, list[tuple[object, ...]]]:
        connection = self.project._connection
        return {name: [tuple(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in TABLES}

    def do(self, command: Callable[[], None]) -> None:
        before, step = self.tables(), self.project.last_step()
        command()
        if self.project.last_step() != step:
            self.before.append(before)
        else:
            assert self.tables() == before

    @rule(paths=PATHS, name=st.none() | NAMES)
    def label(self, paths: list[str], name: str | None) -> None:
        self.do(lambda: self.project.set_label(paths, class_name=name))

    @rule(paths=PATHS)
    def call_right(self, paths: list[str]) -> None:
        self.do(lambda: self.project.call_right(paths))

    @rule(paths=PATHS)
    def leave_out(self, paths: list[str]) -> None:
        self.do(lambda: self.project.leave_out(paths))

    @rule(paths=PATHS)
    def bring_back(self, paths: list[str]) -> None:
        self.do(lambda: self.project.bring_back(paths))

    @rule(name=NAMES)
    def add_class(self, name: str) -> None:
        self.do(lambda: self.project.add_class(name))

    @rule(old=NAMES, new=NAMES)
    def rename(self, old: str, new: str) -> None:
        self.do(lambda: self.project.rename_class(old, new=new))

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        self.do(lambda: self.project.delete_class(name))

    @rule(name=NAMES, colour=st.none() | st.sampled_from(["#ff0000", "#00ff00"]))
    def recolour(self, name: str, colour: str | None) -> None:
        self.do(lambda: self.project.set_class_colour(name, colour=colour))

    @rule(files=FILES, name=st.none() | NAMES)
    def add_files(self, files: list[Path], name: str | None) -> None:
        class_names = {file.as_posix(): name for file in files} if name is not None else {}
        self.do(lambda: self.project.add_files(files, class_names=class_names))

    @rule()
    def undo(self) -> None:
        assert (self.project.last_step() is None) == (not self.before)
        self.project.undo()
        if self.before:
            assert self.tables() == self.before.pop()


TestUndo = UndoMachine.TestCase
TestUndo.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)


def test_a_step_says_what_it_was_and_whether_files_come_and_go(tmp_path: Path):
    with Project.create(tmp_path / "p", name="x", images_root=tmp_path) as project:
        assert project.last_step() is None
        project.add_class("glas")
        step = project.last_step()
        assert step is not None
        assert (step.words, step.adds_files) == ("the new class glas", False)
        project.add_class("glas")
        assert project.last_step() == step, "nothing changed, so there is nothing to undo"
        project.add_files([Path("/far/c"), Path("/far/d")], class_names={})
        step = project.last_step()
        assert step is not None
        assert (step.words, step.adds_files) == ("2 images added", True)
        assert sorted(project.undo()) == ["/far/c", "/far/d"]
        assert project.undo() == []
        assert project.classes() == []


def test_a_scan_between_a_step_and_its_undoing_leaves_no_label_without_a_class(tmp_path: Path):
    def scan(*found: tuple[str, str]) -> None:
        images = [Image(path=path, sha256=path, labels=labels_of(name)) for path, name in found]
        classes = sorted({name for _, name in found})
        project.apply_scan(Dataset.of_folder(tmp_path, images=images, classes=classes))

    with Project.create(tmp_path / "p", name="x", images_root=tmp_path) as project:
        scan(("ants/1", "ants"))
        project.rename_class("ants", new="Formicidae")
        scan(("ants/1", "ants"), ("ants/2", "ants"))
        assert project.classes() == ["Formicidae"]
        project.undo()
        assert {image.path: image.label() for image in project.images()} == {
            "ants/1": "ants",
            "ants/2": "ants",
        }
        assert project.classes() == ["ants"]


def test_a_label_that_was_called_right_stays_so_until_it_is_another_one(tmp_path: Path):
    with Project.create(tmp_path / "project", name="model", images_root=tmp_path) as project:
        images = [Image(path=path, sha256=path, labels=labels_of(name)) for path, name in FOUND]
        project.apply_scan(Dataset.of_folder(tmp_path, images=images, classes=["x"]))
        project.call_right(["a", "b", "unknown"])
        assert [image.called_right for image in project.images()] == [True, False]
        assert project.last_step().words == "the label of 2 images called right"
        project.rename_class("x", new="y")
        assert project.image("a").called_right
        project.set_label(["a"], class_name="z")
        assert not project.image("a").called_right
        project.undo()
        assert project.image("a").called_right
        project.undo()
        project.undo()
        assert not project.image("a").called_right
