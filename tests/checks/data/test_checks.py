"""All health checks, on small reports made by hand."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tlstudio.checks.data import CHECKS, run_health_checks
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.core.errors import Cancelled
from tlstudio.core.types import Finding, ProblemFile


def image(path: str, *, sha256: str = "", size: tuple[int, int] = (300, 200)) -> Image:
    name = path.split("/")[0] if "/" in path else None
    return Image(path=path, sha256=sha256 or path, labels=labels_of(name), width=size[0], height=size[1])


def dataset(*records: Image, problems: tuple[ProblemFile, ...] = (), empty: tuple[str, ...] = ()) -> Dataset:
    classes = tuple(sorted({r.label() for r in records if r.label()}))
    return Dataset.of_folder(
        Path("/x"), images=records, problems=problems, classes=classes, empty_classes=empty
    )


def even(**sizes: int) -> list[Image]:
    return [image(f"{name}/{n}.jpg") for name, size in sizes.items() for n in range(size)]


def findings(check: str, scanned: Dataset) -> list[Finding]:
    return list(CHECKS.get(check).find(scanned, control=Control()))


def test_a_good_folder_passes_every_check():
    found = run_health_checks(dataset(*even(cat=20, dog=20)))
    assert {finding.severity for finding in found} == {"ok"}
    assert sorted(finding.check for finding in found) == CHECKS.ids()


def test_the_gravest_comes_first_and_every_trouble_has_a_mend():
    found = run_health_checks(
        dataset(
            *even(cat=100, dog=9),
            image("dog/copy.jpg", sha256="cat/0.jpg"),
            problems=(ProblemFile(path="cat/x", code="truncated", reason="r.", mend="m."),),
        )
    )
    order = [("error", "warning", "info", "ok").index(finding.severity) for finding in found]
    assert order == sorted(order)
    assert all(finding.mend for finding in found if finding.severity != "ok")
    assert all(finding.message.endswith(".") for finding in found)


def test_checks_can_be_cancelled():
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        run_health_checks(dataset(*even(a=1)), control=control)


def test_problems_are_put_together_by_kind():
    problems = tuple(
        ProblemFile(path=f"{n}", code=code, reason="Odd.", mend="Mend.")
        for n, code in enumerate(["truncated", "not-an-image", "truncated", "brand-new"])
    )
    found = findings("unreadable", dataset(*even(a=2, b=2), problems=problems))
    assert [(f.severity, f.paths) for f in found] == [
        ("warning", ("0", "2")),
        ("info", ("1",)),
        ("warning", ("3",)),
    ]
    assert found[0].message == "2 files are cut short and will not be used."
    assert found[1].message.startswith("1 file is")


def test_copies_within_a_class_are_info_and_across_classes_a_warning():
    scanned = dataset(
        image("a/1", sha256="s"),
        image("a/2", sha256="s"),
        image("a/3", sha256="t"),
        image("b/1", sha256="t"),
    )
    warning, info = findings("duplicates", scanned)
    assert (warning.severity, warning.paths) == ("warning", ("a/3", "b/1"))
    assert (info.severity, info.paths) == ("info", ("a/1", "a/2"))


def test_an_unlabelled_copy_contradicts_nothing():
    (found,) = findings("duplicates", dataset(image("a/1", sha256="s"), image("x.jpg", sha256="s")))
    assert found.severity == "info"


@pytest.mark.parametrize(
    ("sizes", "severity"),
    [({"a": 20, "b": 10}, "ok"), ({"a": 30, "b": 10}, "info"), ({"a": 100, "b": 10}, "warning")],
)
def test_class_balance(sizes, severity):
    (found,) = findings("class-balance", dataset(*even(**sizes)))
    assert found.severity == severity


def test_fewer_than_two_classes_block():
    for records in ([image("x.jpg")], even(cat=5)):
        (found,) = findings("class-balance", dataset(*records))
        assert found.severity == "error"


def test_tiny_and_empty_classes_are_named():
    small, empty = findings("tiny-classes", dataset(*even(cat=20, dog=9, emu=1), empty=("fox",)))
    assert "dog (9), emu (1)" in small.message
    assert len(small.paths) == 10
    assert "fox" in empty.message


def test_tiny_and_long_images_are_named():
    scanned = dataset(
        image("a/icon", size=(31, 300)),
        image("a/strip", size=(801, 200)),
        image("a/fine", size=(800, 200)),
    )
    tiny, long = findings("image-sizes", scanned)
    assert tiny.paths == ("a/icon",)
    assert long.paths == ("a/icon", "a/strip")


def test_names_that_hardly_differ_are_named():
    (found,) = findings("class-names", dataset(*even(**{"Red Fox": 1, "red_fox": 2, "dog": 1})))
    assert found.severity == "warning"
    assert "'Red Fox' and 'red_fox'" in found.message
    assert len(found.paths) == 3
    (found,) = findings("class-names", dataset(*even(**{"-": 1, "_": 1})))
    assert found.severity == "ok"


def test_twenty_thousand_copies_in_two_classes_are_told_at_once():
    pairs = [image(f"{name}/{n}.jpg", sha256=str(n)) for n in range(10_000) for name in ("cat", "dog")] + [
        image(f"cat/more-{n}.jpg", sha256=f"more-{n // 2}") for n in range(4)
    ]
    began = time.process_time()
    contradicting, agreeing = findings("duplicates", dataset(*pairs))
    # Each set compared with each other would be a hundred million comparisons.
    assert time.process_time() - began < 2
    assert len(contradicting.paths) == 20_000
    assert len(agreeing.paths) == 4
