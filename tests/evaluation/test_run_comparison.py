"""Two runs compared on the test images that both have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from tests.evaluation.tested_runs import answers, make_tested_run
from tlstudio.core.errors import UserError
from tlstudio.evaluation.run_comparison import PairedImage, RunComparison, compare_runs


def compared(tmp_path: Path, first: dict, second: dict, **rest) -> RunComparison:
    """The comparison of two runs in their only column."""
    runs = [
        make_tested_run(tmp_path / "run-1", first, **{k: v[0] for k, v in rest.items()}),
        make_tested_run(tmp_path / "run-2", second, **{k: v[1] for k, v in rest.items()}),
    ]
    ((found,),) = (one.values() for one in compare_runs(runs[0], runs[1:]))
    return found


def made(won: int, lost: int, same: int, *, tries: int = 1) -> RunComparison:
    """A comparison of so many images that one of the two gets right, and both."""
    of_kind = {("bees", "ants"): won, ("ants", "bees"): lost, ("ants", "ants"): same}
    images = tuple(
        PairedImage(first_path="a", path="a", label="ants", first=first, second=second)
        for (first, second), number in of_kind.items()
        for _ in range(number)
    )
    return RunComparison(column="label", images=images, tested=(len(images),) * 2, tries=tries)


def test_images_are_counted_one_by_one(tmp_path: Path):
    first, second = answers(30, 10), answers(30, 10)
    second |= dict.fromkeys(list(second)[-6:], ("ants", "ants"))
    second |= dict.fromkeys(list(second)[:1], ("ants", "bees"))
    found = compared(tmp_path, first, second)
    assert (found.n, len(found.won), len(found.lost)) == (40, 6, 1)
    assert found.accuracies == (0.75, 35 / 40)
    assert found.difference == pytest.approx(5 / 40)
    assert found.p_value == pytest.approx(binomtest(1, 7).pvalue)
    assert {image.path for image in found.won} == set(list(first)[-6:])
    backwards = compared(tmp_path / "back", second, first)
    assert backwards.difference == -found.difference
    assert backwards.interval == pytest.approx((-found.interval[1], -found.interval[0]))


def test_renamed_and_moved_files_are_the_same_images(tmp_path: Path):
    first = answers(3, 1)
    second = {f"moved/{number}.jpg": found for number, found in enumerate(first.values())}
    names = dict(zip(second, first, strict=True))
    found = compared(tmp_path, first, second, contents=[{}, names])
    assert [(image.first_path, image.path) for image in found.images] == [
        (old, new) for new, old in names.items()
    ]


def test_another_file_of_the_same_name_is_another_image(tmp_path: Path):
    same = answers(4, 0)
    replaced = {"ants/000.jpg": "another photo"}
    assert compared(tmp_path, same, same, contents=[{}, replaced]).n == 3


def test_copies_within_a_run_are_paired_in_turn(tmp_path: Path):
    tested = answers(2, 0)
    copies = dict.fromkeys(tested, "one photo")
    assert compared(tmp_path, tested, tested, contents=[copies, copies]).n == 2


def test_only_images_of_both_count(tmp_path: Path):
    found = compared(tmp_path, answers(10, 0), answers(8, 4, first=4))
    assert (found.n, found.tested) == (6, (10, 12))


def test_images_with_another_label_are_left_out_and_counted(tmp_path: Path):
    first, second = answers(5, 5), answers(5, 5)
    second["ants/009.jpg"] = ("bees", "bees")  # mended: it would count as a gain of the training
    second["ants/008.jpg"] = ("", "bees")
    found = compared(tmp_path, first, second)
    assert (found.n, found.relabelled, len(found.won)) == (8, 2, 0)


def test_an_older_run_is_compared_by_its_files(tmp_path: Path):
    tested = answers(3, 2)
    for path in tested:
        (tmp_path / "images" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "images" / path).write_text(path)
    older = {"images_root": "../images"}
    found = compared(tmp_path, tested, tested, noted=[False, True], recipe=[older, {}])
    assert (found.n, found.unknown) == (5, 0)
    (tmp_path / "images" / "ants/000.jpg").unlink()
    runs = [
        make_tested_run(tmp_path / name, tested, noted=False, recipe=older) for name in ("run-3", "run-4")
    ]
    ((found,),) = (one.values() for one in compare_runs(runs[0], runs[1:]))
    assert (found.n, found.unknown) == (4, 2)


def test_files_are_looked_for_where_the_images_are_now(tmp_path: Path):
    tested = answers(2, 0)
    (tmp_path / "now/ants").mkdir(parents=True)
    for path in tested:
        (tmp_path / "now" / path).write_text(path)
    runs = [make_tested_run(tmp_path / name, tested, noted=False) for name in ("run-1", "run-2")]
    with pytest.raises(UserError, match="is not known"):
        compare_runs(runs[0], runs[1:])
    ((found,),) = (one.values() for one in compare_runs(runs[0], runs[1:], images_root=tmp_path / "now"))
    assert found.n == 2


def test_the_same_data_need_no_files(tmp_path: Path):
    tested, recipe = answers(3, 2), {"data_sha256": "0" * 64}
    found = compared(tmp_path, tested, tested, noted=[False, False], recipe=[recipe, recipe])
    assert (found.n, found.unknown) == (5, 0)


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (answers(5, 0, first=5), "no test image in common"),
        ({f"ants/{n:03}.jpg": ("bees", "bees") for n in range(5)}, "labelled differently"),
        ({}, "kept no images for testing"),
    ],
)
def test_what_cannot_be_compared_is_said(tmp_path: Path, second: dict, words: str):
    with pytest.raises(UserError, match=words) as caught:
        compared(tmp_path, answers(5, 0), second)
    assert "run-2" in caught.value.what
    assert caught.value.mend


def test_a_run_against_itself_is_refused(tmp_path: Path):
    run = make_tested_run(tmp_path / "run-1", answers(5, 0))
    with pytest.raises(UserError, match="twice"):
        compare_runs(run, [run])


def test_each_label_column_is_compared(tmp_path: Path):
    right, wrong = answers(4, 0), answers(0, 4)
    runs = [
        make_tested_run(
            tmp_path / "run-1", right, first_column="species", further={"sex": wrong, "age": right}
        ),
        make_tested_run(tmp_path / "run-2", right, first_column="species", further={"sex": right}),
        make_tested_run(tmp_path / "run-3", wrong, recipe={"label_column": "sex"}),
        make_tested_run(tmp_path / "run-4", wrong),
        make_tested_run(tmp_path / "run-5", wrong, recipe={"label_column": "weight"}),
    ]
    both, single, unnamed = compare_runs(runs[0], runs[1:4])
    assert {name: found.difference for name, found in both.items()} == {"species": 0, "sex": 1}
    assert {name: found.difference for name, found in single.items()} == {"sex": 0}
    assert {name: found.difference for name, found in unnamed.items()} == {"species": -1}
    with pytest.raises(UserError, match="no label column in common"):
        compare_runs(runs[0], runs[4:])


def test_a_difference_is_shown_only_where_interval_and_test_agree():
    assert made(12, 2, 86).is_shown
    assert not made(4, 1, 43).is_shown
    lenient = made(5, 0, 43)
    assert lenient.interval[0] > 0
    assert lenient.p_value > 0.05
    assert not lenient.is_shown
    assert made(8, 0, 40).is_shown
    assert made(0, 8, 40).is_shown
    assert not made(8, 0, 40, tries=9).is_shown, "one of nine may look so by luck"


def test_equal_classifiers_are_seldom_called_different():
    """10 000 pairs of equally good classifiers, as in the promise of 95 %."""
    random = np.random.default_rng(0)
    false = {}
    for n, differing in ((30, 0.2), (100, 0.1), (200, 0.3)):
        draws = random.multinomial(n, [differing / 2, differing / 2, 1 - differing], size=10_000)
        kinds, counts = np.unique(draws[:, :2], axis=0, return_counts=True)
        shown = [made(int(won), int(lost), n - int(won + lost)).is_shown for won, lost in kinds]
        false[n] = counts[shown].sum() / counts.sum()
    assert max(false.values()) <= 0.05
    assert min(false.values()) > 0.005, "a test that never fires would do"
