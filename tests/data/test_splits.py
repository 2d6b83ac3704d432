"""Splits: seeded, stratified, related images on one side."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlstudio.core.dataset import Image, labels_of
from tlstudio.core.errors import UserError
from tlstudio.core.types import SPLIT_WORDS, Split
from tlstudio.data.splits import extend_split, make_split, read_split, write_split


def simple(**sizes: int) -> list[Image]:
    return [
        Image(path=f"{name}/{n:03}.jpg", sha256=f"{name}{n}", labels=labels_of(name))
        for name, size in sizes.items()
        for n in range(size)
    ]


@st.composite
def folders(draw: st.DrawFn) -> list[Image]:
    """Up to 60 images of up to 4 classes, with duplicates, groups and unlabelled ones."""
    count = draw(st.integers(0, 60))
    return [
        Image(
            path=f"{n:02}",
            sha256=str(draw(st.integers(0, 80))),
            labels=labels_of(draw(st.sampled_from(["a", "b", "c", "d", None]))),
            group=draw(st.one_of(st.none(), st.sampled_from("pqrstuvw"))),
        )
        for n in range(count)
    ]


def counts(split: Split, images: list[Image]) -> dict[str, Counter[str]]:
    result: dict[str, Counter[str]] = defaultdict(Counter)
    for image in images:
        if image.label() is not None:
            result[image.label()][split.assignment[image.path]] += 1
    return result


def assert_nothing_straddles(split: Split, images: list[Image]) -> None:
    sides: dict[tuple[str, str], set[str]] = defaultdict(set)
    for image in images:
        if image.label() is not None:
            sides["content", image.sha256].add(split.assignment[image.path])
            if image.group is not None:
                sides["group", image.group].add(split.assignment[image.path])
    assert all(len(found) == 1 for found in sides.values())


@settings(deadline=None, max_examples=40)
@given(
    images=folders(),
    seed=st.integers(0, 1000),
    validation=st.sampled_from([0.0, 0.15, 0.4]),
    test=st.sampled_from([0.0, 0.15, 0.4]),
)
def test_related_images_never_straddle_and_training_has_every_class(images, seed, validation, test):
    split = make_split(images, validation=validation, test=test, seed=seed)
    labelled = [image for image in images if image.label() is not None]
    assert set(split.assignment) == {image.path for image in labelled}
    assert_nothing_straddles(split, images)
    for found in counts(split, images).values():
        assert found["train"] > 0
    if validation == 0:
        assert not split.paths("validation")
    if test == 0:
        assert not split.paths("test")


@settings(deadline=None, max_examples=25)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    seed=st.integers(0, 1000),
    validation=st.sampled_from([0.0, 0.1, 0.15, 0.3]),
    test=st.sampled_from([0.0, 0.1, 0.15, 0.3]),
)
def test_each_class_is_divided_within_rounding(sizes, seed, validation, test):
    images = simple(**{f"k{n}": size for n, size in enumerate(sizes)})
    split = make_split(images, validation=validation, test=test, seed=seed)
    for name, found in counts(split, images).items():
        size = sizes[int(name[1:])]
        assert found["train"] >= 1
        assert abs(found["validation"] - size * validation) <= 1
        assert abs(found["test"] - size * test) <= 1
        if size >= 4:
            assert bool(found["validation"]) == (validation > 0)
            assert bool(found["test"]) == (test > 0)


def test_the_split_depends_on_the_seed_and_not_on_the_order():
    images = simple(a=40, b=30)
    split = make_split(images, validation=0.2, test=0.2, seed=3)
    assert make_split(images[::-1], validation=0.2, test=0.2, seed=3) == split
    assert make_split(images, validation=0.2, test=0.2, seed=4).assignment != split.assignment


def test_seeds_use_all_images_evenly():
    images = simple(a=20)
    tested = Counter(
        path
        for seed in range(200)
        for path in make_split(images, validation=0, test=0.2, seed=seed).paths("test")
    )
    # 200 draws of 4 in 20: 40 expected, and five standard deviations either way.
    assert len(tested) == 20
    assert all(12 <= count <= 68 for count in tested.values())


def test_groups_come_near_the_fractions():
    images = [
        Image(path=f"{n:03}", sha256=str(n), labels=labels_of("ab"[n // 5 % 2]), group=str(n // 5))
        for n in range(200)
    ]
    split = make_split(images, validation=0.2, test=0.2, seed=0)
    for found in counts(split, images).values():
        assert found == {"train": 60, "validation": 20, "test": 20}


def test_two_big_groups_leave_something_to_validate_on():
    images = [
        Image(path=f"{n}", sha256=str(n), labels=labels_of("ab"[n % 2]), group="xy"[n // 2 % 2])
        for n in range(40)
    ]
    split = make_split(images, validation=0.15, test=0.15, seed=0)
    assert Counter(split.assignment.values()) == {"train": 20, "validation": 20}
    assert "for testing" in split.notes[0]


def test_small_classes_are_noted():
    images = simple(many=30, one=1, three=3)
    split = make_split(images, validation=0.15, test=0.15, seed=0)
    assert split.notes == (
        "one has 1 independent image: none is left for checking and testing.",
        "three has 3 independent images: none is left for testing.",
    )
    copies = [Image(path=f"{n}", sha256="same", labels=labels_of("copies")) for n in range(9)]
    split = make_split(images + copies, validation=0.15, test=0.15, seed=0)
    assert any(note.startswith("copies has 1 independent image:") for note in split.notes)


def test_fractions_that_leave_nothing_are_refused():
    for validation, test in ((0.5, 0.5), (1.0, 0), (-0.1, 0)):
        with pytest.raises(UserError, match="leave no images"):
            make_split(simple(a=9), validation=validation, test=test, seed=0)


@settings(deadline=None, max_examples=30)
@given(images=folders(), cut=st.integers(0, 60), seed=st.integers(0, 50))
def test_extending_a_split_keeps_the_side_of_every_image(images, cut, seed):
    old = make_split(images[:cut], validation=0.2, test=0.2, seed=seed)
    new = extend_split(old, images)
    assert all(new.assignment[path] == side for path, side in old.assignment.items())
    assert set(new.assignment) == {image.path for image in images if image.label() is not None}


def test_new_copies_follow_the_old_image_and_new_images_keep_the_fractions():
    old = simple(a=20)
    split = make_split(old, validation=0.2, test=0.2, seed=1)
    copies = [Image(path=f"copy/{image.path}", sha256=image.sha256, labels=labels_of("a")) for image in old]
    fresh = [Image(path=f"z/{n}", sha256=f"z{n}", labels=labels_of("a")) for n in range(40)]
    extended = extend_split(split, old + copies + fresh)
    for image in old:
        assert extended.assignment[f"copy/{image.path}"] == split.assignment[image.path]
    assert Counter(extended.assignment.values()) == {"train": 48, "validation": 16, "test": 16}


def test_images_that_are_gone_leave_the_split():
    images = simple(a=20)
    split = make_split(images, validation=0.2, test=0.2, seed=1)
    left = extend_split(split, images[5:])
    assert left.assignment == {r.path: split.assignment[r.path] for r in images[5:]}


def test_writing_and_reading(tmp_path):
    images = [
        Image(path=path, sha256=path, labels=labels_of(name))
        for path, name in [
            ('a,b/"x".jpg', "a"),
            ("new\nline.jpg", "a"),
            ("zażółć.jpg", "b"),
            ("=1+1.jpg", "b"),
        ]
    ]
    split = make_split(images, validation=0.25, test=0.25, seed=7)
    assert split.notes
    write_split(tmp_path / "run" / "split.csv", split)
    assert read_split(tmp_path / "run" / "split.csv") == split
    with (tmp_path / "run" / "split.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["path"]: row["split"] for row in rows} == split.assignment


def test_a_table_made_by_hand_is_read(tmp_path):
    (tmp_path / "split.csv").write_text("path,split\na.jpg,train\nb.jpg,test\n", encoding="utf-8-sig")
    split = read_split(tmp_path / "split.csv")
    assert split.assignment == {"a.jpg": "train", "b.jpg": "test"}
    assert split.test_fraction == 0.5


@pytest.mark.parametrize(
    "text", ["path,split\na.jpg,maybe\n", "file,side\na,train\n", "path,split\na.jpg\n", "\xff"]
)
def test_other_tables_are_refused(tmp_path, text):
    (tmp_path / "split.csv").write_text(text, encoding="latin-1")
    with pytest.raises(UserError, match="is damaged, or not a split table"):
        read_split(tmp_path / "split.csv")


# ---- a division that came with the images ------------------------------------------------------------


def with_sides(images: list[Image], **sides: str) -> list[Image]:
    """The images with the side that the end of their path says, by its last digit."""
    return [replace(image, given_split=sides.get(f"d{image.path[-5]}")) for image in images]


def test_a_given_division_becomes_the_split():
    images = with_sides(
        simple(a=20, b=20), **{f"d{n}": "train" for n in range(6)}, d6="validation", d7="test"
    )
    images = [image for image in images if image.given_split is not None]
    split = make_split(images, validation=0.15, test=0.15, seed=0)
    assert split.assignment == {image.path: image.given_split for image in images}
    assert split.notes == (
        "The division into train, check and test came with the images; nothing was drawn.",
    )


@pytest.mark.parametrize(
    ("given", "missing"), [("validation", "test"), ("test", "validation")], ids=["no test", "no validation"]
)
def test_a_missing_part_is_drawn_from_train(given, missing):
    images = with_sides(simple(a=40, b=40), **{f"d{n}": "train" if n < 8 else given for n in range(10)})
    split = make_split(images, validation=0.25, test=0.25, seed=0)
    sides = {image.path: image.given_split for image in images}
    assert {sides[path] for path in split.paths(given)} == {given}
    assert len(split.paths(given)) == 16
    assert {sides[path] for path in split.paths(missing)} == {"train"}
    assert len(split.paths(missing)) == 16  # a quarter of the 64 for training, not of all
    assert f"{SPLIT_WORDS[missing]} was drawn from the training images" in split.notes[0]
    assert not make_split(images, validation=0, test=0, seed=0).paths(missing)


def test_copies_across_a_given_division_stay_where_they_are_and_loose_ones_join():
    images = simple(a=10, b=10)
    images[0] = replace(images[0], given_split="test")
    images[1] = replace(images[1], given_split="train", sha256=images[0].sha256)
    images[2] = replace(images[2], given_split="validation")
    images[3] = replace(images[3], sha256=images[2].sha256)
    split = make_split(images, validation=0.2, test=0.2, seed=0)
    sides = [split.assignment[image.path] for image in images[:4]]
    assert sides == ["test", "train", "validation", "validation"]


def test_new_images_of_a_given_division_take_their_side_and_others_keep_theirs():
    images = with_sides(simple(a=40, b=40), **{f"d{n}": "train" if n < 8 else "test" for n in range(10)})
    split = make_split(images[:60], validation=0.25, test=0.25, seed=0)
    later = extend_split(split, images)
    assert {path: later.assignment[path] for path in split.assignment} == split.assignment
    added = [image for image in images[60:] if image.given_split == "test"]
    assert {later.assignment[image.path] for image in added} == {"test"}


def test_classes_that_a_given_division_lacks_somewhere_are_named():
    images = with_sides(simple(a=10, b=4), **{f"d{n}": "train" if n < 8 else "test" for n in range(10)})
    notes = make_split(images, validation=0, test=0.2, seed=0).notes
    assert notes[1:] == ("b has no image for testing in the division that was given.",)


@settings(deadline=None, max_examples=30)
@given(
    images=folders(),
    sides=st.lists(st.sampled_from(["train", "validation", "test", None]), min_size=60, max_size=60),
    seed=st.integers(0, 99),
)
def test_what_was_given_for_validation_and_test_never_moves(images, sides, seed):
    images = [replace(image, given_split=side) for image, side in zip(images, sides, strict=False)]
    split = make_split(images, validation=0.2, test=0.2, seed=seed)
    assert set(split.assignment) == {image.path for image in images if image.label() is not None}
    for image in images:
        if image.label() is not None and image.given_split in ("validation", "test"):
            assert split.assignment[image.path] == image.given_split
