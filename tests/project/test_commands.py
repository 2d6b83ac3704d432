"""What a person does with a project is on disk at once, and does what it says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.core.types import Split
from tlstudio.project.store import Project

FOUND = (("a", "x"), ("b", None))
COMMANDS = {
    "leave_out": "p.leave_out(['a'])",
    "delete": "p.delete_class('x')",
    "merge": "p.rename_class('x', new='y')",
    "colour": "p.set_class_colour('x', colour='#ff0000')",
    "add": "p.add_files([Path('/far/c')], class_names={'/far/c': 'y'})",
    "undo": "p.undo()",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_on_disk_when_its_call_returns(tmp_path: Path, command: str):
    with Project.create(tmp_path / "p", name="x", images_root=tmp_path) as project:
        images = [Image(path=path, sha256=path, labels=labels_of(name)) for path, name in FOUND]
        project.apply_scan(Dataset.of_folder(tmp_path, images=images, classes=["x"]))
        project.add_class("y")
    code = (
        "import os, signal, sys; from pathlib import Path; from tlstudio.project.store import Project\n"
        f"p = Project(Path(sys.argv[1])); {COMMANDS[command]}\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "p")], env=dict(os.environ), check=False
    )
    assert done.returncode == -signal.SIGKILL
    with Project(tmp_path / "p") as project:
        found = {image.path: image for image in project.images(with_left_out=True)}
        assert found["a"].left_out == (command == "leave_out")
        assert found["a"].label() == {"delete": None, "merge": "y"}.get(command, "x")
        assert project.classes() == {"delete": ["y"], "merge": ["y"], "undo": ["x"]}.get(command, ["x", "y"])
        assert project.class_colours() == ({"x": "#ff0000"} if command == "colour" else {})
        assert project.added_files() == ([Path("/far/c")] if command == "add" else [])


def test_a_deleted_class_does_not_come_back_with_its_folder(tmp_path: Path):
    with Project.create(tmp_path / "p", name="x", images_root=tmp_path) as project:
        found = Dataset.of_folder(
            tmp_path,
            images=[Image(path=path, sha256=path, labels=labels_of("glas")) for path in ("glas/1", "glas/2")],
            classes=["glas"],
        )
        project.apply_scan(found)
        project.delete_class("glas")
        project.apply_scan(found)
        assert project.classes() == []
        assert [image.label() for image in project.images()] == [None, None]
        project.undo()
        assert project.classes() == ["glas"]
        assert [image.label() for image in project.images()] == ["glas", "glas"]


def test_images_that_are_left_out_are_used_for_nothing_and_keep_label_and_split(tmp_path: Path):
    with Project.create(tmp_path / "p", name="x", images_root=tmp_path) as project:
        images = [Image(path=path, sha256=path, labels=labels_of("x")) for path in ("1", "2", "3")]
        project.apply_scan(Dataset.of_folder(tmp_path, images=images, classes=["x"]))
        split = Split(
            assignment={"1": "test", "2": "train", "3": "train"},
            seed=1,
            validation_fraction=0,
            test_fraction=0.3,
        )
        project.save_split(split)
        project.leave_out(["1"])
        assert [image.path for image in project.images()] == ["2", "3"]
        assert [image.path for image in project.dataset().images] == ["2", "3"]
        assert project.images_count() == 2
        now = project.split()
        assert now is not None
        assert set(now.assignment) == {"2", "3"}
        project.save_split(now)  # as the next training does
        project.bring_back(["1"])
        assert project.split() == split
        assert project.image("1").label() == "x"


def test_labelling_no_image_is_no_step(tmp_path: Path):
    with Project.create(tmp_path / "p", name="x", images_root=tmp_path) as project:
        images = [Image(path="a", sha256="a", labels=labels_of("x"))]
        project.apply_scan(Dataset.of_folder(tmp_path, images=images, classes=["x"]))
        project.set_label(["a"], class_name="y")
        project.set_label(["not there"], class_name="z")
        assert project.classes() == ["x", "y"]
        assert list(project.undo()) == ["a"]
        assert [image.label() for image in project.images()] == ["x"]
