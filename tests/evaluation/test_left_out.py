"""Images of a folder that had a part in the training."""

from __future__ import annotations

from tlstudio.evaluation.left_out import Candidate, LeftOut, find_seen
from tlstudio.project.run_images import KnownImage


def known(path: str, sha256: str, near_hash: str, *, split: str = "train") -> KnownImage:
    return KnownImage(path=path, split=split, sha256=sha256, near_hash=near_hash)


ONE, OTHER = "0f" * 32, "a5" * 32
NEAR_ONE = "1f" + ONE[2:]


def test_the_same_file_and_the_same_picture_are_found():
    trained = [known("a.jpg", "s1", ONE), known("b.jpg", "s2", "", split="validation")]
    same, alike = find_seen(
        [
            Candidate(path="copy.jpg", sha256="s1", near_hashes=(ONE,)),
            Candidate(path="again.jpg", sha256="s9", near_hashes=(OTHER, NEAR_ONE)),
            Candidate(path="flat.jpg", sha256="s2", near_hashes=()),
            Candidate(path="new.jpg", sha256="s8", near_hashes=(OTHER,)),
        ],
        trained,
    )
    assert {path: image.path for path, image in same.items()} == {"copy.jpg": "a.jpg", "flat.jpg": "b.jpg"}
    assert {path: image.path for path, image in alike.items()} == {"again.jpg": "a.jpg"}


def test_without_known_pictures_only_files_are_compared():
    candidate = Candidate(path="x.jpg", sha256="s1", near_hashes=(ONE,))
    assert find_seen([candidate], []) == ({}, {})
    assert list(find_seen([candidate], [known("a.jpg", "s1", "")])[0]) == ["x.jpg"]


def test_counts_by_reason():
    trained = known("a.jpg", "s1", ONE)
    left_out = LeftOut(
        same={"x": trained},
        alike={"y": trained, "z": trained},
        unlabelled=("l",),
        unknown={"wasp": ("w1", "w2"), "fly": ("f",)},
        unusable=4,
    )
    assert left_out.counts == {
        "same_file": 1,
        "same_picture": 2,
        "unlabelled": 1,
        "unknown_class": 3,
        "unusable": 4,
    }
    assert set(left_out.seen) == {"x", "y", "z"}
