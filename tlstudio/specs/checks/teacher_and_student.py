"""Spec of the check “Teacher and student”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="teacher-and-student",
    title="Teacher and student",
    summary="Puts size, speed and accuracy of a classifier beside those of the run that it learned from.",
    subject="classifier",
    needs=("evaluation", "teacher_comparison"),
)
