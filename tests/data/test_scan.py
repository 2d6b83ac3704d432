"""Scanning: every file is used, named with a reason, or counted as hidden."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import time
from collections import Counter
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, StageStarted
from tlstudio.data import known_files
from tlstudio.data.layout.interpret import HowToRead
from tlstudio.data.scan import scan_folder


def image(seed: int = 0, *, kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    out = BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


def make(root: Path, **files: bytes) -> Path:
    for path, data in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return root


def test_a_scan_finds_classes_images_hashes_and_sizes(tmp_path):
    first = image(1)
    root = make(
        tmp_path / "set",
        **{
            "cat/a.jpg": first,
            "cat/deeper/b.png": image(2, kind="PNG"),
            "Dog/c.jpg": image(3),
            "free.jpg": image(4),
        },
    )
    dataset = scan_folder(root)
    assert [(r.path, r.label()) for r in dataset.images] == [
        ("Dog/c.jpg", "Dog"),
        ("cat/a.jpg", "cat"),
        ("cat/deeper/b.png", "cat"),
        ("free.jpg", None),
    ]
    assert dataset.classes == ("cat", "Dog")
    assert dataset.root == root
    found = dataset.images[1]
    assert found.sha256 == hashlib.sha256(first).hexdigest()
    assert (found.width, found.height) == (40, 30)


def test_classes_are_in_natural_order_and_empty_ones_are_listed_separately(tmp_path):
    root = make(tmp_path / "set", **{f"grade {n}/a.jpg": image(n) for n in (10, 9, 1)})
    (root / "grade 2").mkdir()
    make(root, **{"grade 3/broken.jpg": b"\xff\xd8\xff"})
    dataset = scan_folder(root)
    assert dataset.classes == ("grade 1", "grade 9", "grade 10")
    assert dataset.empty_classes == ("grade 2", "grade 3")


def test_every_unusable_file_is_listed_with_its_reason(tmp_path):
    jpeg, png = image(1), image(2, kind="PNG")
    root = make(
        tmp_path / "set",
        **{
            "ok/good.jpg": jpeg,
            "ok/UPPER.JPG": image(3),
            "ok/it's 100% [ok] #1 & zażółć 日本.png": png,
            "ok/new\nline\ttab.jpg": image(4),
            f"ok/{'x' * 240}.jpg": image(5),
            "ok/cut.jpg": jpeg[: len(jpeg) * 2 // 3],
            "ok/cut.png": png[: len(png) * 2 // 3],
            "ok/text.jpg": b"hello there",
            "ok/page.jpg": b"<html>error</html>",
            "ok/empty.jpg": b"",
            "ok/notes.txt": b"notes",
            "meta.json": b"{}",
            "labels.csv": b"image,x\n",
            "ok/.hidden.jpg": jpeg,
            "ok/Thumbs.db": b"x",
        },
    )
    (root / "ok" / "gone.jpg").symlink_to(root / "nowhere.jpg")
    (root / "ok" / "circle.jpg").symlink_to(root / "ok" / "circle.jpg")
    (root / "ok" / "up").symlink_to(root)
    dataset = scan_folder(root)
    assert len(dataset.images) == 5
    assert dataset.hidden_files == 2
    assert {problem.path: problem.code for problem in dataset.problems} == {
        "meta.json": "not-an-image",
        "ok/circle.jpg": "unreadable",
        "ok/cut.jpg": "truncated",
        "ok/cut.png": "truncated",
        "ok/empty.jpg": "not-an-image",
        "ok/gone.jpg": "unreadable",
        "ok/notes.txt": "not-an-image",
        "ok/page.jpg": "not-an-image",
        "ok/text.jpg": "not-an-image",
        "ok/up": "linked-twice",
    }
    assert [p.path for p in dataset.problems] == sorted(p.path for p in dataset.problems)
    assert all(problem.reason and problem.mend for problem in dataset.problems)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_the_data_set_can_be_printed_whatever_the_file_names(tmp_path):
    root = make(tmp_path / "set", **{"ok/a.jpg": image(), "ok/new\nline.jpg": image(1)})
    (root / "ok" / os.fsdecode(b"\xff.jpg")).write_bytes(image(2))
    dataset = scan_folder(root)
    text = json.dumps(asdict(dataset), default=str, ensure_ascii=False).encode("utf-8")
    assert json.loads(text)["problems"][0]["path"] == "ok/\\xff.jpg"
    assert all((root / found.path).is_file() for found in dataset.images)


def test_accents_written_in_two_ways_are_one_class(tmp_path):
    root = make(tmp_path / "set", **{"m\u00fcsli/a.jpg": image(1), "mu\u0308sli/b.jpg": image(2)})
    if len(list(root.iterdir())) == 1:
        pytest.skip("this file system keeps only one way of writing accents")
    dataset = scan_folder(root)
    assert len(dataset.classes) == 1
    assert {found.label() for found in dataset.images} == set(dataset.classes)


def test_the_result_does_not_depend_on_the_number_of_threads(tmp_path):
    files = {f"{name}/{n}.jpg": image(n, size=(20 + n % 7, 30)) for name in "abc" for n in range(12)}
    root = make(tmp_path / "set", **files, **{"a/bad.jpg": b"\xff\xd8\xff\xe0", "b/bad.png": b"x"})
    assert scan_folder(root, threads=1) == scan_folder(root, threads=7)


def test_each_file_is_read_once(tmp_path, monkeypatch):
    root = make(tmp_path / "set", **{f"a/{n}.jpg": image(n) for n in range(5)})
    opened: Counter[str] = Counter()
    path_open = Path.open

    def counting(self: Path, *args: object, **options: object) -> object:
        opened[self.name] += 1
        return path_open(self, *args, **options)

    monkeypatch.setattr(Path, "open", counting)
    scan_folder(root)
    assert set(opened.values()) == {1}


def test_progress_is_reported_and_not_too_often(tmp_path, monkeypatch):
    root = make(tmp_path / "set", **{f"a/{n}.jpg": image(n) for n in range(30)})
    check_file = known_files.check_file

    def slow(path: Path, **options: object) -> object:
        time.sleep(0.02)
        return check_file(path, **options)

    monkeypatch.setattr(known_files, "check_file", slow)
    events: list[Event] = []
    scan_folder(root, run_id="r", emit=events.append, threads=1)
    assert events[0] == StageStarted(run_id="r", stage="scan", title="Reading your images", total=30)
    steps = [event for event in events if isinstance(event, StageProgress)]
    assert 2 <= len(steps) <= 20
    assert [step.done for step in steps] == sorted({step.done for step in steps})
    assert (steps[-1].done, steps[-1].seconds_left) == (30, 0)
    assert (steps[0].seconds_left or 0) > 0


def test_a_scan_is_cancelled_within_a_few_files(tmp_path, monkeypatch):
    root = make(tmp_path / "set", **{f"a/{n:03}.jpg": image(n) for n in range(120)})
    control = Control()
    seen: list[Path] = []
    check_file = known_files.check_file

    def cancelling(path: Path, **options: object) -> object:
        seen.append(path)
        if len(seen) == 5:
            control.cancel()
        return check_file(path, **options)

    monkeypatch.setattr(known_files, "check_file", cancelling)
    with pytest.raises(Cancelled):
        scan_folder(root, control=control)
    assert len(seen) < 10


def test_folders_without_a_usable_image_are_refused(tmp_path):
    with pytest.raises(UserError, match="There is no folder"):
        scan_folder(tmp_path / "nowhere")
    make(tmp_path, **{"file.jpg": image()})
    with pytest.raises(UserError, match="not a folder"):
        scan_folder(tmp_path / "file.jpg")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="is empty"):
        scan_folder(tmp_path / "empty")
    make(tmp_path / "none", **{"a/x.jpg": b"no"})
    with pytest.raises(UserError, match="No usable image") as caught:
        scan_folder(tmp_path / "none")
    assert "a/x.jpg" in caught.value.what
    assert caught.value.mend


def test_images_get_their_groups(tmp_path):
    root = make(tmp_path / "set", **{"a/p1-1.jpg": image(1), "a/p1-2.jpg": image(2), "b/p2-1.jpg": image(3)})
    found = scan_folder(root, how=HowToRead(groups="p[0-9]+"))
    assert [image.group for image in found.images] == ["p1", "p1", "p2"]
    with pytest.raises(UserError, match="fits no image"):
        scan_folder(root, how=HowToRead(groups="q[0-9]+"))


def test_a_table_may_be_given_instead_of_its_folder(tmp_path):
    root = make(tmp_path / "set", **{"x/1.jpg": image(1), "y/2.jpg": image(2), "x/3.jpg": image(3)})
    (root / "mine.csv").write_text("image,kind\n1.jpg,b\n2.jpg,b\n3.jpg,a\n", encoding="utf-8")
    dataset = scan_folder(root / "mine.csv", how=HowToRead(label_column="kind"))
    assert [found.label() for found in dataset.images] == ["b", "a", "b"]
    assert (dataset.root, dataset.problems) == (root, ())
    (root / "other.csv").write_text("town\nUlm\n", encoding="utf-8")
    with pytest.raises(UserError, match="names no image"):
        scan_folder(root / "other.csv")


@pytest.mark.needs_data
def test_every_tricky_file_is_an_image_or_a_problem(shared_data, tmp_path):
    root = tmp_path / "set"
    root.mkdir()
    (root / "clean").symlink_to(shared_data / "trash6" / "glass")
    (root / "tricky").symlink_to(shared_data / "tricky-formats")
    dataset = scan_folder(root)
    used = {found.path for found in dataset.images}
    named = {problem.path for problem in dataset.problems}
    with (shared_data / "tricky-formats" / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    hidden = [row["path"] for row in expected if f"tricky/{row['path']}" not in used | named]
    assert sorted(hidden) == ["not-images/._photo.jpg", "not-images/Thumbs.db", "not-images/desktop.ini"]
    assert dataset.hidden_files == 3
    assert not used & named
    lost = [row for row in expected if row["pillow13_result"] == "ok" and f"tricky/{row['path']}" not in used]
    assert lost == []
    sneaked_in = [
        row["path"] for row in expected if row["pillow13_result"] != "ok" and f"tricky/{row['path']}" in used
    ]
    # Pillow reads no DICOM and no HEIC; of the JPEG, only the last byte of its end is missing.
    usable = ("dicom/", "heic/", "broken-jpeg/pillow__truncated_jpeg.jpg")
    assert all(path.startswith(usable) for path in sneaked_in)
    codes = Counter(problem.code for problem in dataset.problems)
    assert set(codes) <= {"truncated", "damaged", "not-an-image", "too-large", "needs-extra"}
    for problem in dataset.problems:
        if "/hand-made-damage/" in problem.path:
            assert problem.code == "truncated"
