"""Labelling, undoing, renaming and scanning in any order, compared with a model in plain dictionaries."""

from __future__ import annotations

import tempfile
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
        self.person: dict[Key, str | None] = {}
        self.history: list[dict[Key, tuple[bool, str | None]]] = []

    def teardown(self) -> None:
        self.project.close()
        self._folder.cleanup()

    @rule(found=st.dictionaries(st.sampled_from(PATHS), LABELS))
    def scan(self, found: dict[str, str | None]) -> None:
        images = [Image(path=path, sha256=path, labels=labels_of(found[path])) for path in sorted(found)]
        classes = sorted({class_name for class_name in found.values() if class_name is not None})
        self.project.apply_scan(Dataset.of_folder(Path("/photos"), images=images, classes=classes))
        self.present = set(found)
        for path, class_name in found.items():
            if class_name is None or class_name != self.read_as.get(path):
                self.folder[path] = class_name
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
        assert sorted(undone) == sorted(path for path, _ in before)
        for key, (was_labelled, class_name) in before.items():
            if was_labelled:
                self.person[key] = class_name
            else:
                del self.person[key]

    @rule(old=CLASSES, new=CLASSES, column=COLUMNS)
    def rename(self, old: str, new: str, column: str) -> None:
        self.project.rename_class(old, new=new, column=column)

        def renamed(class_name: str | None) -> str | None:
            return new if class_name == old else class_name

        if column == "label":
            self.folder = {path: renamed(class_name) for path, class_name in self.folder.items()}
        for key, class_name in self.person.items():
            if key[1] == column:
                self.person[key] = renamed(class_name)
        for step in self.history:
            for key, (was_labelled, class_name) in step.items():
                if key[1] == column:
                    step[key] = (was_labelled, renamed(class_name))

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
TestLabels.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
