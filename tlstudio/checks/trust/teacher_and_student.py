"""Check of a student: its size, speed and accuracy beside those of its teacher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent, points
from tlstudio.specs.checks.teacher_and_student import SPEC

ALIKE = 1.1
"""Two sizes or times are called about the same up to this ratio."""


class TeacherAndStudent:
    """Says what is gained in size and speed, and what is paid in accuracy."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        found = evidence.teacher_comparison
        size = _ratio(found.teacher_weights_bytes, found.weights_bytes, more="smaller", less="larger")
        speed = _ratio(found.teacher_seconds_per_1000, found.seconds_per_1000, more="quicker", less="slower")
        images = "test images" if found.on_test_images else "check images"
        numbers = {**asdict(found), "low": found.interval[0], "high": found.interval[1]}
        del numbers["interval"], numbers["on_test_images"]
        return [
            Finding(
                check=SPEC.id,
                severity="warning" if found.interval[1] < 0 else "ok",
                message=f"Beside its teacher this classifier is {size}, {speed}, and right for "
                f"{percent(found.accuracy, digits=1)} of {found.n} {images} against "
                f"{percent(found.teacher_accuracy, digits=1)} "
                f"({points(found.difference, found.interval, digits=1)}).",
                meaning=f"It takes {_megabytes(found.weights_bytes)} and "
                f"{found.seconds_per_1000:.1f} seconds for 1000 images on this computer; its teacher takes "
                f"{_megabytes(found.teacher_weights_bytes)} and "
                f"{found.teacher_seconds_per_1000:.1f} seconds.",
                mend="Use the teacher where accuracy matters more than size and speed, or give more images "
                "without a label."
                if found.interval[1] < 0
                else "",
                numbers=numbers,
            )
        ]


def _ratio(teacher: float, student: float, *, more: str, less: str) -> str:
    """Say how the student's value compares with the teacher's, e.g. "3.1 times smaller" or "not smaller"."""
    if min(teacher, student) <= 0 or max(teacher, student) <= ALIKE * min(teacher, student):
        return f"not {more}"
    return (
        f"{teacher / student:.1f} times {more}"
        if teacher > student
        else f"{student / teacher:.1f} times {less}"
    )


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


IMPLEMENTATION = TeacherAndStudent()
