"""Size, speed and accuracy of a student beside those of its teacher."""

from __future__ import annotations

from dataclasses import replace

from tests.checks.made import judge_comparison, teacher
from tlstudio.core.finding import Finding
from tlstudio.evaluation.comparisons import Comparisons, TeacherComparison


def judged(comparison: TeacherComparison) -> Finding:
    return judge_comparison("teacher-and-student", Comparisons(teacher=comparison))


def test_all_three_are_said_in_one_sentence():
    found = judged(teacher(0.8, 0.8))
    assert found.severity == "ok"
    assert "2.0 times smaller, not quicker, and right for 80.0 % of 200 test images" in found.message
    assert "10.0 MB" in found.meaning
    assert found.numbers["n"] == 200


def test_a_student_that_is_clearly_worse_is_a_warning_with_a_mend():
    found = judged(teacher(0.6, 0.8))
    assert found.severity == "warning"
    assert "-20.0 points" in found.message
    assert "Use the teacher" in found.mend


def test_a_larger_and_slower_student_is_said_as_such():
    large = replace(teacher(0.8, 0.8), weights_bytes=60_000_000, seconds_per_1000=10.4, on_test_images=False)
    found = judged(large)
    assert "3.0 times larger, 2.0 times slower" in found.message
    assert "check images" in found.message
