from __future__ import annotations

from datetime import UTC, datetime

from tlstudio.core.dataset import labels_of
from tlstudio.gui.pages.data.filter import Shown, badge, counts, label_source, shown_images
from tlstudio.project.store import ProjectImage


def image(path: str, *, label: str | None, split: str | None = None, at: str | None = None) -> ProjectImage:
    return ProjectImage(
        path=path,
        sha256="0" * 64,
        labels=labels_of(label),
        split=split,  # type: ignore[arg-type]
        labelled_at=at,
    )


IMAGES = [
    image("a/IMG_2.jpg", label="a", split="test"),
    image("a/img_10.JPG", label="a", split="train"),
    image("b/IMG_1.jpg", label="b", split="train"),
    image("loose.jpg", label=None),
]


def paths(shown: Shown, *, search: str = "", sort: str = "name") -> list[str]:
    found = shown_images(IMAGES, shown=shown, search=search, sort=sort, classes=["b", "a"])
    return [item.path for item in found]


def test_filters():
    assert paths(Shown("unlabelled")) == ["loose.jpg"]
    assert paths(Shown("split", "test")) == ["a/IMG_2.jpg"]
    assert paths(Shown("class", "b")) == ["b/IMG_1.jpg"]
    assert paths(Shown("finding", "x", ("loose.jpg",))) == ["loose.jpg"]
    assert paths(Shown("problems")) == []


def test_search_ignores_case_and_looks_at_folders():
    assert paths(Shown(), search=" IMG_1") == ["b/IMG_1.jpg", "a/img_10.JPG"]
    assert paths(Shown(), search="a/") == ["a/img_10.JPG", "a/IMG_2.jpg"]


def test_orders():
    assert paths(Shown(), sort="class")[:2] == ["loose.jpg", "b/IMG_1.jpg"]
    assert paths(Shown(), sort="split") == ["loose.jpg", "a/img_10.JPG", "b/IMG_1.jpg", "a/IMG_2.jpg"]


def test_counts():
    counted = counts([*IMAGES, image("new.jpg", label="b")])
    assert counted.by_class == {"a": 2, "b": 2, None: 1}
    assert counted.by_split == {"test": 1, "train": 2, None: 1}
    assert not counted.grouped
    assert not counted.given
    assert counted.to_learn_from(validation=0.15, test=0.15) == 3
    assert counted.to_learn_from(validation=0.5, test=0.5) == 2


def test_an_image_without_a_label_belongs_to_no_split():
    gone = image("x.jpg", label=None, split="train")
    assert badge(gone) == ""
    assert not Shown("split", "train").holds(gone)
    assert counts([gone]).by_split == {}


def test_label_source():
    now = datetime(2024, 5, 2, 12, 0, tzinfo=UTC)
    assert label_source(image("x", label="a"), now=now) == "from its folder"
    today = image("x", label="a", at="2024-05-02T09:41:00+00:00")
    assert label_source(today, now=now) == "labelled by you, 09:41"
    earlier = image("x", label=None, at="2024-05-01T09:41:00+00:00")
    assert label_source(earlier, now=now) == "label removed by you, 01 May 2024, 09:41"
