"""Labelling, undoing, renaming and scanning in any order, compared with a model in plain dictionaries."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.project.store import Project

PATHS = ("a", "b", "c", "d")
CLASSES = st.sampled_from(["x", "y", "z"])
LABELS = st.none() | CLASSES
COLUMNS = st.sampled_from(["label", "other"])

Key = tuple[str, str]
"""Path of an image, and column."""


@dataclass
class State:
    """The part of the model that undoing a change of classes brings back."""

    folder: dict[str, str | None]
    called: dict[str, str | None]
    person: dict[Key, str | None]
    is_scanned: bool = False
    """True if a scan came after the change."""


class LabelMachine(RuleBasedStateMachine):
    """Does the same to a project and to its model."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        root = Path(self._folder.name)
        self.project = Project.create(root / "project", name="model", images_root=root)
        self.present: set[str] = set()
        self.read_as: dict[str, str | None] = {}
        """Class that the folder gave at the last scan with the image."""
        self.folder: dict[str, str | None] = {}
        """The same after renames."""
        self.called: dict[str, str | None] = {}
        """Names that folders' classes have now, where they differ."""
        self.person: dict[Key, str | None] = {}
        self.history: list[dict[Key, tuple[bool, str | None]] | State] = []
        """Steps: how labels were before, or all of the model before a command that changes classes."""

    def teardown(self) -> None:
        self.project.close()
        self._folder.cleanup()

    @rule(found=st.dictionaries(st.sampled_from(PATHS), LABELS))
    def scan(self, found: dict[str, str | None]) -> None:
        images = [Image(path=path, sha256=path, labels=labels_of(found[path])) for path in sorted(found)]
        classes = sorted({class_name for class_name in found.values() if class_name is not None})
        self.project.apply_scan(Dataset.of_folder(Path("/photos"), images=images, classes=classes))
        self.present = set(found)
        for step in self.history:
            if isinstance(step, State):
                step.is_scanned = True
        for path, class_name in found.items():
            if class_name is None or class_name != self.read_as.get(path):
                self.folder[path] = self.called.get(class_name, class_name) if class_name else None
            self.read_as[path] = class_name

    @rule(paths=st.lists(st.sampled_from(PATHS)), class_name=LABELS, column=COLUMNS)
    def label(self, paths: list[str], class_name: str | None, column: str) -> None:
        self.project.set_label(paths, class_name=class_name, column=column)
        changed = [(path, column) for path in set(paths) & self.present]
        if changed:
            self.history.append({key: (key in self.person, self.person.get(key)) for key in changed})
        self.person.update(dict.fromkeys(changed, class_name))

    @rule()
    def undo(self) -> None:
        undone = self.project.undo()
        before = self.history.pop() if self.history else {}
        if isinstance(before, State):
            if before.is_scanned:  # the scan may have brought images that the step did not know
                self.look_again()
            else:
                self.folder, self.called, self.person = before.folder, before.called, before.person
            return
        assert sorted(undone) == sorted(path for path, _ in before)
        for key, (was_labelled, class_name) in before.items():
            if was_labelled:
                self.person[key] = class_name
            else:
                del self.person[key]

    @rule(old=CLASSES, new=CLASSES)
    def rename(self, old: str, new: str) -> None:
        self.change_class(old, new, lambda: self.project.rename_class(old, new=new))

    @rule(name=CLASSES)
    def delete(self, name: str) -> None:
        self.change_class(name, None, lambda: self.project.delete_class(name))

    def change_class(self, old: str, new: str | None, command: Callable[[], None]) -> None:
        before, step = self.state(), self.project.last_step()
        command()
        if self.project.last_step() == step:
            return
        self.history.append(before)
        self.called = {name: new if called == old else called for name, called in self.called.items()}
        if old in self.read_as.values():
            self.called.setdefault(old, new)
        self.folder = {path: new if name == old else name for path, name in self.folder.items()}
        for key, name in self.person.items():
            if key[1] == "label" and name == old:
                self.person[key] = new

    def state(self) -> State:
        return copy.deepcopy(State(folder=self.folder, called=self.called, person=self.person))

    def look_again(self) -> None:
        """Take the model from the project."""
        rows = self.project._connection.execute("SELECT * FROM labels WHERE \"column\" = 'label'").fetchall()
        for path in self.folder:
            self.folder[path] = None
        for key in [key for key in self.person if key[1] == "label"]:
            del self.person[key]
        for row in rows:
            if row["origin"] == "folder":
                self.folder[row["image"]] = row["class"]
            else:
                self.person[row["image"], "label"] = row["class"]
        called = self.project._connection.execute("SELECT folder, class FROM folder_classes").fetchall()
        self.called = {row["folder"]: row["class"] for row in called}

    @invariant()
    def the_project_has_the_labels_of_the_model(self) -> None:
        images = {image.path: image for image in self.project.images()}
        assert set(images) == self.present
        for path, image in images.items():
            for column in ("label", "other"):
                folder = self.folder.get(path) if column == "label" else None
                assert image.label(column) == self.person.get((path, column), folder)
            assert (image.labelled_at is not None) == ((path, "label") in self.person)
            assert self.project.image(path) == image

    @invariant()
    def every_label_is_a_class(self) -> None:
        for column in ("label", "other"):
            classes = self.project.classes(column)
            assert len(classes) == len(set(classes))
            assert {image.label(column) for image in self.project.images()} <= {None, *classes}


TestLabels = LabelMachine.TestCase
TestLabels.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)


def test_undoing_two_deletions_with_a_scan_between_gives_what_the_folder_says_now(tmp_path):
    with Project.create(tmp_path / "project", name="model", images_root=tmp_path) as project:
        for class_name in ("x", "z"):
            image = Image(path="a", sha256="a", labels=labels_of(class_name))
            project.apply_scan(Dataset.of_folder(tmp_path, images=[image], classes=[class_name]))
            project.delete_class(class_name)
        assert project.image("a").label() is None
        project.undo()
        project.undo()
        assert project.image("a").label() == "z"
