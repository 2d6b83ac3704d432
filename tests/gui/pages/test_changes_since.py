"""What changed in the images since a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.gui.made_runs import make_run
from tlstudio.core.dataset import labels_of
from tlstudio.gui.pages.changes_since import Changes, TrainedOn, changes_since, read_trained_on
from tlstudio.project.store import ProjectImage

BEGAN = "2026-03-01T10:00:00.500+00:00"
RUN = TrainedOn(paths=frozenset("abc"), classes=("x", "y"), began=BEGAN)


def image(path: str, *, label: str | None = "x", at: str | None = None) -> ProjectImage:
    return ProjectImage(path=path, sha256=path, labels=labels_of(label), labelled_at=at)


SAME = [image("a"), image("b", label="y"), image("c", at="2026-03-01T10:00:00+00:00")]


@pytest.mark.parametrize(
    ("images", "classes", "words"),
    [
        (SAME, "xy", ""),
        ([image("a", at="2026-03-01T10:00:00.600+00:00"), *SAME[1:]], "xy", "1 image relabelled"),
        ([*SAME, image("d"), image("e"), image("f", label=None)], "xy", "2 images added"),
        (SAME[:2], "xy", "1 image not used any more"),
        ([SAME[0], image("b", label=None), image("d")], "xy", "1 image added, 2 images not used any more"),
        ([replace(one, labels=labels_of("x")) for one in SAME], "x", "other classes"),
    ],
)
def test_words(images, classes, words):
    assert changes_since(RUN, images, classes=classes).words() == words


def test_a_run_is_read_with_its_images_classes_and_time(tmp_path):
    paths = {"x": [f"x/{n}" for n in range(8)], "y": [f"y/{n}" for n in range(8)]}
    run = make_run(tmp_path / "run-1", paths=paths)
    noted = datetime(2026, 3, 1, 10, 0, 0, 500_000, tzinfo=UTC)
    read = read_trained_on(run, noted=noted)
    assert read.paths == {path for images in paths.values() for path in images}
    assert read.classes == ("x", "y")
    assert read.began == BEGAN
    assert read.tests == {f"{name}/{n}" for name in "xy" for n in (1, 5)}
    written = datetime.fromisoformat(read_trained_on(run, noted=None).began)
    assert abs((datetime.now(UTC) - written).total_seconds()) < 60


def test_nothing_changed_has_no_words():
    assert Changes(relabelled=0, new=0, gone=0, classes=False).words() == ""


LATER = "2026-03-01T11:00:00+00:00"
TESTED = replace(RUN, tests=frozenset("a"))


@pytest.mark.parametrize(
    ("images", "is_too_good"),
    [
        (SAME, False),
        ([image("a", at=LATER), *SAME[1:]], True),
        ([image("a", at=LATER), image("b", at=LATER), SAME[2]], False),
        (SAME[1:], True),
        (SAME[:2], False),
        ([image("a", at=LATER), *SAME[1:], image("d", at=LATER)], True),
    ],
)
def test_where_only_test_images_were_mended_the_next_test_is_too_good(images, is_too_good):
    caution = changes_since(TESTED, images, classes="xy").caution()
    assert ("look better than the classifier is" in caution) == is_too_good
    assert bool(caution) == is_too_good
