"""The verdict follows from accuracy, interval, chance and the largest class, whatever the numbers are."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.finding import Finding, Severity
from tlstudio.core.percent import percent, percent_range
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.verdict import USABLE, Verdict, verdict, weigh
from tlstudio.specs import CHECKS


def square(sizes: list[int], right: list[int]) -> list[list[int]]:
    """A confusion matrix with so many images of each class, so many of them right."""
    count = len(sizes)
    matrix = [[0] * count for _ in range(count)]
    for index, (size, correct) in enumerate(zip(sizes, right, strict=True)):
        matrix[index][index] += correct
        matrix[index][(index + 1) % count] += size - correct
    return matrix


def judge(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> Verdict:
    return verdict(confusion, classes, images="test images")


def names(count: int) -> list[str]:
    return [f"class-{index}" for index in range(count)]


@st.composite
def results(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    sizes = draw(st.lists(st.integers(0, 40), min_size=2, max_size=12))
    return sizes, [draw(st.integers(0, size)) for size in sizes]


@given(results())
def test_every_claim_follows_from_the_figures(result: tuple[list[int], list[int]]):
    sizes, right = result
    n = sum(sizes)
    judged = judge(square(sizes, right), names(len(sizes)))
    if not n:
        assert (judged.severity, judged.n) == ("note", 0)
        return
    interval = wilson(sum(right), n)
    chance, guessing = 1 / len(sizes), max(sizes) / n
    assert (judged.low, judged.high) == (interval.low, interval.high)
    assert (judged.chance, judged.guessing) == (chance, guessing)
    assert f"{percent(sum(right) / n, digits=1)} of {n} test images right" in judged.message
    assert f"interval {percent_range(*interval.pair)}" in judged.message
    assert judged.mend.startswith("Next, ")
    if guessing == 1:
        assert judged.severity == ("serious" if interval.low <= chance else "note")
        return
    proven = (interval.low - guessing) / (1 - guessing)
    possible = (interval.high - guessing) / (1 - guessing)
    assert (judged.severity == "ok") == (proven >= USABLE)
    assert (judged.severity == "serious") == (interval.low <= guessing)
    assert judged.message.startswith("Usable") == (judged.severity == "ok")
    assert judged.message.startswith("Not usable yet, because") == (
        interval.low <= guessing or possible < USABLE
    )
    by_chance, by_largest = percent(chance, digits=1), percent(guessing, digits=1)
    if by_chance == by_largest:
        assert judged.message.endswith(f"; chance, or always naming one class, would give {by_chance}.")
    else:
        assert f"; chance would give {by_chance}," in judged.message
        largest = f"class-{sizes.index(max(sizes))}, the largest class, {by_largest}."
        assert judged.message.endswith(f"always naming {largest}")


def test_five_percent_of_sixty_classes_is_better_than_guessing_and_not_green():
    judged = judge(square([20] * 60, [1] * 60), names(60))
    assert judged.low > judged.guessing, "it is better than both"
    assert judged.severity == "warning"
    assert judged.message.startswith("Not usable yet, because most of the mistakes remain")
    assert "5.0 % of 1200 test images right" in judged.message
    assert "would give 1.7 %." in judged.message


@pytest.mark.parametrize(
    ("sizes", "right", "severity", "words"),
    [
        ([50, 50], [48, 47], "ok", "Usable with care"),
        ([10, 10], [9, 9], "note", "Not proven yet"),
        ([50, 50], [26, 26], "serious", "cannot be told from chance"),
        ([50, 50], [5, 5], "serious", "worse than chance"),
        ([180, 20], [175, 8], "serious", "not surely better than always naming one class"),
        ([30, 0], [30, 0], "note", "are of one class"),
        ([100, 100, 100], [60, 60, 60], "warning", "most of the mistakes remain"),
    ],
)
def test_each_kind_of_verdict(sizes: list[int], right: list[int], severity: str, words: str):
    judged = judge(square(sizes, right), names(len(sizes)))
    assert judged.severity == severity
    assert words in judged.message


def test_more_tests_are_asked_for_only_when_they_are_few():
    few, many = judge(square([6, 6], [4, 4]), "ab"), judge(square([600, 600], [310, 310]), "ab")
    assert "test it on more images" in few.mend
    assert "test it on more images" not in many.mend
    assert re.fullmatch(r"Next, .+ and .+\.", many.mend)


@pytest.mark.parametrize(
    ("sizes", "steps"), [([2, 2], "add images and test it on"), ([96, 6], "add images.")]
)
def test_where_every_answer_is_right_no_wrong_image_is_to_be_looked_at(sizes: list[int], steps: str):
    judged = judge(square(sizes, sizes), "ab")
    assert judged.message.startswith("Not proven yet")
    assert judged.mend.startswith(f"Next, {steps}")
    one_wrong = judge(square([4, 4], [4, 3]), "ab")
    assert "look at the most wrong images" in one_wrong.mend


def test_without_a_matrix_nothing_is_known():
    assert judge((), ()).severity == "note"


def finding(
    check: str, severity: Severity, *, message: str = "It looks at the border.", mend: str = ""
) -> Finding:
    return Finding(check=check, severity=severity, message=message, mend=mend)


GOOD = judge(square([50, 50], [48, 47]), "ab")
POOR = judge(square([50, 50], [26, 26]), "ab")
LIMITS = next(spec.id for spec in CHECKS if spec.limits_use)
TELLS = next(spec.id for spec in CHECKS if spec.subject == "classifier" and not spec.limits_use)


def test_a_warning_is_a_reservation_about_good_figures():
    weighed = weigh(GOOD, [finding(LIMITS, "warning", mend="Crop the frame.")])
    assert weighed.severity == "warning"
    assert weighed.message == (
        f"Usable with care, with a reservation: It looks at the border. In figures: {GOOD.figures}"
    )
    assert weighed.mend == "Next: Crop the frame."


def test_a_serious_finding_forbids_use_whatever_the_figures_are():
    for judged in (GOOD, POOR):
        weighed = weigh(
            judged, [finding(LIMITS, "warning"), finding(LIMITS, "serious", message="It saw them")]
        )
        assert weighed.severity == "serious"
        assert weighed.message.startswith("Not to be trusted yet: It saw them. In figures: ")
        assert weighed.mend == judged.mend, "a finding without a mend leaves that of the figures"


@pytest.mark.parametrize(
    ("judged", "found"),
    [
        (GOOD, finding(LIMITS, "note")),
        (GOOD, finding(LIMITS, "ok")),
        (GOOD, finding(TELLS, "serious")),
        (POOR, finding(LIMITS, "warning")),
        (judge((), ()), finding(LIMITS, "serious")),
    ],
)
def test_other_findings_leave_the_verdict(judged: Verdict, found: Finding):
    assert weigh(judged, [found]) is judged
