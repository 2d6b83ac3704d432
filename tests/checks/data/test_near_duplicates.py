"""Near-duplicates: across the split, with other labels, and harmless ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.checks.made import dataset, examine, image
from tests.data.near.made import scene
from tlstudio.checks.data_facts import DataFacts
from tlstudio.checks.evidence import Evidence
from tlstudio.core.types import Split
from tlstudio.data.near.look import look_of

LOOK = look_of(np.asarray(scene(0)))[1]


def found(*images, sides=None, unseen=()):
    split = Split(assignment=sides, seed=0, validation_fraction=0, test_fraction=0.5) if sides else None
    looks = {image.path: LOOK for image in images if image.path not in unseen}
    evidence = Evidence(dataset=dataset(*images), data_facts=DataFacts(looks=looks), split=split)
    return examine("near-duplicates", evidence)


def near(path: str, cluster: str, **more):
    return replace(image(path, **more), near=cluster)


ONE, TWO, LARGE = near("a/1", "x"), near("a/2", "x"), near("a/3", "x", size=(900, 900))


def test_without_near_duplicates_all_is_well():
    (ok,) = found(image("a/1"), image("a/2"))
    assert ok.severity == "ok"


def test_near_duplicates_of_one_label_are_a_note_and_all_but_the_largest_can_be_left_out():
    (note,) = found(ONE, TWO, LARGE, image("a/4"))
    assert (note.severity, note.paths) == ("note", ("a/1", "a/2", "a/3"))
    assert note.action is not None
    assert (note.action.kind, note.action.paths) == ("leave-out", ("a/1", "a/2"))


def test_other_labels_are_a_warning_that_only_a_person_can_settle():
    (warning,) = found(ONE, near("b/2", "x"))
    assert (warning.severity, warning.action) == ("warning", None)
    assert "different labels" in warning.message


def test_several_sides_are_a_warning_and_dividing_anew_is_offered():
    (warning,) = found(ONE, TWO, image("a/4"), sides={"a/1": "train", "a/2": "test", "a/4": "train"})
    assert warning.severity == "warning"
    assert warning.paths == ("a/1", "a/2")
    assert warning.action is not None
    assert warning.action.kind == "divide"


def test_sides_that_were_given_are_not_drawn_anew():
    given = replace(ONE, given_split="train"), replace(TWO, given_split="test")
    (warning,) = found(*given)
    assert warning.severity == "warning"
    assert warning.action is not None
    assert (warning.action.kind, len(warning.action.paths)) == ("leave-out", 1)


def test_exact_copies_are_left_to_their_own_check():
    (ok,) = found(near("a/1", "x", sha256="s"), near("a/2", "x", sha256="s"))
    assert ok.severity == "ok"


def test_images_that_could_not_be_looked_at_are_named_beside_what_is_found():
    found_one, unseen = found(ONE, TWO, image("a/4"), unseen=("a/4",))
    assert found_one.paths == ("a/1", "a/2")
    assert (unseen.severity, unseen.paths) == ("note", ("a/4",))
    nothing, unseen = found(image("a/1"), image("a/2"), image("a/3"), unseen=("a/2",))
    assert nothing.message == "No two images of those that could be looked at look nearly the same."
    assert "1 image could not" in unseen.message
